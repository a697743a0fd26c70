"""Where the services stand for whoever asks, and where that is here."""

from .habits import Habits
from .vocabulary import GRADEBOOK_KINDS, RESOURCE_KINDS
from .wire import GRADEBOOK, OLDER, RESOURCES, ROSTERING

_NEWER = (ROSTERING, GRADEBOOK, RESOURCES)
_NOWHERE = "/nowhere"
_VENDOR = "/api"


def address(path: str, habits: Habits) -> str:
    """The path here of what is asked for there; a path of nothing where nothing stands."""
    older, newer = _below(path, OLDER), any(_below(path, base) for base in _NEWER)
    if "vendor-path" in habits:
        return _vendor(path) if not (older or newer) else _NOWHERE
    if "only-1.1" in habits and newer:
        return _NOWHERE
    if "only-1.2" in habits and older:
        return _NOWHERE
    if "mislabelled" in habits and (older or newer):
        return f"{_service(path)}{path.removeprefix(OLDER)}" if older else _NOWHERE
    return path


def _below(path: str, base: str) -> bool:
    return path.startswith(f"{base}/")


def _vendor(path: str) -> str:
    """1.1 has an address a service there too."""
    for base in _NEWER:
        for version, here in (("v1p2", base), ("v1p1", OLDER)):
            there = f"{_VENDOR}{base.removesuffix('v1p2')}{version}"
            if _below(path, there):
                return f"{here}{path.removeprefix(there)}"
    return path


def _service(path: str) -> str:
    parts = path.split("/")
    if any(part in RESOURCE_KINDS for part in parts):
        return RESOURCES
    return GRADEBOOK if any(part in GRADEBOOK_KINDS for part in parts) else ROSTERING
