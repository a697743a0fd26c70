"""A form of labelled fields; those of a connector derive wholly from what its kind declares."""

from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.connectors.contract import Declared, Kind, declared
from app.text import _
from app.ui import theme
from app.ui.parts.label import Label


class Field(QWidget):
    """One thing to fill in: its editor, and under it a hint or what is wrong."""

    changed = Signal()

    def __init__(self, label: str, hint: str, editor: QWidget) -> None:
        super().__init__()
        self.editor = editor
        self.last = editor
        """What the Tab key leaves it from."""
        self.touched = False
        """A person has filled it in."""
        self.hint = hint
        self.label = Label(label)
        self.label.setBuddy(editor)
        self.label.setFixedHeight(max(theme.TARGET, self.label.sizeHint().height()))
        self.under = Label()
        self.under.setWordWrap(True)
        self.under.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        editor.setAccessibleName(label.replace("&", ""))
        editor.setMinimumHeight(theme.TARGET)
        self.across = QHBoxLayout()
        self.across.setSpacing(theme.SPACE)
        self.across.addWidget(editor, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self.across)
        layout.addWidget(self.under)
        self.changed.connect(self.praise)
        self.praise()

    def value(self) -> Any:
        """What is filled in."""
        raise NotImplementedError

    def fill(self, value: Any) -> None:
        """Fills it in, as if nobody had."""
        raise NotImplementedError

    def touch(self) -> None:
        """What is filled in is what a person wants."""
        self.touched = True

    def suggest(self, hint: str) -> None:
        """Gives another hint."""
        self.hint = hint
        self.praise()

    def praise(self) -> None:
        """Nothing is wrong: the hint stands under the editor."""
        self._under(self.hint, wrong=False)

    def complain(self, words: str) -> None:
        """Says what is wrong, until something else is filled in."""
        self._under(words, wrong=True)

    @property
    def wrong(self) -> bool:
        """True from a complaint on until something else is filled in."""
        return bool(self.under.property("wrong"))

    def _under(self, words: str, *, wrong: bool) -> None:
        self.under.setText(words)
        self.under.setVisible(bool(words))
        self.editor.setAccessibleDescription(words)
        for widget, name, on in (
            (self.under, "wrong", wrong),
            (self.under, "quiet", not wrong),
            (self.editor, "wrong", wrong),
        ):
            theme.mark(widget, name, on)


class TextField(Field):
    """A line of text; what was pasted with it by mistake, blanks around it, does not count."""

    editor: QLineEdit

    def __init__(self, label: str, hint: str = "", text: str = "") -> None:
        super().__init__(label, hint, QLineEdit(text))
        self.editor.textChanged.connect(self.changed)
        self.editor.textEdited.connect(self.touch)

    def value(self) -> str:
        """The text."""
        return self.editor.text().strip()

    def fill(self, value: Any) -> None:
        """Puts another text in."""
        self.editor.setText(str(value))


class NumberField(TextField):
    """A number; left blank it is the usual one."""

    def __init__(self, label: str, hint: str, number: int, usual: int) -> None:
        super().__init__(label, hint, str(number))
        self._usual = usual

    def value(self) -> str:
        """The number as it was typed, so that what is none can be told."""
        return super().value() or str(self._usual)


class PathField(TextField):
    """A file or a folder, typed, pasted or looked for."""

    def __init__(self, label: str, hint: str = "", text: str = "") -> None:
        super().__init__(label, hint, text)
        self.browse = QPushButton(_("Browse…"))
        self.browse.setAccessibleName(_("Look for “{label}”").format(label=label))
        menu = QMenu(self.browse)
        menu.addAction(_("A &folder…"), lambda: self._look(QFileDialog.FileMode.Directory))
        menu.addAction(_("A &ZIP file…"), lambda: self._look(QFileDialog.FileMode.ExistingFile))
        self.browse.setMenu(menu)
        self.across.addWidget(self.browse)
        self.last = self.browse

    def _look(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, self.editor.accessibleName(), self.value())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setNameFilter(_("ZIP files (*.zip)"))
        dialog.fileSelected.connect(self._found)
        dialog.open()

    def _found(self, path: str) -> None:
        self.fill(path)
        self.touch()


