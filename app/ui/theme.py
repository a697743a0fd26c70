"""Every colour and size of the window, light and dark. Nothing else here or elsewhere names one.

Text keeps a contrast of 4.5 : 1 with what it stands on; the tests measure it.
"""

from dataclasses import dataclass

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from app.text import N_

SPACE = 8
"""The unit of distance; everything stands a whole number of these apart."""
TARGET = 32
"""The height of what is clicked."""
LEAST = 24
"""What is clicked is so high at least (WCAG 2.5.8)."""
CELL = 6
"""What is left free on either side of the text of a cell."""
FRAME = 2
TITLE_BAR = 48
"""What a desktop may put around a window, in height."""
BOX = 13
"""The side of a check box."""
RADIUS = 6
SIDEBAR = 232


@dataclass(frozen=True)
class Colours:
    """One set of colours."""

    window: str
    side: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    focus: str
    chosen: str
    good: str
    active: str
    warn: str
    bad: str
    quiet: str
    band: str
    on_band: str
    note: str


LIGHT = Colours(
    window="#f5f6f8", side="#eceff3", panel="#ffffff", raised="#f5f6f8", line="#d5dbe3",
    text="#17202b", muted="#536070", accent="#1d5bb8", accent_hover="#174a97",
    on_accent="#ffffff", focus="#1d5bb8", chosen="#dce8f9", good="#136a3d", active="#1d56ae",
    warn="#875000", bad="#b3202a", quiet="#4f5b6a", band="#fdecc4", on_band="#543500",
    note="#e6eefa",
)  # fmt: skip
DARK = Colours(
    window="#14181d", side="#101418", panel="#1b2128", raised="#242b34", line="#36404b",
    text="#e8ecf1", muted="#a7b2bf", accent="#2a69c4", accent_hover="#3070cc",
    on_accent="#ffffff", focus="#7db1ff", chosen="#22364f", good="#62d196", active="#86b6ff",
    warn="#f2b44f", bad="#ff9490", quiet="#a7b2bf", band="#3d2f0c", on_band="#ffe0a3",
    note="#1d2b3f",
)  # fmt: skip

APPEARANCES = {
    "system": (N_("As the &system"), Qt.ColorScheme.Unknown),
    "light": (N_("&Light"), Qt.ColorScheme.Light),
    "dark": (N_("&Dark"), Qt.ColorScheme.Dark),
}


def remembered(settings: QSettings) -> str:
    """The appearance chosen before."""
    name = str(settings.value("appearance", "system"))
    return name if name in APPEARANCES else "system"


def use(name: str) -> None:
    """Shows the program in the appearance of that name from now on."""
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(APPEARANCES[name][1])
    _wanted[0] = name
    apply()


_wanted = ["system"]


def is_dark() -> bool:
    """True when the dark colours are in use."""
    if _wanted[0] != "system":
        return _wanted[0] == "dark"
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def colours() -> Colours:
    """The colours in use."""
    return DARK if is_dark() else LIGHT


def apply() -> None:
    """Gives the application the style, palette and style sheet of the colours in use."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    if app.style().objectName() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    c = colours()
    app.setPalette(_palette(c))
    app.setStyleSheet(_sheet(c))


def mark(widget: QWidget, name: str, on: bool) -> None:
    """Switches a property that the style sheet looks at, such as ``main`` or ``wrong``."""
    if bool(widget.property(name)) is not on:
        widget.setProperty(name, on)
        widget.style().polish(widget)


def fitting(widget: QWidget, width: int, height: int) -> QSize:
    """That size, or as much of it as the widget's screen has beside a frame and a title bar."""
    room = widget.screen().availableSize()
    return QSize(width, height).boundedTo(room - QSize(2 * FRAME, TITLE_BAR))


def large(font: QFont) -> QFont:
    """That font as a heading has it."""
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * 1.35)
    made.setWeight(QFont.Weight.DemiBold)
    return made


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for where, colour in (
        (role.Window, c.window), (role.WindowText, c.text), (role.Base, c.panel),
        (role.AlternateBase, c.raised), (role.Text, c.text), (role.Button, c.raised),
        (role.ButtonText, c.text), (role.BrightText, c.bad), (role.Highlight, c.chosen),
        (role.HighlightedText, c.text), (role.ToolTipBase, c.raised), (role.ToolTipText, c.text),
        (role.PlaceholderText, c.muted), (role.Link, c.active), (role.Mid, c.line),
        (role.Light, c.panel), (role.Midlight, c.line), (role.Dark, c.line), (role.Shadow, c.line),
        (role.Accent, c.accent),
    ):  # fmt: skip
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, where, QColor(c.muted))
    return palette


