"""An own value, typed where it will stand."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyleOptionViewItem, QTableView, QWidget

from app.engine.told import word
from app.roster.entities import ENTITIES
from app.roster.values import Boolean, Choice
from app.text import _
from app.ui import theme
from app.ui.merge.model import GridModel, Index
from app.ui.merge.paint import Painter
from app.ui.merge.sheet import Row, Side


class Editing(Painter):
    """The editor of an own value: it stays open, and loses nothing, until the value fits."""

    taken = Signal(object, str)
    """A value that fits was typed, for that ``Row``."""

    def __init__(self, grid: QTableView) -> None:
        super().__init__(grid)
        self._row: Row | None = None
        """Of the editor that is open: another row may be chosen meanwhile."""
        self.check: Callable[[Row, str], str] = lambda row, text: ""
        """Says what is wrong with a text for a row, or nothing."""
        self.wrong: Callable[[str], None] = lambda words: None
        """Shows what is wrong."""

    def createEditor(  # noqa: N802, RUF100
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        """A line; where there are words to choose from, a list that one may type into."""
        row = self._row = _row(index)
        assert row.asked is not None
        kind = ENTITIES[row.asked.entity].by_name[row.name].kind
        if isinstance(kind, Choice | Boolean):
            box = QComboBox(parent)
            box.setEditable(isinstance(kind, Choice))
            if isinstance(kind, Choice):
                for code in kind.words:
                    box.addItem(word(code), code)
            else:
                box.addItem(_("yes"), "true")
                box.addItem(_("no"), "false")
            editor: QWidget = box
        else:
            editor = QLineEdit(parent)
        editor.setAccessibleName(_("Own value for {field}").format(field=row.label))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802, RUF100
        """Begins with what would stand there, or with ours."""
        text = str(index.data(Qt.ItemDataRole.EditRole)) or _row(index).cells[Side.OURS].text
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.selectAll()

    def setModelData(  # noqa: N802, RUF100
        self, editor: QWidget, model: QAbstractItemModel, index: Index
    ) -> None:
        """Hands the value over; it fits."""
        self.taken.emit(_row(index), _text(editor))

    def updateEditorGeometry(  # noqa: N802, RUF100
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Over the value."""
        rect = option.rect.adjusted(2, 2, -2, -2)
        rect.setHeight(min(rect.height(), theme.TARGET + 2))
        editor.setGeometry(rect)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """Only what fits is handed over; the rest stays in the editor, to be mended."""
        if isinstance(editor, QWidget) and self._row is not None:
            entered = (
                event.type() is QEvent.Type.KeyPress
                and isinstance(event, QKeyEvent)
                and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
            )
            if entered or event.type() is QEvent.Type.FocusOut:
                wrong = self.check(self._row, _text(editor))
                theme.mark(editor, "wrong", bool(wrong))
                self.wrong(wrong)
                if wrong:
                    return entered
        return super().eventFilter(editor, event)


def _row(index: Index) -> Row:
    model = index.model()
    assert isinstance(model, GridModel)
    row = model.rows[index.row()]
    assert row is not None
    return row


def _text(editor: QWidget) -> str:
    if isinstance(editor, QComboBox):
        text = editor.currentText()
        return str(editor.itemData(place)) if (place := editor.findText(text)) >= 0 else text
    return editor.text() if isinstance(editor, QLineEdit) else ""
