"""The form of a record, derived from the kinds of its fields."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.engine.editing import form_word
from app.engine.told import word
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import (
    Boolean,
    Choice,
    Date,
    Elements,
    Instant,
    Kind,
    Number,
    Plain,
    Reference,
    SetOf,
    Unfit,
)
from app.text import _
from app.ui import theme
from app.ui.connectors.form import ChoiceField, Field, TextField
from app.ui.parts.label import Label

Pick = Callable[[str, Callable[[int, str], None]], None]
"""Has a person choose a record of an entity; its id and name are told."""
Titles = Mapping[int, str]


class RecordField(Field):
    """A record that is referred to: its name, and buttons that choose another or none."""

    def __init__(self, label: str, target: str, value: Plain, titles: Titles, pick: Pick) -> None:
        self.name = Label()
        self.name.setWordWrap(True)
        super().__init__(label, "", QPushButton(_("Choose…")))
        self._target, self._pick, self._titles = target, pick, dict(titles)
        said = label.replace("&", "")
        self.editor.setAccessibleName(_("Choose “{field}”").format(field=said))
        self.clear = QPushButton(_("Leave blank"))
        self.clear.setAccessibleName(_("Leave “{field}” blank").format(field=said))
        self.across.insertWidget(0, self.name, 1)
        self.across.setStretchFactor(self.editor, 0)
        self.across.addWidget(self.clear)
        self.last = self.clear
        assert isinstance(self.editor, QPushButton)
        self.editor.clicked.connect(lambda: self._pick(self._target, self._chosen))
        self.clear.clicked.connect(lambda: self.fill(None))
        self.fill(value)

    def value(self) -> Plain:
        """The id of the record; ``None`` for none."""
        return self._value

    def fill(self, value: Any) -> None:
        """Refers to another record, or to none."""
        self._value = value
        unknown = _("#{id} (not in the roster)").format(id=value)
        self.name.setText(_("(blank)") if value is None else self._titles.get(value) or unknown)
        self.editor.setAccessibleDescription(self.name.text())
        self.clear.setVisible(value is not None)
        self.changed.emit()

    def _chosen(self, record: int, name: str) -> None:
        self._titles[record] = name
        self.fill(record)
        self.touch()


class ListField(Field):
    """Several elements, each a row of fields of its own, to be added and taken out."""

    def __init__(
        self,
        label: str,
        parts: Mapping[str, Callable[[Plain], Field]],
        value: Plain,
    ) -> None:
        super().__init__(label, "", QWidget())
        self._parts = parts
        self._rows: list[tuple[list[Field], QWidget]] = []
        self._label = label.replace("&", "")
        self._inside = QVBoxLayout(self.editor)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(theme.SPACE)
        self.add = QPushButton(_("Add"))
        self.add.setAccessibleName(_("Add to “{field}”").format(field=self._label))
        self.add.clicked.connect(self._add_blank)
        below = QHBoxLayout()
        below.addWidget(self.add)
        below.addStretch(1)
        self._inside.addLayout(below)
        self.last = self.add
        self.fill(value)

    @property
    def rows(self) -> list[list[Field]]:
        """The fields of each element."""
        return [fields for fields, _row in self._rows]

    def value(self) -> Plain:
        """The elements as they are filled in; blank ones are left out."""
        told = [tuple(field.value() or None for field in fields) for fields, _ in self._rows]
        kept = [one for one in told if any(part is not None for part in one)]
        return [one[0] for one in kept] if len(self._parts) == 1 else kept

    def fill(self, value: Any) -> None:
        """Shows other elements."""
        for _fields, row in self._rows:
            row.deleteLater()
        self._rows.clear()
        for element in value or ():
            self._add_row(element if isinstance(element, tuple) else (element,))
        self.changed.emit()

    def _add_blank(self) -> None:
        self._add_row((None,) * len(self._parts))
        self._rows[-1][0][0].editor.setFocus()
        self.changed.emit()

    def _add_row(self, element: tuple[Plain, ...]) -> None:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.SPACE // 2)
        grid.setHorizontalSpacing(theme.SPACE)
        fields = [make(part) for make, part in zip(self._parts.values(), element, strict=True)]
        place = 0  # of a grid of two columns; what refers to a record takes both
        for field in sorted(fields, key=lambda one: not isinstance(one, RecordField)):
            wide = 2 if isinstance(field, RecordField) else 1
            down, across = divmod(place, 2)
            if len(fields) > 1:
                grid.addWidget(field.label, 2 * down, across)
            grid.addWidget(field, 2 * down + 1, across, 1, wide, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(across, 1)
            place += wide
            field.changed.connect(self.changed)
            field.changed.connect(self.touch)
        remove = QPushButton(_("Take out"))
        remove.setAccessibleName(
            _("Take number {n} out of “{field}”").format(n=len(self._rows) + 1, field=self._label)
        )
        one = (fields, row)
        remove.clicked.connect(partial(self._remove, one))
        if len(fields) > 1:
            last = grid.rowCount()
            grid.addWidget(remove, last, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
            grid.setRowMinimumHeight(last + 1, theme.SPACE)
        else:
            grid.addWidget(remove, 1, 2, Qt.AlignmentFlag.AlignTop)
        self._rows.append(one)
        self._inside.insertWidget(self._inside.count() - 1, row)

    def _remove(self, one: tuple[list[Field], QWidget]) -> None:
        self._rows.remove(one)
        self.add.setFocus()
        one[1].hide()
        one[1].deleteLater()
        self.touch()
        self.changed.emit()


def field_of(one: FieldType, value: Plain, titles: Titles, pick: Pick) -> Field:
    """The field of a form that a record's field is edited in."""
    return _field(_(one.label), one.kind, value, titles, pick, one.example)


