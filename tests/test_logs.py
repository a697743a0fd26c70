"""What the log file holds, and what it never holds."""

import logging
from pathlib import Path

import pytest

from app import logs


def written(folder: Path) -> str:
    """What stands in the log file."""
    return (folder / "app.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer s3cr3t-token",
        "Authorization: Basic s3cr3t-token",
        "grant_type=client_credentials&client_secret=s3cr3t-token&scope=x",
        '{"access_token": "s3cr3t-token", "expires_in": 3600}',
        "client_secret='s3cr3t-token'",
    ],
)
def test_a_secret_never_reaches_the_log(tmp_path: Path, line: str) -> None:
    """DESIGN §8: even when a line would carry one."""
    logs.configure(tmp_path, verbose=False)
    logging.getLogger("app.connectors.http").info("%s", line)
    assert "s3cr3t" not in written(tmp_path)


def test_lines_carry_what_was_bound_around_them(tmp_path: Path) -> None:
    """Run and connector are said once and stand on every line."""
    logs.configure(tmp_path, verbose=False)
    logger = logging.getLogger("app.engine.run")
    with logs.bound(run=812):
        with logs.bound(stream="users"):
            logger.info("inside")
        logger.info("beside")
    logger.info("outside")
    inside, beside, outside = written(tmp_path).splitlines()
    assert "[run=812 stream=users] inside" in inside
    assert "[run=812] beside" in beside
    assert "run=" not in outside
