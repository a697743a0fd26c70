"""Opens the program for one command, with the practice SIS beside it where it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from app.cli import show
from app.cli.options import Asked
from app.compose import PRACTICE, Options, PracticeSis, Program, program
from app.text import _

PRACTICE_KIND = "oneroster"


@contextmanager
def opened(asked: Asked) -> Iterator[Program]:
    """The program on the data that the options name."""
    folder = asked.options().folder
    if asked.data_dir is not None and asked.database is None and not folder.exists():
        # Perhaps it was mistyped, and what is looked for is elsewhere.
        show.aside(_("{folder} is new; there is nothing in it yet.").format(folder=folder))
    with program(asked.options()) as found:
        yield found


@contextmanager
def reaching(asked: Asked) -> Iterator[Program]:
    """The program for a command that talks to a SIS.

    With ``--practice`` the practice SIS runs meanwhile, and the connector to it is saved.
    """
    options = asked.options()
    with practice_sis(options) if options.practice else nullcontext() as sis:
        if sis is None:
            with program(options) as found:
                yield found
        else:
            with practising(options, sis) as found:
                yield found


@contextmanager
def practice_sis(options: Options, students: int | None = None) -> Iterator[PracticeSis]:
    """The practice SIS of the data folder, as a process that lives as long as the block."""
    sis = PracticeSis(options.folder, students=students)
    try:
        yield sis
    finally:
        sis.close()


@contextmanager
def practising(options: Options, sis: PracticeSis) -> Iterator[Program]:
    """The program with a connector to the running practice SIS, whose secret is in memory alone."""
    # Its address and its secret are new at each start, so the connector is saved each time.
    with program(options, memory=sis.vault) as found:
        found.engine.save_connector(PRACTICE, PRACTICE_KIND, sis.settings)
        yield found
