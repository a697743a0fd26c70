"""Badges as shapes: each state has its own outline, so that none is told by colour alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from app.engine.health import Badge
from app.engine.stories import OUTCOMES
from app.ui import theme


@dataclass(frozen=True)
class Look:
    """What a badge looks like: its shape, the name of its colour in the theme, its word."""

    shape: str
    colour: str
    word: str

    def ink(self) -> QColor:
        """The colour in use now."""
        return QColor(getattr(theme.colours(), self.colour))


BADGES = {
    Badge.CREDENTIALS_INVALID: Look("key", "bad", Badge.CREDENTIALS_INVALID.value),
    Badge.HEALTHY: Look("tick", "good", Badge.HEALTHY.value),
    Badge.SYNCING: Look("arrows", "active", Badge.SYNCING.value),
    Badge.NEEDS_YOU: Look("diamond", "warn", Badge.NEEDS_YOU.value),
    Badge.LATE: Look("clock", "warn", Badge.LATE.value),
    Badge.FAILING: Look("octagon", "bad", Badge.FAILING.value),
    Badge.CREDENTIALS_EXPIRING: Look("key hollow", "warn", Badge.CREDENTIALS_EXPIRING.value),
    Badge.KNOWN: Look("flag", "quiet", Badge.KNOWN.value),
    Badge.PAUSED: Look("bars", "quiet", Badge.PAUSED.value),
    Badge.NEVER_SYNCED: Look("ring", "quiet", Badge.NEVER_SYNCED.value),
}
RUNS = {
    state: Look(shape, colour, OUTCOMES[state])
    for state, shape, colour in (
        ("queued", "ring", "quiet"),
        ("running", "arrows", "active"),
        ("waiting", "diamond", "warn"),
        ("completed", "tick", "good"),
        ("warnings", "triangle", "warn"),
        ("failed", "octagon", "bad"),
        ("cancelled", "square", "quiet"),
        ("interrupted", "bars", "quiet"),
        ("approval", "tick", "quiet"),
        ("refusal", "tick", "quiet"),
        ("answered", "tick", "quiet"),
        ("done", "tick", "quiet"),
        ("unfinished", "bars", "warn"),
    )
}


def of_run(state: str) -> Look:
    """The look of a run in that state, or of how another change set ended."""
    return RUNS.get(state) or Look("ring", "quiet", state)


def paint(painter: QPainter, where: QRectF, look: Look) -> None:
    """Draws the shape into the square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.topLeft())
    painter.scale(where.width() / 20, where.height() / 20)
    ink = look.ink()
    hole = QColor(theme.colours().panel)
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    _SHAPES[look.shape](painter, _pen(ink), _pen(hole))
    painter.restore()


def icon(look: Look, size: int = 16) -> QIcon:
    """The shape as an icon in the colours in use."""
    return _icon(look, size, theme.is_dark())


