"""What every test gets and must obey: it leaves nothing running, and logs no unexpected warning.

Without pytest-qt (`-p no:pytest-qt`, the core tests) it also must not bring Qt in: that the engine
and the command line work where Qt was never loaded is proved by every one of these tests.
"""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import leaks, warnings_logged
from tests.practice import services

pytest_plugins = ["pytester"]

_records: list[logging.LogRecord] = []


def pytest_configure(config: pytest.Config) -> None:
    # Where whoever began the tests ignores Ctrl-C, the programs they start would as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.add_cleanup(leaks.watch())
    config.add_cleanup(warnings_logged.collect(_records))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: a test waits for other processes, and for disks, now and then."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_finish(session: pytest.Session) -> None:
    if complaint := _qt_where_it_may_not_be(session.config):
        raise pytest.UsageError(f"While the tests were collected, {complaint}")


def _qt_where_it_may_not_be(config: pytest.Config) -> str:
    if config.pluginmanager.has_plugin("pytest-qt") or "PySide6" not in sys.modules:
        return ""
    return "PySide6 was imported by a module that must do without Qt."


@pytest.fixture(scope="session", autouse=True)
def _forked_services() -> Iterator[None]:
    """Kept for all tests, so it is there before the first of them is watched."""
    with services.forking():
        yield


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up first and torn down last, so whatever other fixtures close is closed by then."""
    before = leaks.Snapshot()
    yield
    if found := before.left_behind():
        pytest.fail("This test left behind:\n  " + "\n  ".join(found), pytrace=False)


@pytest.fixture(autouse=True)
def _logs_no_unexpected_warning(
    request: pytest.FixtureRequest, _leaves_nothing_behind: None
) -> Iterator[None]:
    """`@pytest.mark.expects_warnings("pattern", …)` names those that belong to the test."""
    yield
    marks = request.node.iter_markers("expects_warnings")
    expected = [pattern for mark in marks for pattern in mark.args]
    records, _records[:] = _records[:], []
    if found := warnings_logged.complaints(records, expected):
        pytest.fail("Logged warnings:\n  " + "\n  ".join(found), pytrace=False)


@pytest.fixture(autouse=True)
def _brings_no_qt_in(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if complaint := _qt_where_it_may_not_be(request.config):
        pytest.fail(f"During this test or an earlier one, {complaint}", pytrace=False)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A program that a test opened in this process logs into a folder of that test's own."""
    yield
    root = logging.getLogger("app")
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.NOTSET)
    root.propagate = True


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder, as `--data-dir` takes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder
