"""A measurement is a process of its own: how it is started, and how it tells what it found."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.compose import PRACTICE, PracticeSis
from app.vault import MemoryVault

Figures = dict[str, float]

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "default.warning=false"}
"""Windows are drawn into memory; the platform's warning that it knows no size hints is no news."""

PATIENCE_SECONDS = 900


class Service(msgspec.Struct, frozen=True):
    """What a measurement must know of the practice SIS. Told by standard input, not by arguments,
    which everybody on the computer could read.
    """

    settings: dict[str, str]
    client_secret: str
    name: str = PRACTICE
    """Of the connector to it."""
    kind: str = "oneroster"

    @property
    def vault(self) -> MemoryVault:
        """A vault that holds the secret."""
        secret = "secret" if self.kind == "edfi" else "client_secret"
        return MemoryVault({(self.name, secret): self.client_secret})


def alone(sis: PracticeSis) -> Service:
    """The district as the only SIS that there is."""
    return Service(sis.settings, sis.ready.client_secret)


def second(sis: PracticeSis) -> Service:
    """The same district once more, as if another SIS told of it."""
    return Service(sis.settings, sis.ready.client_secret, "second")


def edfi(sis: PracticeSis) -> Service:
    """The same district as an Ed-Fi service, with all that OneRoster tells of it."""
    ready = sis.ready
    settings = {"base_url": ready.edfi_url, "key": ready.edfi_key}
    settings |= {"demographics": "read", "guardians": "on"}
    return Service(settings, ready.edfi_secret, "edfi", "edfi")


def measure(
    sis: PracticeSis,
    what: str,
    *arguments: str | Path,
    asked: Callable[[PracticeSis], Service] = alone,
) -> Figures:
    """What ``benchmarks.<what>`` finds. Raises ``SubprocessError`` when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{what}", *map(str, arguments)],
        input=msgspec.json.encode(asked(sis)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=PATIENCE_SECONDS,
        env={**os.environ, **OFFSCREEN},
    )
    return msgspec.json.decode(done.stdout, type=Figures)


# -- in the measurement's process --


def service() -> Service:
    """The practice SIS to measure on."""
    return msgspec.json.decode(sys.stdin.buffer.read(), type=Service)


def tell(**figures: float) -> None:
    """Hands the figures over, and with them the most memory that this process ever held."""
    found = {**figures, "megabytes": _peak_bytes() / 1e6}
    sys.stdout.buffer.write(msgspec.json.encode(found))


def _peak_bytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held before this program started
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1024
    if sys.platform == "win32":
        return float("nan")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
