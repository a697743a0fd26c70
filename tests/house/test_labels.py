"""Names are never taken for HTML: the window's words go through one label."""

import re
from pathlib import Path

import app

UI = Path(app.__file__).parent / "ui"
LABEL = UI / "parts" / "label.py"


def test_no_label_of_qt_guesses_whether_a_name_is_html():
    """``QLabel`` is made in one module alone, which switches that off."""
    found = [
        f"{path.relative_to(UI)}: {line.strip()}"
        for path in UI.rglob("*.py")
        if path != LABEL
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bQLabel\(|class \w+\(QLabel\)", line)
    ]
    assert found == []