def _field(
    label: str, kind: Kind, value: Plain, titles: Titles, pick: Pick, example: str = ""
) -> Field:
    match kind:
        case Elements(names, kinds):
            parts = {
                name: partial(_part, _part_label(name), part, titles, pick)
                for name, part in zip(names, kinds, strict=True)
            }
            return ListField(label, parts, value)
        case SetOf(Reference() as part):
            return ListField(label, {"": partial(_part, label, part, titles, pick)}, value)
        case SetOf():
            hint = _("Several are separated by commas.")
            return TextField(label, hint, ", ".join(map(str, value or ())))
        case Reference(target):
            return RecordField(label, target, value, titles, pick)
        case Choice(words):
            choices = {"": _("(blank)"), **{code: word(code) for code in words}}
            if value is not None:
                choices.setdefault(value, value)
            return ChoiceField(label, "", choices, value or "")
        case Boolean():
            choices = {"": _("(blank)"), "true": _("yes"), "false": _("no")}
            return ChoiceField(label, "", choices, "" if value is None else str(value).lower())
        case Number():
            return TextField(label, "", "" if value is None else f"{value:g}")
        case Date() | Instant():
            return TextField(label, _sentence(form_word(kind)), value or "")
        case _:
            return TextField(label, "", value or "")


def _part(label: str, kind: Kind, titles: Titles, pick: Pick, value: Plain) -> Field:
    return _field(label, kind, value, titles, pick)


def _part_label(name: str) -> str:
    """What a part of an element is called; the fields of records have such names, too."""
    for entity in ENTITIES.values():
        if name in entity.by_name:
            return _(entity.by_name[name].label)
    return {
        "org": _("School"),
        "role_type": _("Primary or secondary"),
        "relation": _("Relation"),
    }.get(name, name.replace("_", " ").capitalize())


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def normal(one: FieldType, field: Field) -> Plain:
    """What is filled in, in normal form; raises ``Unfit`` for what no person may give."""
    found = one.kind.normal(field.value())
    if not one.kind.plausible(found):
        raise Unfit(one.name)
    return found


def wrong(one: FieldType) -> str:
    """What a person has to give instead."""
    words = _("This has to be {form}.").format(form=form_word(one.kind))
    return (
        words
        if not one.example
        else _("{words} For example: {example}").format(words=words, example=one.example)
    )
