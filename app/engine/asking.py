"""Drives a connector's generators: what they ask is fetched, what they tell is worked."""

import math
from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeAlias

from app.connectors.contract import Ahead, Asking, Page, Pull, Request
from app.engine.fetching import Fetcher, Ticket, first_of
from app.engine.loop import Steps
from app.errors import Cancelled, Fenced, SyncError

Answering: TypeAlias = Generator[Ticket | None, Any, Any]
"""Waits for the answers to what was asked, and returns what came of them."""


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
    asking: Asking[Any], fetcher: Fetcher, before: Callable[[Request], None] = lambda request: None
) -> Answering:
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


def all_answered(
    askings: Iterable[Asking[Any]],
    fetcher: Fetcher,
    at_once: int,
    enough: Callable[[Any], bool] = lambda found: False,
) -> Generator[Ticket | None, Any, list[Any]]:
    """What each of ``askings`` returns, in their order, of which so many are under way ``at_once``.

    The first goes alone, as the others share what it finds out (a token, where the service is). An
    error that ended one of them is what it returned; ``Cancelled`` and ``Fenced`` are raised.
    What ``enough`` holds for is the last: nothing that comes after it is begun, once that is known.
    """
    waiting = enumerate(askings)
    under_way: dict[Ticket, tuple[int, Answering]] = {}
    found: dict[int, Any] = {}
    last = math.inf  # the place after which nothing is wanted any more

    def go_on(place: int, one: Answering, answer: Ticket | None) -> None:
        nonlocal last
        try:
            if answer is None:
                wanted = next(one)
            elif answer.error is not None:
                wanted = one.throw(answer.error)
            else:
                wanted = one.send(answer.response)
        except (Cancelled, Fenced):
            raise
        except SyncError as error:
            found[place] = error
        except StopIteration as end:
            found[place] = end.value
        else:
            assert wanted is not None
            under_way[wanted] = place, one
            return
        if enough(found[place]):
            last = min(last, place)

    try:
        while True:
            while len(under_way) < (at_once if found else 1) and last == math.inf:
                begun = next(waiting, None)
                if begun is None:
                    break
                place, asking = begun
                go_on(place, answered(asking, fetcher), None)
            if not any(place < last for place, _ in under_way.values()):
                return [found[place] for place in sorted(found) if place <= last]
            settled: Ticket = yield first_of(under_way)
            go_on(*under_way.pop(settled), settled)
    finally:
        for _, one in under_way.values():
            one.close()
