"""Address and credentials, tried out before anything else is asked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QPushButton

from app.text import N_
from app.ui.connectors.filling import Filling
from app.ui.connectors.vendor import has_versions
from app.ui.first.step import NEXT, Step

ANYWAY = N_("Go on anyway")
NAME = " name"
"""Under this word a draft has the name of the connector; no setting is called so."""


class ConnectStep(Step):
    """The form of the connector, but for what is asked on the next page."""

    title = N_("Address and credentials")
    scrolls = True
    question = N_("Where is it, and how does this program get in?")
    words = N_(
        "Fill in what your vendor gave you, and test the connection: then you can go on. Nothing "
        "is read yet, and nothing is ever changed at your SIS unless you ask for it."
    )

    def __init__(self) -> None:
        super().__init__()
        self.filling: Filling | None = None
        self._of: object = None
        self._going_on = False

    def enter(self) -> None:
        """The form of the SIS that was chosen; what was typed into it before is still there."""
        setup = self.setup
        of = (setup.session, setup.kind, setup.vendor)
        if self._of == of:
            return
        self.forget()
        self._of, kind = of, setup.kinds[setup.kind]
        filling = self.filling = setup.filling = Filling(
            setup.session.request, {kind.name: kind}, setup.taken, setup.facts,
            guided=True,
        )  # fmt: skip
        if filling.vendor is not None:
            filling.vendor.fill(setup.vendor)
            if setup.vendor and not has_versions(kind):
                filling.vendor.settle()
        fill(filling, setup.draft or {})
        filling.changed.connect(self.changed)
        filling.saved.connect(self._saved)
        self.body.addWidget(filling, 1)

    def forget(self) -> None:
        """Nothing of what was typed stays."""
        if self.filling is not None:
            self.filling.give_up()
            for widget in (self.filling, *self.buttons):
                widget.setParent(None)
                widget.deleteLater()
        self.filling = self._of = None

    def leave(self) -> None:
        """A test that is under way stops."""
        self._going_on = False
        if self.filling is not None and self.filling.busy:
            self.filling.stop_button.click()

    def start(self) -> None:
        """In the first field."""
        if self.filling is not None:
            self.filling.start()

    @property
    def next_words(self) -> str:
        """It is said when it is known that it cannot work."""
        return NEXT if self.filling is None or self.filling.works else ANYWAY

    @property
    def ready(self) -> bool:
        """It was tested, whatever came of it."""
        return self.filling is not None and self.filling.tested and not self.filling.busy

    @property
    def why_not(self) -> str:
        """What is to be done first."""
        busy = self.filling is not None and self.filling.busy
        return "" if self.ready or busy else N_("Test the connection first.")

    def go_on(self) -> None:
        """Stores it, unless that was done."""
        assert self.filling is not None
        if self.filling.stored:
            self.done.emit()
        else:
            self._going_on = True
            self.filling.save()

    @property
    def buttons(self) -> Sequence[QPushButton]:
        """*Test connection*, and *Stop* while that takes its time."""
        filling = self.filling
        return () if filling is None else (filling.test_button, filling.stop_button)

    @property
    def main(self) -> QPushButton | None:
        """*Test connection*, until that went well."""
        filling = self.filling
        if filling is None or (filling.tested and filling.works):
            return None
        return filling.test_button

    def _saved(self, name: str) -> None:
        self.setup.name = name
        if self._going_on:
            self._going_on = False
            self.done.emit()


def fill(filling: Filling, draft: Mapping[str, Any]) -> None:
    """Fills in what was typed before; of a secret nothing was kept."""
    for name, value in draft.items():
        field = filling.name if name == NAME else filling.settings.get(name)
        if field is not None:
            field.fill(value)
            field.touch()


_WITH_MORE = re.compile(r"/.*[@?#]")
"""An address with a user's name, a query or a fragment."""


def drafted(filling: Filling) -> dict[str, Any]:
    """What a person has filled in, but for secrets, and addresses in which one may stand."""
    fields = {NAME: filling.name, **filling.settings}
    touched = {name: field.value() for name, field in fields.items() if field.touched}
    return {name: value for name, value in touched.items() if not _WITH_MORE.search(str(value))}
