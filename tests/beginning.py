"""A data folder with a database that nobody has used: making one costs more than many a test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.database import Database, Location


def begin(folder: Path) -> None:
    """Puts such a database into a data folder, where there is none."""
    path = Location.of(folder).path
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(0o600)
        path.write_bytes(_unused())


@cache
def _unused() -> bytes:
    with TemporaryDirectory() as folder:
        location = Location.of(Path(folder))
        Database(location).close()
        return location.path.read_bytes()
