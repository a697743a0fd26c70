"""Faults of networks and of odd services, put between a service and a connector."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event

import msgspec

from app.connectors.contract import (
    Request,
    Response,
    Transport,
)
from app.errors import TransientError

Fault = Callable[[Response], Response]


class Between:
    """Stands between service and connector: records what is asked, spoils chosen answers."""

    def __init__(self, inner: Transport, fault: Fault, spoils: Callable[[int], bool]) -> None:
        self._inner = inner
        self._fault = fault
        self._spoils = spoils
        self.reads = 0
        self.spoilt = 0
        self.asked: list[Request] = []

    def send(self, request: Request, cancel: Event) -> Response:
        self.asked.append(request)
        answer = self._inner.send(request, cancel)
        if request.method != "GET":
            return answer
        self.reads += 1
        if not self._spoils(self.reads):
            return answer
        spoilt = self._fault(answer)
        self.spoilt += spoilt is not answer
        return spoilt

    def close(self) -> None:
        self._inner.close()


def _broken(answer: Response) -> Response:
    raise TransientError("server_error", status=503, host="", path="")


def _cut(answer: Response) -> Response:
    return replace(answer, body=answer.body[: len(answer.body) * 2 // 3])


def _web_page(answer: Response) -> Response:
    return replace(answer, status=200, body=b"<!doctype html><title>Sign in</title>")


def _keyless_answer(answer: Response) -> Response:
    return replace(answer, status=200, body=b'{"message":"ok"}')


def _another_total(answer: Response) -> Response:
    total = answer.headers.get("x-total-count")
    if total is None:
        return answer
    return replace(answer, headers={**answer.headers, "x-total-count": str(int(total) + 1)})


def _shifted(answer: Response) -> Response:
    """Its first row is gone, as if a row before the offset had left meanwhile."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return answer  # no pages of JSON: a file, say
    rows = body if isinstance(body, list) else next(iter(body.values()), None)
    if not isinstance(rows, list) or len(rows) < 2:
        return answer
    del rows[0]
    return replace(answer, body=msgspec.json.encode(body))


FAULTS: Mapping[str, tuple[Fault, Callable[[int], bool]]] = {
    "a server error at the first page": (_broken, lambda n: n == 1),
    "a server error later": (_broken, lambda n: n == 2),
    "a first answer cut short": (_cut, lambda n: n == 1),
    "a later answer cut short": (_cut, lambda n: n == 2),
    "a web page in place of the first page": (_web_page, lambda n: n == 1),
    "a web page in place of a later page": (_web_page, lambda n: n == 2),
    "a first page without its collection": (_keyless_answer, lambda n: n == 1),
    "a later page without its collection": (_keyless_answer, lambda n: n == 2),
    "a total that changes": (_another_total, lambda n: n > 1),
    "a list that shifts once": (_shifted, lambda n: n == 2),
    "a list that keeps shifting": (_shifted, lambda n: n > 1),
}
