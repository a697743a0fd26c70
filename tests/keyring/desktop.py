"""A desktop session of the test's own: a D-Bus and a real GNOME Keyring, in a home of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
SECONDS = 30
"""No step of these tests may take longer."""

_KEYRING = """
import secretstorage
bus = secretstorage.dbus_init()
keyring = secretstorage.get_default_collection(bus)
"""


@dataclass(frozen=True)
class Desktop:
    """The session, told by its environment."""

    environment: dict[str, str]

    def python(self, code: str, typed: str = "") -> str:
        """What another program of the session prints."""
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **self.environment},
            input=typed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def lock(self) -> None:
        """Locks the keyring, as a desktop does when it has been left alone."""
        self.python(_KEYRING + "keyring.lock()")

    def entries(self) -> list[str]:
        """The entries as a keyring program of the desktop shows them."""
        shown = "for one in keyring.get_all_items(): print(one.get_label())"
        return self.python(_KEYRING + shown).splitlines()

    def empty(self) -> None:
        """Deletes every entry, as a keyring program of the desktop can."""
        self.python(_KEYRING + "for one in list(keyring.get_all_items()): one.delete()")


@contextmanager
def session(home: Path) -> Iterator[Desktop]:
    """A session that lives as long as the block; its keyring is unlocked."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    assert not missing, f"{missing} are missing: install installers/apt-packages.txt"
    with ExitStack() as stack:
        # A folder of its own, as the path of a socket must be short.
        runtime = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bus-")))
        environment = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            # Without a display nobody can be asked for a password: the prompt ends at once.
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
        }
        stack.enter_context(_bus(environment))
        # It comes back as soon as its daemon can be used, which ends with the bus.
        subprocess.run(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets"],
            env={**os.environ, **environment},
            input=b"the password of the test",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
        )
        yield Desktop(environment)


@contextmanager
def _bus(environment: dict[str, str]) -> Iterator[None]:
    address = f"--address={environment['DBUS_SESSION_BUS_ADDRESS']}"
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address", address],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as bus:
        try:
            assert bus.stdout is not None
            assert bus.stdout.readline(), "the bus did not start"
            yield
        finally:
            bus.terminate()
