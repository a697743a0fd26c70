"""What is wrong with a screen for somebody who does not see, point or read as its builder does.

Each function looks at the widgets that are drawn now and returns its complaints, a line each; none
is no complaint. They ask Qt what a screen reader would ask, and measure the pixels that are drawn.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollBar,
    QTabBar,
    QWidget,
)

W = TypeVar("W", bound=QWidget)
LEAST = 24
"""WCAG 2.5.8: what is clicked is so high and wide at least."""
TEXT = 4.5
"""WCAG 1.4.3: the contrast of text."""
STEPS = 5
"""A field may have so many parts that Tab visits one by one, such as those of a time."""


def complaints(screen: QWidget, *sizes: tuple[int, int]) -> list[str]:
    """All of them: as large as the screen is, or at each of these sizes."""
    if sizes:
        return [told for size in sizes for told in _resized(screen, size)]
    return [
        *nameless(screen), *clipped(screen), *small(screen), *faint(screen), *unreached(screen),
    ]  # fmt: skip


def _resized(screen: QWidget, size: tuple[int, int]) -> list[str]:
    screen.resize(*size)
    settle()
    return complaints(screen)


def nameless(screen: QWidget) -> Iterator[str]:
    """What takes the focus and has no name for a screen reader."""
    for widget in _focusable(screen):
        if not _name(widget):
            yield f"has no name: {_told(widget)}"


def clipped(screen: QWidget) -> Iterator[str]:
    """Text that does not find room, and what stands outside the screen."""
    for label in _seen(screen, QLabel):
        if not label.text() or label.property("elided"):
            continue
        if label.wordWrap():
            fits = label.heightForWidth(label.width()) <= label.height() + 1
        else:
            wanted = label.sizeHint()
            fits = wanted.width() <= label.width() + 1 and wanted.height() <= label.height() + 1
        if not fits:
            yield f"text is cut: {_told(label)}"
    for button in _seen(screen, QAbstractButton):
        if button.text() and not _inside_bar(button):
            wanted = button.minimumSizeHint()
            if wanted.width() > button.width() + 1 or wanted.height() > button.height() + 1:
                yield f"text is cut: {_told(button)}"
    for head in _seen(screen, QHeaderView):
        if head.orientation() == Qt.Orientation.Horizontal:
            yield from _cut_headings(head)
    room = screen.rect().adjusted(-2, -2, 2, 2)  # a splitter of Qt is a pixel too generous
    for widget in _focusable(screen):
        if not _scrolls(widget, screen) and not room.contains(_place(widget, screen)):
            yield f"stands outside the screen: {_told(widget)}"


def small(screen: QWidget) -> Iterator[str]:
    """What is clicked and hard to hit."""
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for widget in _seen(screen, kind):
            if _inside_bar(widget) or isinstance(widget.parent(), QAbstractSpinBox | QComboBox):
                continue
            if min(widget.width(), widget.height()) < LEAST:
                yield f"is {widget.width()} x {widget.height()}: {_told(widget)}"
    for bar in _seen(screen, QTabBar):
        for place in range(bar.count()):
            if bar.isTabVisible(place) and bar.tabRect(place).height() < LEAST:
                yield f"tab {bar.tabText(place)} is {bar.tabRect(place).height()} high"
    for view in _seen(screen, QAbstractItemView):
        model = view.model()
        if model is not None and model.rowCount() and not isinstance(view, QHeaderView):
            height = view.visualRect(model.index(0, 0)).height()
            if 0 < height < LEAST:
                yield f"rows are {height} high: {_told(view)}"


def faint(screen: QWidget) -> Iterator[str]:
    """Text that stands out too little from what it is drawn on."""
    picture = screen.grab().toImage()
    ratio = picture.devicePixelRatio()
    for widget in (*_seen(screen, QLabel), *_seen(screen, QAbstractButton)):
        if not widget.isEnabled() or not getattr(widget, "text", str)() or _inside_bar(widget):
            continue
        where = _place(widget, screen)
        if not _shown(widget, screen).contains(where):
            continue  # scrolled away, at least in part
        found = _contrast(picture, where, ratio)
        if found < TEXT - 0.05:
            yield f"contrast {found:.1f}: {_told(widget)}"


def unreached(screen: QWidget) -> Iterator[str]:
    """What Tab does not come to, and places where it stays caught."""
    wanted = [one for one in _focusable(screen) if _tabbed(one)]
    if not wanted:
        return
    # With real keys: ``nextInFocusChain`` would have PySide take what follows for a child.
    screen.window().activateWindow()
    reached: list[QWidget] = []
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(STEPS * len(wanted)):
        widget = QApplication.focusWidget()
        if widget is None or widget in reached[:-1]:
            break
        if widget not in reached:
            reached.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    for one in wanted:
        if one not in reached:
            yield f"Tab does not come to: {_told(one)}"
    for before, after in itertools.pairwise(reached):
        if before.parentWidget() is after.parentWidget():
            here, there = before.geometry(), after.geometry()
            if there.bottom() < here.top():
                yield f"Tab goes up from {_told(before)} to {_told(after)}"


def contrast(one: QColor, other: QColor) -> float:
    """Of two colours, from 1 to 21 (WCAG 2, contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# -- what is there -----------------------------------------------------------------------------


def _seen(screen: QWidget, kind: type[W]) -> list[W]:
    return [one for one in screen.findChildren(kind) if one.isVisibleTo(screen) and _lies(one)]


def _lies(widget: QWidget) -> bool:
    return widget.isVisible() and widget.width() > 0 and widget.height() > 0


def _focusable(screen: QWidget) -> list[QWidget]:
    found: list[QWidget] = _seen(screen, QWidget)
    return [one for one in found if one.isEnabled() and _tabbed(one) and not _is_part(one)]


def _tabbed(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None


def _is_part(widget: QWidget) -> bool:
    """Inner widgets of a widget of Qt, which reads and focuses them as a whole."""
    parent = widget.parentWidget()
    inner = isinstance(widget, QScrollBar | QHeaderView) or widget.objectName().startswith("qt_")
    edited = isinstance(widget, QLineEdit) and isinstance(parent, QComboBox | QAbstractSpinBox)
    # Of buttons that exclude each other only one is reached by Tab, the others by arrows.
    alone = isinstance(widget, QAbstractButton) and not widget.isChecked()
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    spare = alone and (
        isinstance(widget, QRadioButton) or (group is not None and group.exclusive())
    )
    return inner or edited or spare


def _name(widget: QWidget) -> str:
    face = QAccessible.queryAccessibleInterface(widget)
    return face.text(QAccessible.Text.Name) if face is not None else ""


def _inside_bar(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QTabBar | QScrollBar | QHeaderView | QLineEdit | QAbstractSpinBox):
            return True
        parent = parent.parentWidget()
    return False


def _scrolls(widget: QWidget, screen: QWidget) -> bool:
    from PySide6.QtWidgets import QAbstractScrollArea

    parent = widget.parentWidget()
    while parent is not None and parent is not screen:
        if isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QPlainTextEdit):
            return True
        parent = parent.parentWidget()
    return False


def _place(widget: QWidget, screen: QWidget) -> QRect:
    return QRect(widget.mapTo(screen, QPoint(0, 0)), widget.size())


def _shown(widget: QWidget, screen: QWidget) -> QRect:
    """What of it is not scrolled out of sight."""
    where = screen.rect()
    parent = widget.parentWidget()
    while parent is not None and parent is not screen:
        where &= _place(parent, screen)
        parent = parent.parentWidget()
    return where


def _cut_headings(head: QHeaderView) -> Iterator[str]:
    model = head.model()
    for section in range(head.count()):
        if head.isSectionHidden(section):
            continue
        words = model.headerData(section, Qt.Orientation.Horizontal) if model else None
        wanted = head.fontMetrics().horizontalAdvance(str(words or ""))
        if wanted > head.sectionSize(section):
            yield f"heading is cut: {words} of {_told(head.parentWidget() or head)}"


def _told(widget: QWidget) -> str:
    words = getattr(widget, "text", str)() or _name(widget)
    return f"{type(widget).__name__} {widget.objectName()} “{words[:60]}”".replace("  ", " ")


# -- what is drawn -----------------------------------------------------------------------------


def _contrast(picture: QImage, where: QRect, ratio: float) -> float:
    """The ground is the colour there is most of; the ink is what stands out from it most.

    A single pixel is no ink: letters have some of the same shade.
    """
    shades: Counter[int] = Counter()
    area = QRect(
        round(where.x() * ratio), round(where.y() * ratio),
        round(where.width() * ratio), round(where.height() * ratio),
    )  # fmt: skip
    for y in range(area.top(), area.bottom() + 1):
        for x in range(area.left(), area.right() + 1):
            shades[picture.pixel(x, y)] += 1
    if not shades:
        return 21.0
    ground = QColor(shades.most_common(1)[0][0])
    inks = [contrast(QColor(shade), ground) for shade, count in shades.items() if count >= 3]
    return max(inks, default=21.0) if len(shades) > 1 else 21.0


def _luminance(colour: QColor) -> float:
    def part(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    r, g, b = (part(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def settle() -> None:
    """Has all layouts done before anything is measured."""
    for _ in range(3):
        QApplication.processEvents()
