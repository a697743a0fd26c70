"""The window without a command, otherwise the command line; nothing else."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app import cli
from app.compose import Options


def _window(options: Options) -> int:
    """Opens the window; Qt is loaded only here."""
    from app import ui

    return ui.main(options)


def _picture(options: Options, path: Path) -> None:
    """Draws the window as it would look now into a PNG file, without a display."""
    from app import ui

    ui.picture(options, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program; the exit code."""
    return cli.main(
        list(sys.argv[1:] if arguments is None else arguments), window=_window, picture=_picture
    )


if __name__ == "__main__":
    sys.exit(main())
