"""Whether the program starts when the person signs in: where each system keeps that.

Linux: a desktop entry in the autostart folder (freedesktop.org, Desktop Application Autostart
Specification). Windows: a value under the user's Run key. macOS: a launch agent of the user.
"""

import os
import plistlib
import shlex
import sys
from pathlib import Path
from typing import Protocol

from app.errors import StoreError

NAME = "mindkindler-sync"
_AGENT = "org.mindkindler.sync"


class Autostart(Protocol):
    """One system's way."""

    def is_on(self) -> bool:
        """Whether it is set to start."""
        ...

    def set(self, on: bool) -> None:
        """Sets it; raises ``StoreError`` where the system does not let it."""
        ...


def of_this_system() -> Autostart:
    """The way of this system."""
    command = _command()
    if sys.platform == "win32":
        return _RunKey(command)
    if sys.platform == "darwin":
        agents = Path("~/Library/LaunchAgents").expanduser()
        return _File(agents / f"{_AGENT}.plist", _agent(command))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    return _File(config / "autostart" / f"{NAME}.desktop", _entry(command))


def _command() -> list[str]:
    """How this very program is started again."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--in-tray"]
    return [sys.executable, "-m", "app", "--in-tray"]


def _entry(command: list[str]) -> bytes:
    # Of the specification's quoting only what shell quoting does as well is needed here, but that
    # a percent sign begins a field code.
    told = " ".join(map(shlex.quote, command)).replace("%", "%%")
    return (
        "[Desktop Entry]\nType=Application\nName=MindKindler Sync\n"
        f"Exec={told}\nX-GNOME-Autostart-enabled=true\n"
    ).encode()


def _agent(command: list[str]) -> bytes:
    return plistlib.dumps({"Label": _AGENT, "ProgramArguments": command, "RunAtLoad": True})


class _File:
    """A file that is there or is not."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path, self._content = path, content

    def is_on(self) -> bool:
        return self._path.is_file()

    def set(self, on: bool) -> None:
        try:
            if on:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_bytes(self._content)
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError("autostart_refused", path=str(self._path)) from error


class _RunKey:
    """A value of the registry."""

    _KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"

    def __init__(self, command: list[str]) -> None:
        self._command = " ".join(f'"{part}"' for part in command)

    def is_on(self) -> bool:
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._KEY) as key:  # type: ignore[attr-defined]
                winreg.QueryValueEx(key, NAME)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def set(self, on: bool) -> None:
        import winreg

        try:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, self._KEY) as key:  # type: ignore[attr-defined]
                if on:
                    winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, self._command)  # type: ignore[attr-defined]
                elif self.is_on():
                    winreg.DeleteValue(key, NAME)  # type: ignore[attr-defined]
        except OSError as error:
            raise StoreError("autostart_refused", path=self._KEY) from error
