"""The watch itself works: a test that leaks, or logs a warning, fails and is told the place."""

import sys
import textwrap
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs the given test module under our conftest, in a process of its own, without Qt."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    conftest = (REPOSITORY / "tests" / "conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(conftest + "\nleaks.GRACE = 0.3\n")
    pytester.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        addopts = ["--import-mode=importlib", "--strict-markers"]
        filterwarnings = ["error"]
        markers = ["expects_warnings(*patterns): as in the repository"]
        """
    )

    def run_module(source: str) -> pytest.RunResult:
        pytester.makepyfile(test_sample=textwrap.dedent(source))
        without = [f"-pno:{plugin}" for plugin in ("pytest-qt", "hypothesispytest", "anyio")]
        return pytester.runpytest_subprocess(*without, timeout=60)

    return run_module


@pytest.mark.parametrize("daemon", [False, True])
def test_a_thread_left_running_is_named_with_the_line_that_started_it(run, daemon: bool):
    """Daemon threads count: they are the ones that outlive a test unseen."""
    result = run(
        f"""
        import threading

        release = threading.Event()

        def test_leak():
            threading.Thread(target=release.wait, name="forgotten", daemon={daemon}).start()

        def test_next_is_not_blamed():
            release.set()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*thread 'forgotten'*started at *test_sample.py:6 in test_leak*"])


def test_a_pool_left_open_is_named_with_the_line_that_filled_it(run):
    """The place is the test's line, not the library's that made the thread."""
    result = run(
        """
        import concurrent.futures

        pool = concurrent.futures.ThreadPoolExecutor(1)

        def test_leak():
            pool.submit(print).result()

        def test_next():
            pool.shutdown()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*thread 'ThreadPool*started at *test_sample.py:6 in test_leak*"])


def test_a_child_process_left_running_is_named_with_the_line_that_started_it(run):
    """Programs and multiprocessing's children alike."""
    result = run(
        """
        import multiprocessing
        import subprocess
        import sys
        import time

        left = []

        def test_program():
            left.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(50)"]))

        def test_process():
            process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(50,))
            process.start()
            left.append(process)

        def test_end_them():
            for each in left:
                each.kill()
            left[0].wait()
            left[1].join()
        """
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*child process *started at *test_sample.py:9 in test_program*",
            "*child process *started at *test_sample.py:13 in test_process*",
        ]
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a program its children")
def test_a_child_made_behind_pythons_back_is_found(run):
    """And a child that ended counts until somebody has waited for it."""
    result = run(
        """
        import os

        children = []

        def test_leak():
            children.append(os.posix_spawn("/bin/true", ["true"], {}))

        def test_wait():
            os.waitpid(children[0], 0)
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*child process *, at a place Python did not see*"])


def test_an_open_socket_is_named_with_the_line_that_opened_it(run):
    """Listeners, and both ends of a connection."""
    result = run(
        """
        import socket

        left = []

        def test_listener():
            left.append(socket.create_server(("127.0.0.1", 0)))

        def test_connection():
            left.append(socket.create_connection(left[0].getsockname()))
            left.append(left[0].accept()[0])

        def test_close():
            for each in left:
                each.close()
        """
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*socket listening on ('127.0.0.1', *started at *test_sample.py:6 in test_listener*",
            "*socket bound to ('127.0.0.1', *started at *test_sample.py:9 in test_connection*",
            "*socket bound to ('127.0.0.1', *started at *test_sample.py:10 in test_connection*",
        ]
    )


def test_what_a_fixture_closes_and_what_ends_in_time_is_no_leak(run):
    """The watch ends after every other fixture of the test, and waits a moment."""
    result = run(
        """
        import socket
        import subprocess
        import sys
        import threading
        import time

        import pytest

        @pytest.fixture
        def server():
            with socket.create_server(("127.0.0.1", 0)) as listener:
                yield listener

        @pytest.fixture(scope="module")
        def shared_server():
            with socket.create_server(("127.0.0.1", 0)) as listener:
                yield listener

        def test_tidy(server, shared_server):
            subprocess.run([sys.executable, "-c", ""], check=True)
            threading.Thread(target=time.sleep, args=(0.1,)).start()

        def test_again(shared_server):
            pass
        """
    )
    result.assert_outcomes(passed=2)


def test_an_unexpected_warning_fails_with_its_message_and_line(run):
    """Whether or not the logger hands its records to the root."""
    result = run(
        """
        import logging

        def test_warning():
            logging.getLogger("sample").warning("read %s rows", 3)

        def test_alone():
            logger = logging.getLogger("sample.alone")
            logger.propagate = False
            logger.error("cannot go on")

        def test_information():
            logging.getLogger("sample").info("all is well")
        """
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*WARNING from 'sample': 'read 3 rows', logged at *test_sample.py:4*",
            "*ERROR from 'sample.alone': 'cannot go on', logged at *test_sample.py:9*",
        ]
    )


def test_an_expected_warning_must_come_and_no_other(run):
    """A mark that nothing meets is stale, and fails too."""
    result = run(
        """
        import logging

        import pytest

        @pytest.mark.expects_warnings(r"^read \\d rows$")
        def test_expected():
            logging.getLogger("sample").warning("read %s rows", 3)

        @pytest.mark.expects_warnings("rows")
        def test_another():
            logging.getLogger("sample").warning("rows")
            logging.getLogger("sample").warning("columns")

        @pytest.mark.expects_warnings("rows")
        def test_stale():
            pass
        """
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*WARNING from 'sample': 'columns'*",
            "*expected a warning like 'rows', none was logged*",
        ]
    )


def test_qt_in_a_core_test_fails(run):
    """The core's tests run without the Qt plugin; one that loads Qt has crossed the line."""
    result = run(
        """
        def test_crossing():
            import PySide6
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*PySide6 was imported by a module that must do without Qt.*"])


def test_qt_at_the_head_of_a_core_module_stops_the_session(run):
    """Nothing is run when collecting already brought Qt in."""
    result = run("import PySide6")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*While the tests were collected, PySide6 was imported*"])
