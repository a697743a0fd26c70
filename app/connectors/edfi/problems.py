"""What a service says about an answer that is not what was asked for, in every form there is. Pure.

Problem details (RFC 9457) came with ODS/API 7.2; before, there was ``{"message": …}``, often with a
``modelState``; what stands before a service answers in HTML, or not at all.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.connectors.contract import Response

_LONGEST = 600
"""Characters of the sentence, without the correlation id."""

_MOST = 5
"""So many errors are told in the sentence; all of them are in ``errors``, up to ``_KEPT``."""

_KEPT = 100
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.I | re.S)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_ID = re.compile(r"[\w.:-]{1,100}")
_IDS = ("correlationid", "traceid")
_ID_HEADERS = ("correlation-id", "x-correlation-id", "request-id")


@dataclass(frozen=True)
class Problem:
    """What is wrong, as the service says it; what it does not say is blank."""

    type: str
    """Such as ``urn:ed-fi:api:bad-request:data-validation-failed``."""
    title: str
    detail: str
    errors: tuple[tuple[str, str], ...]
    """What is wrong in particular: the place in the document, blank where none is told; words."""
    correlation_id: str
    """What the host of the service finds the request by in its own log."""
    status: int
    html: bool = False
    """It is a page for people, so the service itself has perhaps not answered at all."""

    @property
    def sentence(self) -> str:
        """All of it in one line that ends with the correlation id; blank where nothing is said."""
        parts = [self.title]
        if self.detail != self.title and not (self.errors and self.title):
            parts.append(self.detail)
        parts += [f"{place}: {words}" if place else words for place, words in self.errors[:_MOST]]
        if len(self.errors) > _MOST:
            parts.append(f"… ({len(self.errors) - _MOST})")
        said = " · ".join(part for part in parts if part)
        if len(said) > _LONGEST:
            said = said[: _LONGEST - 1].rstrip() + "…"
        if not self.correlation_id:
            return said
        return f"{said} (correlationId {self.correlation_id})".lstrip()

    def names(self, *words: str) -> bool:
        """Whether its type ends in one of ``words``, such as ``unresolved-reference``."""
        return any(self.type == word or self.type.endswith(f":{word}") for word in words)


def problem_of(response: Response) -> Problem:
    """What an answer says; it never raises, whatever came."""
    body = response.body.removeprefix(b"\xef\xbb\xbf").strip()
    sent = next((response.headers[name] for name in _ID_HEADERS if name in response.headers), "")
    if body[:1] == b"<":
        found = _TITLE.search(body[:20_000])
        title = html.unescape(found[1].decode(errors="replace")) if found else ""
        return Problem("", _line(title), "", (), _id(sent), response.status, html=True)
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem(
            "", "", _line(body[:500].decode(errors="replace")), (), _id(sent), response.status
        )
    if not isinstance(said, dict):
        return Problem("", "", _line(said), (), _id(sent), response.status)
    told = {str(name).lower(): value for name, value in said.items()}
    detail = next((told[name] for name in ("detail", "message", "error") if name in told), "")
    own_id = next((told[name] for name in _IDS if name in told), sent)
    return Problem(
        type=_line(told.get("type")),
        title=_line(told.get("title")),
        detail=_line(detail),
        errors=tuple(_errors(told))[:_KEPT],
        correlation_id=_id(own_id),
        status=response.status,
    )


def _errors(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("validationerrors", "modelstate", "errors"):
        found = told.get(name)
        if isinstance(found, dict):
            for place, words in found.items():
                for each in words if isinstance(words, list) else [words]:
                    if line := _line(each):
                        # Earlier generations call the document by the name of their own parameter.
                        yield str(place).removeprefix("request.")[:200], line
        elif isinstance(found, list):
            yield from (("", line) for each in found if (line := _line(each)))


def _line(said: Any) -> str:
    """What is said in one line; blank for what are no words."""
    return _BLANKS.sub(" ", said).strip()[:2000] if isinstance(said, str) else ""


def _id(said: Any) -> str:
    return said if isinstance(said, str) and _ID.fullmatch(said) else ""
