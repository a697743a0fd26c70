"""What settings are made of beside text and choices: shares, numbers, days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QDate
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QDateEdit,
    QDoubleSpinBox,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.text import _
from app.ui.connectors.form import Field, Form, draw_arrow
from app.ui.parts.dialog import Dialog
from app.ui.parts.simple import button
from app.ui.settings.page import spaced


class ShareField(Field):
    """A share from 0 to 1, shown as a percentage."""

    editor: QDoubleSpinBox

    def __init__(self, label: str, hint: str = "", share: float = 0.0) -> None:
        super().__init__(label, hint, spaced(QDoubleSpinBox()))
        self.editor.setRange(0, 100)
        self.editor.setDecimals(1)
        self.editor.setSuffix(" %")
        self.fill(share)
        self.editor.valueChanged.connect(self.changed)

    def value(self) -> float:
        """The share."""
        return round(self.editor.value() / 100, 4)

    def fill(self, value: Any) -> None:
        """Puts another in."""
        self.editor.setValue(100 * float(value))


class CountField(Field):
    """A whole number."""

    editor: QSpinBox

    def __init__(
        self, label: str, hint: str = "", count: int = 0, least: int = 0, most: int = 1_000_000
    ) -> None:
        super().__init__(label, hint, spaced(QSpinBox()))
        self.editor.setRange(least, most)
        self.fill(count)
        self.editor.valueChanged.connect(self.changed)

    def value(self) -> int:
        """The number."""
        return self.editor.value()

    def fill(self, value: Any) -> None:
        """Puts another in."""
        self.editor.setValue(int(value))


class _Day(QDateEdit):
    """A day, typed or chosen from a calendar."""

    def __init__(self) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        self.setDisplayFormat("d MMM yyyy")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, RUF100
        """Draws the arrow of the calendar."""
        super().paintEvent(event)
        draw_arrow(self)


class DayField(Field):
    """A day of this computer's calendar."""

    editor: _Day

    def __init__(self, label: str, hint: str = "", day: date | None = None) -> None:
        super().__init__(label, hint, _Day())
        self.fill(day or datetime.now().astimezone().date())
        self.editor.dateChanged.connect(self.changed)

    def value(self) -> date:
        """The day."""
        found = self.editor.date()
        return date(found.year(), found.month(), found.day())

    def fill(self, value: Any) -> None:
        """Puts another in."""
        self.editor.setDate(QDate(value.year, value.month, value.day))


def begins(day: date) -> datetime:
    """The instant at which a day begins on this computer's clock."""
    return datetime(day.year, day.month, day.day).astimezone()


def over(day: date) -> datetime:
    """The instant at which a day is over."""
    return begins(day + timedelta(days=1))


class FormDialog(Dialog):
    """Fields under a title, and a button that says what it does with them."""

    def __init__(
        self, parent: QWidget, title: str, words: str, effect: str, do: Callable[[], bool | None]
    ) -> None:
        super().__init__(parent, title, title, words)
        self._do = do
        self.form = Form()
        self.body.addWidget(self.form)
        self.close_button = QPushButton(_("Cancel"))
        self.do_button = button(effect, main=True)
        self.do_button.setDefault(True)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        self.buttons.addWidget(self.do_button)
        self.close_button.clicked.connect(self.reject)
        self.do_button.clicked.connect(self._done)

    def add(self, *fields: Field) -> None:
        """Adds fields, in this order; the first has the focus."""
        for field in fields:
            self.form.add(field)
        fields[0].editor.setFocus()

    def open(self) -> None:
        """Opens it as high as what stands in it."""
        layout = self.layout()
        assert layout is not None
        self.body.addStretch(1)
        wide = 560
        needed = max(layout.totalHeightForWidth(wide), layout.totalSizeHint().height())
        self.fit(wide, needed + 2 * self.fontMetrics().lineSpacing())
        super().open()

    def _done(self) -> None:
        """Closes, unless it was not done."""
        if self._do() is not False:
            self.accept()