def emblem() -> QIcon:
    """The icon of the program: what goes to and fro between a SIS and this computer."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        drawing = QPixmap(side, side)
        drawing.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawing)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.LIGHT.accent))
        painter.drawRoundedRect(drawing.rect(), side / 5, side / 5)
        edge = side / 6
        inner = QRectF(drawing.rect()).adjusted(edge, edge, -edge, -edge)
        paint(painter, inner, Look("arrows", "on_accent", ""))
        painter.end()
        made.addPixmap(drawing)
    return made


@cache
def _icon(look: Look, size: int, dark: bool) -> QIcon:
    made = QIcon()
    for ratio in (1, 2, 3):
        drawing = QPixmap(size * ratio, size * ratio)
        drawing.setDevicePixelRatio(ratio)
        drawing.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawing)
        paint(painter, QRectF(0, 0, size, size), look)
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            made.addPixmap(drawing, mode)
    return made


def _pen(colour: QColor) -> QPen:
    return QPen(
        colour, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _exclamation(p: QPainter, hole: QPen, top: float) -> None:
    p.setPen(hole)
    p.drawLine(QPointF(10, top), QPointF(10, top + 4.5))
    p.drawPoint(QPointF(10, top + 8.2))


def _tick(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawEllipse(QRectF(1, 1, 18, 18))
    p.setPen(hole)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawPolyline(_polygon((5.8, 10.4), (8.8, 13.4), (14.4, 7.2)))


def _octagon(p: QPainter, ink: QPen, hole: QPen) -> None:
    near, far = 6.2, 13.8
    p.drawPolygon(
        _polygon((near, 1), (far, 1), (19, near), (19, far), (far, 19), (near, 19), (1, far),
                 (1, near))
    )  # fmt: skip
    p.setPen(hole)
    p.drawLine(QPointF(7, 7), QPointF(13, 13))
    p.drawLine(QPointF(13, 7), QPointF(7, 13))


def _diamond(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawPolygon(_polygon((10, 0), (20, 10), (10, 20), (0, 10)))
    _exclamation(p, hole, 5.4)


def _triangle(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawPolygon(_polygon((10, 1), (19.6, 18.4), (0.4, 18.4)))
    _exclamation(p, hole, 7.2)


def _clock(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(ink)
    p.drawEllipse(QRectF(2, 2, 16, 16))
    p.drawPolyline(_polygon((10, 6), (10, 10.4), (13.2, 12.2)))


def _arrows(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(ink)
    box = QRectF(3, 3, 14, 14)
    p.drawArc(box, 20 * 16, 130 * 16)
    p.drawArc(box, 200 * 16, 130 * 16)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink.color())
    p.drawPolygon(_polygon((13.2, 8.6), (19.4, 8.6), (17.6, 3.2)))
    p.drawPolygon(_polygon((6.8, 11.4), (0.6, 11.4), (2.4, 16.8)))


def _bars(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawRoundedRect(QRectF(4, 3, 4.4, 14), 1.4, 1.4)
    p.drawRoundedRect(QRectF(11.6, 3, 4.4, 14), 1.4, 1.4)


def _key(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawEllipse(QRectF(0.5, 5, 10, 10))
    p.setPen(ink)
    p.drawPolyline(_polygon((9, 10), (18.5, 10), (18.5, 13.6)))
    p.drawLine(QPointF(14.4, 10), QPointF(14.4, 12.8))
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(hole.color())
    p.drawEllipse(QRectF(3.6, 8.1, 3.8, 3.8))


def _key_hollow(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.setPen(ink)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawEllipse(QRectF(1.5, 6, 8, 8))
    p.drawPolyline(_polygon((9.5, 10), (18.5, 10), (18.5, 13.6)))
    p.drawLine(QPointF(14.4, 10), QPointF(14.4, 12.8))


def _flag(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawPolygon(_polygon((5, 2.4), (17.4, 2.4), (14, 6.8), (17.4, 11.2), (5, 11.2)))
    p.setPen(ink)
    p.drawLine(QPointF(4.4, 2.4), QPointF(4.4, 18.2))


def _square(p: QPainter, ink: QPen, hole: QPen) -> None:
    p.drawRoundedRect(QRectF(3, 3, 14, 14), 2.5, 2.5)


def _ring(p: QPainter, ink: QPen, hole: QPen) -> None:
    path = QPainterPath()
    path.addEllipse(QRectF(3, 3, 14, 14))
    p.setBrush(Qt.BrushStyle.NoBrush)
    dashed = QPen(ink)
    dashed.setDashPattern([1.6, 1.9])
    p.setPen(dashed)
    p.drawPath(path)


_SHAPES: dict[str, Callable[[QPainter, QPen, QPen], None]] = {
    "tick": _tick,
    "octagon": _octagon,
    "diamond": _diamond,
    "triangle": _triangle,
    "clock": _clock,
    "arrows": _arrows,
    "bars": _bars,
    "key": _key,
    "key hollow": _key_hollow,
    "flag": _flag,
    "square": _square,
    "ring": _ring,
}
