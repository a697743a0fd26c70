"""Drives a connector's generators: what they ask is fetched, what they tell is worked."""

from collections.abc import Callable, Generator
from typing import Any

from app.connectors.contract import Ahead, Asking, Page, Pull, Request, Response
from app.engine.fetching import Fetcher, Ticket
from app.engine.loop import Steps
from app.errors import SyncError


def pulled(pull: Pull, fetcher: Fetcher, work: Callable[[Page], None]) -> Steps:
    """Pulls a stream; ``work`` gets every page while what was announced is under way."""
    under_way: dict[Request, Ticket] = {}
    try:
        told = next(pull)
        while True:
            if isinstance(told, Page):
                work(told)
                yield None
                told = next(pull)
            elif isinstance(told, Ahead):
                under_way[told.request] = fetcher.submit(told.request)
                told = next(pull)
            else:
                ticket = under_way.pop(told, None) or fetcher.submit(told)
                try:
                    response = yield ticket
                except SyncError as error:
                    told = pull.throw(error)
                else:
                    told = pull.send(response)
    except StopIteration:
        return
    finally:
        pull.close()


def answered(
    asking: Asking, fetcher: Fetcher, before: Callable[[Request], None] = lambda request: None
) -> Generator[Ticket | None, Response | None, Any]:
    """What ``asking`` returns when all it asked has been answered.

    ``before`` is called with every request that is about to be sent; what it raises ends it all.
    """
    try:
        request = next(asking)
        while True:
            before(request)
            try:
                response = yield fetcher.submit(request)
            except SyncError as error:
                request = asking.throw(error)
            else:
                assert response is not None
                request = asking.send(response)
    except StopIteration as end:
        return end.value
    finally:
        asking.close()
