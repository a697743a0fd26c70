"""Changing fields of a record: only what is changed is kept, and it is said what becomes of it."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget
from shiboken6 import isValid

from app.engine import naming
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.schema import FieldType
from app.roster.values import Plain, Unfit
from app.store.profile import Profile
from app.text import _, plural, sentence
from app.ui.connectors.form import Field, Form
from app.ui.parts.dialog import Dialog
from app.ui.parts.label import Label
from app.ui.people.details import sections
from app.ui.people.fields import field_of, normal, wrong
from app.ui.people.picking import PickDialog
from app.ui.room import Said
from app.ui.session import Session
from app.ui.settings.page import section


class EditDialog(Dialog):
    """Saved by its button alone; what the SIS does not take stays a local correction."""

    saved = Signal(object)
    """``Said``, with the change set."""

    def __init__(self, parent: QWidget, session: Session, profile: Profile, at: str = "") -> None:
        row, titles = profile.detail.record, profile.detail.titles
        self._title = naming.title(row, titles)
        super().__init__(parent, _("Edit"), _("Edit “{name}”").format(name=self._title))
        self._session, self._profile = session, profile
        self._saving = False
        entity = ENTITIES[row.entity]
        self.fields: dict[str, Field] = {}
        form = Form()
        for heading, some in sections(entity, entity.fields):
            if heading:
                form.rows.addRow(section(heading))
            for one in some:
                field = field_of(one, row.values[one.name], titles, self._pick)
                self.fields[one.name] = field
                form.add(field)
        area = self._area = QScrollArea()
        area.setObjectName("form")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(form)
        self.effect = Label()
        self.effect.setWordWrap(True)
        self.effect.setProperty("quiet", True)
        self.body.addWidget(area, 1)
        self.body.addWidget(self.effect)
        self.save_button = QPushButton()
        self.save_button.setProperty("main", True)
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.save)
        cancel = QPushButton(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self.save_button)
        form.changed.connect(self._tell)
        self._tell()
        self.fit(640, 640)
        self._first = self.fields.get(at) or next(iter(self.fields.values()))
        self._first.editor.setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, RUF100
        """What is to be edited is in sight."""
        super().showEvent(event)
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self._first))

    def changed(self) -> dict[str, Plain]:
        """The fields that are filled in otherwise than they stand, as they are filled in."""
        return {one.name: self.fields[one.name].value() for one in self._changed()}

    def _changed(self) -> Iterator[FieldType]:
        row = self._profile.detail.record
        for one in ENTITIES[row.entity].fields:
            try:
                same = normal(one, self.fields[one.name]) == row.values[one.name]
            except Unfit:
                same = False
            if not same:
                yield one

    def _tell(self) -> None:
        changed = list(self._changed())
        count = len(changed)
        self.save_button.setText(
            plural("Change {n} field", "Change {n} fields", count) if count else _("Change nothing")
        )
        self.save_button.setEnabled(bool(changed) and not self._saving)
        self.effect.setText("\n".join(self._fates(changed)))

    def _fates(self, changed: list[FieldType]) -> Iterator[str]:
        """What becomes of the changes at each SIS."""
        if not changed:
            yield _("Nothing is changed yet.")
            return
        for name, takes in self._profile.takes.items():
            sent = ", ".join(_(one.label) for one in changed if one.name in takes)
            kept = ", ".join(_(one.label) for one in changed if one.name not in takes)
            if sent:
                yield _("“{name}” is told with the next sync: {fields}.").format(
                    name=name, fields=sent
                )
            if kept:
                yield _(
                    "“{name}” does not take changes of this: {fields}. It stays a local "
                    "correction, and stands on the registrar’s list."
                ).format(name=name, fields=kept)
        if not self._profile.takes:
            yield _("No SIS knows this record: the changes stay here.")

    def save(self) -> None:
        """Changes what was changed, or says what is wrong."""
        first: Field | None = None
        for one in self._changed():
            field = self.fields[one.name]
            try:
                missing = normal(one, field) is None and one.required
            except Unfit:
                field.complain(wrong(one))
                first = first or field
                continue
            if missing:
                field.complain(_("This cannot be blank."))
                first = first or field
        if first is not None:
            first.editor.setFocus()
            return
        self._saving = True
        self.save_button.setEnabled(False)
        row = self._profile.detail.record
        self._session.request(
            "edit", row.entity, row.id, self.changed(), seen=row, then=self._saved
        )

    def _saved(self, found: int | SyncError) -> None:
        if not isValid(self):
            return
        if isinstance(found, SyncError):
            self._saving = False
            self._tell()
            self.effect.setText(sentence(found.code, found.parameters))
            return
        self.saved.emit(Said(_("“{name}” was changed.").format(name=self._title), undo=found))
        self.accept()

    def _pick(self, entity: str, chosen: Callable[[int, str], None]) -> None:
        picker = PickDialog(self, self._session, entity)
        picker.chosen.connect(chosen)
        picker.open()
