"""The window: PySide6 over ``engine.Engine`` and ``store.reads``, and nothing else.

What lives here: the widgets, their models, and in ``bridge`` and ``reader`` the two threads that
do what the window's own thread must not. What may not: SQL, HTTP, secrets, decisions about data.
Imported by ``__main__`` alone; the only room with Qt in it.
"""

import dataclasses
import gc
import os
import sys
from pathlib import Path

from app.compose import PRACTICE, Options

WINDOW_PAGE = 2000
"""Rows worked at a time: a longer page would hold the window up (measured)."""


def main(options: Options) -> int:
    """Shows the window until it is closed; the exit code."""
    from PySide6.QtCore import QTimer

    from app.ui import application
    from app.ui.desktop.crashes import Crashes
    from app.ui.desktop.single import Single
    from app.ui.window import Window

    settings = application.remembered()
    app = application.made(sys.argv, str(settings.value("language", "")))
    own = dataclasses.replace(options, practice=False)
    single = Single(own.folder)
    if single.tell(PRACTICE if options.practice else ""):
        return 0  # the window that is open shows itself
    application.dress(settings)
    crashes = Crashes(own.folder)
    crash = crashes.last()
    crashes.watch()
    sys.setswitchinterval(0.0005)  # the engine thread gives way ten times as often as by default
    window = Window(dataclasses.replace(options, page_size=WINDOW_PAGE), settings)
    window.faults.install()
    window.desk.start()
    single.asked.connect(window.asked_again)
    single.listen()
    if options.in_tray:
        window.start_in_tray()
    else:
        window.show()
    if crash:
        window.faults.show_last(crash)
    QTimer.singleShot(2000, window, _settle_down)
    code = app.exec()
    single.close()
    if window.session is not None:
        window.session.wait()
    sys.excepthook = sys.__excepthook__
    crashes.close()
    return code


def picture(options: Options, path: Path) -> None:
    """Draws the window with what is known now into a PNG file; nothing is synced or changed."""
    screenless = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if screenless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.ui import application

    application.draw(options, path)


def _settle_down() -> None:
    """What was made so far stays: the collector need not walk over it while a sync runs."""
    gc.collect()
    gc.freeze()
