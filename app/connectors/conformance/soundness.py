"""No fault is taken for a whole answer, and no secret is told on the way."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from logging.handlers import BufferingHandler

from app.connectors.conformance.driving import (
    Subject,
    entities,
    require,
    run,
    run_pull,
)
from app.connectors.conformance.faults import FAULTS, Between
from app.errors import SyncError


def faults_never_look_whole(subject: Subject) -> str:
    """An answer with something wrong in it never passes for a complete one (SEMANTICS C5)."""
    spoilt = 0
    for entity in entities(subject):
        for what, (fault, spoils) in FAULTS.items():
            with closing(subject.transports()) as inner:
                transport = Between(inner, fault, spoils)
                pulled = run_pull(subject.open(), entity, None, transport)
            happened = transport.spoilt or pulled.error is not None
            if not happened:
                continue  # too few pages for this fault
            require(pulled.uncertainties(), f"{entity} looks whole in spite of {what}.")
            spoilt += 1
    require(spoilt, "No fault could be put in: does the service have any rows?")
    return f"{spoilt} faults were noticed."


@contextmanager
def _all_logged() -> Iterator[BufferingHandler]:
    root, handler = logging.getLogger(), BufferingHandler(1_000_000)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def secrets_stay_secret(subject: Subject) -> str:
    """No secret and no token stands in a log line, an error, a finding, a state or a repr."""
    told: list[str] = []
    secrets: set[str] = set()
    with _all_logged() as logged:
        for settings, given in [(subject.settings, subject.secrets), *subject.bad]:
            secrets |= {value for value in given.values() if value}
            with closing(subject.transports()) as inner:
                between = Between(inner, lambda answer: answer, lambda n: False)
                try:
                    connector = subject.open(settings, given)
                    told += [repr(connector), repr(run(connector.check(), between))]
                    pulled = run_pull(connector, entities(subject)[0], None, between)
                    told += [repr(page) for page in pulled.pages] + [repr(vars(connector))]
                    told += [str(pulled.error), repr(pulled.error)]
                except SyncError as error:
                    told += [str(error), repr(error), repr(error.__context__)]
                told += [repr(request) for request in between.asked]
                secrets |= {
                    authorization.rpartition(" ")[2]
                    for request in between.asked
                    if (authorization := request.authorized())
                }
        told += map(logged.format, logged.buffer)
    for secret in secrets:
        require(
            not any(secret in text for text in told),
            "A secret or a token stands in a log line, an error, a finding, a state or a repr.",
        )
    return f"{len(secrets)} secrets and tokens stayed secret in {len(told)} texts."