class SecretField(TextField):
    """A line that shows dots, and what was typed as long as *Show* is pressed in."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.editor.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.reveal = QPushButton(_("Show"))
        self.reveal.setCheckable(True)
        self.reveal.setAccessibleName(_("Show what is typed as “{label}”").format(label=label))
        self.reveal.toggled.connect(self._reveal)
        self.across.addWidget(self.reveal)
        self.last = self.reveal

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.editor.setEchoMode(mode)
        self.reveal.setText(_("Hide") if shown else _("Show"))


def draw_arrow(widget: QWidget) -> None:
    """Draws the arrow of what drops down, where reading ends."""
    colours = theme.colours()
    pen = QPen(QColor(colours.text if widget.isEnabled() else colours.muted), 1.6)
    right = widget.layoutDirection() == Qt.LayoutDirection.LeftToRight
    x = widget.width() - theme.TARGET / 2 if right else theme.TARGET / 2
    middle = QPointF(x, widget.height() / 2)
    arrow = [middle + QPointF(x, y) for x, y in ((-4, -2), (0, 2), (4, -2))]
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawPolyline(arrow)
    painter.end()


class Choices(QComboBox):
    """A combo box in our colours."""

    def __init__(self) -> None:
        super().__init__()
        self.setView(QListView())  # the usual one does not take the height of the style sheet

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, RUF100
        """Draws the arrow, for which a style sheet would need a file of each colour."""
        super().paintEvent(event)
        draw_arrow(self)


class ChoiceField(Field):
    """One of several values, each shown by its words."""

    editor: QComboBox

    def __init__(self, label: str, hint: str, choices: Mapping[str, str], chosen: str) -> None:
        super().__init__(label, hint, Choices())
        for value, words in choices.items():
            self.editor.addItem(words, value)
        self.fill(chosen)
        self.editor.currentIndexChanged.connect(self.changed)
        self.editor.activated.connect(self.touch)

    def value(self) -> str:
        """The value chosen."""
        return str(self.editor.currentData())

    def fill(self, value: Any) -> None:
        """Chooses another; the first where there is no such."""
        self.editor.setCurrentIndex(max(0, self.editor.findData(value)))


class SwitchField(Field):
    """Yes or no."""

    editor: QCheckBox

    def __init__(self, label: str, hint: str, *, on: bool) -> None:
        super().__init__("", hint, QCheckBox(label))
        self.editor.setAccessibleName(label)
        self.editor.setChecked(on)
        self.editor.toggled.connect(self.changed)
        self.editor.clicked.connect(self.touch)

    def value(self) -> bool:
        """Whether it is on."""
        return self.editor.isChecked()

    def fill(self, value: Any) -> None:
        """Switches it on or off."""
        self.editor.setChecked(bool(value))


class Fold(Field):
    """A button that shows seldom needed fields under it, and hides them again."""

    editor: QPushButton

    def __init__(self) -> None:
        super().__init__("", "", QPushButton())
        self.editor.setCheckable(True)
        self.across.setStretchFactor(self.editor, 0)
        self.across.addStretch(1)
        self.editor.toggled.connect(self._turn)
        self._turn(False)

    def _turn(self, open_: bool) -> None:
        words = _("Fe&wer settings") if open_ else _("&More settings")
        self.editor.setText(words)
        self.editor.setAccessibleName(words.replace("&", ""))
        self.changed.emit()


class Form(QWidget):
    """Fields under each other, their labels beside them, or above them where it is narrow."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("form")
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setHorizontalSpacing(2 * theme.SPACE)
        self.rows.setVerticalSpacing(theme.SPACE + 2)
        self.rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, field: Field, *, before: Field | None = None) -> None:
        """One more field, before another or at the end."""
        place = -1
        if before is not None:
            place, _role = cast(tuple[int, object], self.rows.getWidgetPosition(before))
        self.rows.insertRow(place, field.label, field)
        if before is not None:
            QWidget.setTabOrder(field.last, before.editor)
        field.changed.connect(self.changed)

    def remove(self, field: Field) -> None:
        """Takes a field out."""
        self.rows.removeRow(field)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, RUF100
        """Has the rows measured again: they may have been as high as they were before."""
        super().resizeEvent(event)
        self.rows.invalidate()

    def show_field(self, field: Field, shown: bool) -> None:
        """Shows or hides a field, with its label and the room it takes."""
        self.rows.setRowVisible(field, shown)


def shown_settings(kind: Kind) -> dict[str, Declared]:
    """The settings of a kind that have a field, by name: one that leaves no choice has none."""
    return {one.name: one for one in declared(kind) if len(one.about.choices) != 1}


def switches(kind: Kind) -> tuple[str, ...]:
    """The settings of a kind that say what of its records is read, and what is written."""
    return tuple(
        name
        for name, one in shown_settings(kind).items()
        if not one.about.advanced and {"off", "read"} & set(one.about.choices)
    )


def setting_fields(kind: Kind, settings: Mapping[str, Any]) -> dict[str, Field]:
    """The fields of a kind's settings, by name."""
    return {
        name: _field(one, settings.get(name, one.default))
        for name, one in shown_settings(kind).items()
    }


def secret_fields(kind: Kind) -> dict[str, SecretField]:
    """The fields of a kind's secrets, by key; they begin blank, whatever is kept."""
    return {secret.key: SecretField(_(secret.label)) for secret in kind.secrets}


def _field(one: Declared, value: Any) -> Field:
    label, hint = _(one.about.label), _(one.about.hint)
    if one.about.choices:
        choices = {choice: _(one.about.label_of(choice)) for choice in one.about.choices}
        return ChoiceField(label, hint, choices, str(value))
    if one.type is bool:
        return SwitchField(label, hint, on=bool(value))
    if one.type is int and one.default is not None:
        return NumberField(label, hint, value, one.default)
    if one.about.path:
        return PathField(label, hint, str(value or ""))
    return TextField(label, hint, "" if value is None else str(value))
