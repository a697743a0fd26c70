"""What is found out about a service is kept with the roster, and used by every later sync."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.connectors.contract import Finding
from app.connectors.http import HttpTransport, Limits
from app.connectors.oneroster import KIND
from app.errors import SyncError
from app.store import reads
from tests.connectors.oneroster.odd_service import OddService
from tests.simulation.keeping import NAME, Keeping, keeping


@contextmanager
def kept_in_step(folder: Path, service: OddService) -> Iterator[Keeping]:
    """A roster that is synced from the service over HTTP."""
    settings = {
        "base_url": service.url,
        "token_url": f"{service.url}/token",
        "client_id": service.client_id,
    }

    def transport(_clock: object) -> HttpTransport:
        return HttpTransport(Limits(attempts=1), wait=lambda cancel, seconds: None)

    with keeping(folder, KIND, settings, {"client_secret": service.secret}, transport, 10) as kept:
        kept.sync(full=True)
        yield kept


def noted(kept: Keeping, run: reads.RunRow) -> Counter[str]:
    """How often each thing is told in the log of a run that went well."""
    assert run.state == "completed"
    return Counter(line.code for line in reads.run_log(kept.database, run.id))


def filtered(service: OddService) -> bool:
    """Whether changes alone were asked for since last looked."""
    asked = list(service.asked)
    service.asked.clear()
    return any("filter" in query for _, query in asked)


def checked(kept: Keeping) -> list[str]:
    """The codes that *Test connection* finds."""
    found: list[list[Finding] | SyncError] = []
    kept.engine.check(NAME, found.append)
    kept.loop.run(until=lambda: bool(found))
    assert isinstance(found[0], list)
    return [one.code for one in found[0]]


def test_a_filter_that_fails_is_told_once_for_each_collection(data_dir: Path, service: OddService):
    """In the log of that sync, in words; no later one asks for it (ONEROSTER 7)."""
    with kept_in_step(data_dir, service) as kept:
        assert "filter_given_up" not in noted(kept, kept.sync(full=False))
        assert filtered(service)
        service.refuses["filter"] = 500
        assert noted(kept, kept.sync(full=False))["filter_given_up"] == 6
        assert filtered(service)
        assert "filter_given_up" not in noted(kept, kept.sync(full=False))
        assert not filtered(service)


def test_a_connection_test_finds_out_that_it_works_again(data_dir: Path, service: OddService):
    """And the next sync asks for changes alone, of every collection."""
    with kept_in_step(data_dir, service) as kept:
        service.refuses["filter"] = 500
        assert "filter_not_heeded" in checked(kept)
        kept.sync(full=False)
        filtered(service)
        kept.sync(full=False)
        assert not filtered(service)
        service.refuses.clear()
        assert "filter_heeded" in checked(kept)
        service.asked.clear()
        kept.sync(full=False)
        assert all("filter" in query for _, query in service.asked[1:])


def test_what_cannot_be_looked_up_waits_for_a_second_sync(data_dir: Path, service: OddService):
    """Instead of never being removed, because nothing could confirm it (D1)."""
    with kept_in_step(data_dir, service) as kept:
        service.single = lambda exchange, *_: exchange.answer(405)  # type: ignore[method-assign]
        assert "by_key_fails" in checked(kept)
        del service.rows["enrollments"][7]
        run = kept.sync(full=True)
        assert (run.state, run.total("waiting"), run.total("deleted")) == ("waiting", 1, 0)
        run = kept.sync(full=True)
        assert (run.state, run.total("waiting"), run.total("deleted")) == ("completed", 0, 1)