def _sheet(c: Colours) -> str:
    return f"""
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
QMenuBar {{ background: {c.side}; color: {c.text}; border-bottom: 1px solid {c.line}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {c.chosen}; }}
QMenu {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 28px 6px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.chosen}; }}
QMenu::item:disabled {{ color: {c.muted}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}

QWidget#side {{ background: {c.side}; }}
QFrame#card, QFrame#tile, QFrame#detail {{
  background: {c.panel}; border: 1px solid {c.line}; border-radius: {RADIUS + 2}px; }}
QFrame#band {{ background: {c.band}; border: none; }}
QFrame#band QLabel {{ color: {c.on_band}; }}
QFrame#band QLabel#mark {{
  background: {c.on_band}; color: {c.band}; border-radius: 4px; padding: 3px 8px; }}
QFrame#notice {{ background: {c.note}; border: 1px solid {c.line}; border-radius: {RADIUS}px; }}
QFrame#trouble {{ background: {c.panel}; border: none; border-left: 3px solid {c.bad}; }}
QLabel[quiet="true"] {{ color: {c.muted}; }}
QLabel#outcome {{ font-weight: 600; }}
QLabel#tag {{ background: {c.note}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  padding: 2px 8px; }}
QLabel[wrong="true"] {{ color: {c.bad}; }}

QPushButton {{
  background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  padding: 0 14px; min-height: {TARGET - 2}px; }}
QPushButton:hover {{ background: {c.raised}; border-color: {c.muted}; }}
QPushButton:pressed {{ background: {c.chosen}; }}
QPushButton:disabled {{ color: {c.muted}; background: {c.raised}; }}
QPushButton:focus {{ border: 2px solid {c.focus}; padding: 0 13px; min-height: {TARGET - 4}px; }}
QPushButton#small {{ padding: 0; min-width: {TARGET - 6}px; min-height: {TARGET - 6}px;
  font-weight: 600; }}
QPushButton#chip {{ background: transparent; border-radius: {TARGET // 2 - 1}px; padding: 0 12px;
  min-height: {TARGET - 4}px; }}
QPushButton#chip:hover {{ background: {c.panel}; }}
QPushButton#chip:checked {{ background: {c.chosen}; border-color: {c.accent}; }}
QPushButton#chip:focus {{ border: 2px solid {c.focus}; padding: 0 11px;
  min-height: {TARGET - 6}px; }}
QPushButton[main="true"] {{
  background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600; }}
QPushButton[main="true"]:hover {{ background: {c.accent_hover}; }}
QPushButton[main="true"]:disabled {{
  background: {c.raised}; color: {c.muted}; border-color: {c.line}; }}
QPushButton[main="true"]:focus {{ border: 2px solid {c.text}; }}
QFrame#band QPushButton {{ background: transparent; color: {c.on_band};
  border: 1px solid {c.on_band}; }}
QFrame#band QPushButton:hover {{ background: {c.panel}; color: {c.text}; }}
QFrame#band QPushButton:focus {{ border: 2px solid {c.on_band}; }}

QPushButton#choice {{ padding: 0; border-radius: {RADIUS + 2}px; }}
QPushButton#choice:checked {{ background: {c.chosen}; border: 2px solid {c.active}; }}
QPushButton#choice:focus {{ border: 2px solid {c.focus}; padding: 0; }}
QPushButton#choice QLabel:disabled {{ color: {c.muted}; }}
QLabel#key {{ background: {c.raised}; border: 1px solid {c.muted}; border-radius: 4px;
  min-width: 18px; padding: 1px 3px; font-weight: 600; }}
QLabel#mergenote {{ background: {c.note}; border-radius: {RADIUS}px; padding: 8px 12px; }}
QLabel#mergenote[loud="true"] {{ background: {c.band}; color: {c.on_band}; }}

QLineEdit, QComboBox, QAbstractSpinBox {{
  background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  padding: 0 8px; min-height: {TARGET - 2}px; selection-background-color: {c.chosen};
  selection-color: {c.text}; }}
QLineEdit:focus, QComboBox:focus, QComboBox:on, QAbstractSpinBox:focus {{
  border: 1px solid {c.focus}; }}
QComboBox {{ padding: 0 10px; }}  /* a line edit adds two of its own */
QComboBox::drop-down, QDateEdit::drop-down {{ border: none; width: {TARGET}px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QComboBox QListView {{ border-radius: 0; padding: 2px; }}
QComboBox QListView::item {{ min-height: {TARGET - 4}px; padding: 0 6px; }}
QCheckBox, QRadioButton {{ min-height: {LEAST}px; }}
QCheckBox::indicator:unchecked, QTableView::indicator:unchecked {{
  width: {BOX}px; height: {BOX}px; background: {c.panel};
  border: 1px solid {c.muted}; border-radius: 3px; }}
QCheckBox::indicator:unchecked:disabled {{ border-color: {c.line}; }}
QRadioButton::indicator:checked {{ width: {BOX}px; height: {BOX}px;
  border: 1px solid {c.focus}; border-radius: {BOX // 2 + 1}px; background: qradialgradient(
  cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 {c.focus}, stop: 0.5 {c.focus},
  stop: 0.65 {c.panel}, stop: 1 {c.panel}); }}
QRadioButton::indicator:unchecked {{ width: {BOX}px; height: {BOX}px; background: {c.panel};
  border: 1px solid {c.muted}; border-radius: {BOX // 2 + 1}px; }}
QLineEdit[wrong="true"] {{ border: 1px solid {c.bad}; }}
QLineEdit:disabled {{ background: {c.raised}; color: {c.muted}; }}
QScrollArea#form, QWidget#form {{ background: transparent; border: none; }}

QProgressBar {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 5px;
  min-height: 10px; max-height: 10px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}

QListView, QTableView, QTreeView, QPlainTextEdit {{
  background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  selection-background-color: {c.chosen}; selection-color: {c.text}; outline: 0; }}
QListView#connectors, QListView#pages, QListView#steps {{ background: transparent;
  border: 1px solid transparent; }}
QListView#steps::item {{ min-height: {TARGET}px; }}
QListView#vendors::item {{ min-height: {TARGET - 4}px; padding: 0 {SPACE}px; }}
QListView#pages::item {{ min-height: {TARGET}px; padding: 0 {SPACE}px; border-radius: {RADIUS}px; }}
QListView#pages::item:selected {{ background: {c.chosen}; color: {c.text}; }}
QListView#pages::item:disabled {{ color: {c.muted}; }}
QListView#ticks::item {{ min-height: {TARGET - 4}px; padding: 0 {SPACE}px; }}
QListView#ticks::item:selected {{ background: {c.chosen}; color: {c.text}; }}
QListView#ticks::indicator:unchecked {{ width: {BOX}px; height: {BOX}px; background: {c.panel};
  border: 1px solid {c.muted}; border-radius: 3px; }}
QTableView#streams, QPlainTextEdit#log {{ border: 1px solid transparent; border-radius: 0; }}
QListView:focus, QTableView:focus, QTreeView:focus, QPlainTextEdit:focus,
QListView#connectors:focus,
QListView#steps:focus, QListView#pages:focus, QTableView#streams:focus, QPlainTextEdit#log:focus {{
  border: 1px solid {c.focus}; }}
QTableView {{ gridline-color: transparent; }}
QTableView::item {{ padding: 0 {CELL}px; border: none; border-bottom: 1px solid {c.raised}; }}
QTableView::item:selected {{ background: {c.chosen}; color: {c.text}; }}
QTreeView::item {{ min-height: {TARGET - 6}px; border: none;
  border-bottom: 1px solid {c.raised}; }}
QTreeView::item:selected {{ background: {c.chosen}; color: {c.text}; }}
QHeaderView {{ background: {c.panel}; }}
QHeaderView::section {{ background: {c.panel}; color: {c.muted}; border: none;
  border-bottom: 1px solid {c.line}; padding: 6px 9px; }}
QTabWidget::pane {{ border: none; top: 0; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; color: {c.muted}; padding: 6px 12px; min-height: 20px;
  border: 1px solid transparent; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:focus {{ border: 1px solid {c.focus}; border-bottom: 2px solid {c.focus}; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:horizontal {{ width: 1px; background: {c.line}; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {c.line}; border-radius: 4px; margin: 2px;
  min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
