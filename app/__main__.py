"""The window without a command, otherwise the command line; nothing else.

The rooms are loaded inside ``main``, so that Ctrl-C in the first moments ends quietly, too.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.compose import Options


def _window(options: "Options") -> int:
    """Opens the window; Qt is loaded only here."""
    from app import ui

    return ui.main(options)


def _picture(options: "Options", path: "Path") -> None:
    """Draws the window as it would look now into a PNG file, without a display."""
    from app import ui

    ui.picture(options, path)


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Runs the program; the exit code."""
    try:
        from app import cli

        return cli.main(
            list(sys.argv[1:] if arguments is None else arguments), window=_window, picture=_picture
        )
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
