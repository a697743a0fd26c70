"""When a window is first painted, counted from when its program was started.

Ours, opened on a database that holds a district; or an empty one, which is what Python and PySide6
take by themselves: nothing of ours is imported before the window needs it. The clock is the
computer's, so whoever starts this process can take the difference.
"""

import json
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget


class FirstPaint(QObject):
    """Calls ``then`` when a window has been painted for the first time."""

    def __init__(self, app: QApplication, then: Callable[[QWidget], None]) -> None:
        super().__init__(app)
        self._app, self._then = app, then
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, RUF100
        """Looks for the paint event of a whole window, and lets everything through."""
        if (
            event.type() == QEvent.Type.Paint
            and isinstance(watched, QWidget)
            and watched.isWindow()
        ):
            self._app.removeEventFilter(self)
            # Once the event loop is back, the window's parts are painted, too.
            QTimer.singleShot(0, self, lambda: self._then(watched))
        return False


def empty() -> None:
    """An empty window, of the same size as ours."""
    app = QApplication([])
    window = QMainWindow()
    window.resize(1160, 760)

    def painted(_window: QWidget) -> None:
        print(json.dumps({"painted": time.monotonic()}))
        app.quit()

    FirstPaint(app, painted)
    window.show()
    app.exec()


def ours(folder: str) -> None:
    """Our window on this data folder, by the program's own front door."""
    from app import __main__ as program
    from app.ui import application
    from app.ui.window import Window

    # What the window remembers of its user is neither used nor changed.
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
    app = application.made()

    def painted(window: QWidget) -> None:
        assert isinstance(window, Window)
        at = time.monotonic()

        def settled() -> None:
            print(json.dumps({"painted": at, "settled": time.monotonic()}))
            window.close()

        window.settled.connect(settled, Qt.ConnectionType.SingleShotConnection)

    FirstPaint(app, painted)
    program.main(["--data-dir", folder])


if __name__ == "__main__":
    ours(sys.argv[1]) if len(sys.argv) > 1 else empty()
