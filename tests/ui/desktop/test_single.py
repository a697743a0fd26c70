"""One window a data folder."""

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.ui.desktop.single import Single

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.desktop.single import Single
app = QCoreApplication([])
print(Single(Path(sys.argv[1])).tell(sys.argv[2]))
"""
KILLED = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.desktop.single import Single
app = QCoreApplication([])
assert Single(Path(sys.argv[1])).listen()
os._exit(9)
"""


def second(script: str, folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, str(folder), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_second_start_is_heard_by_the_first(qtbot: QtBot, tmp_path: Path):
    """What the second was started with arrives, and the second is told that it is not needed."""
    first = Single(tmp_path)
    assert first.listen()
    with qtbot.waitSignal(first.asked, timeout=20_000) as heard:
        process = second(SECOND, tmp_path, "practice")
    answer, _ = process.communicate(timeout=20)
    assert heard.args == ["practice"]
    assert answer.strip() == "True"
    first.close()


def test_another_folder_has_a_window_of_its_own(qtbot: QtBot, tmp_path: Path):
    """Nobody answers for a folder that is not open."""
    first = Single(tmp_path / "one")
    assert first.listen()
    assert not Single(tmp_path / "two").tell("")
    first.close()


def test_what_a_killed_program_left_is_no_obstacle(qtbot: QtBot, tmp_path: Path):
    """After a kill the next start finds nobody, and can be found itself."""
    second(KILLED, tmp_path).communicate(timeout=20)
    next_ = Single(tmp_path)
    assert not next_.tell("")
    assert next_.listen()
    next_.close()
