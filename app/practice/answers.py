"""What the service says when it refuses: the imsx_StatusInfo of OneRoster 1.2."""

from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .habits import Habits
from .wire import encode

JSON = "application/json"


class Refusal(Exception):
    """A request that is not carried out: HTTP status, codeMinor and a sentence that says why."""

    def __init__(
        self,
        status: int,
        minor: str | None,
        description: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.minor = minor
        self.description = description
        self.headers = headers


def unknown(what: str, key: str) -> Refusal:
    """404: there is no such thing here."""
    return Refusal(404, "unknownobject", f"Unknown Object: there is no {what} '{key}'.")


def invalid(description: str) -> Refusal:
    """422: the body is JSON but not what it should be."""
    return Refusal(422, "invaliddata", description)


def told(refusal: Refusal, habits: Habits) -> Response:
    """The answer for a refusal, as this SIS is in the habit of writing it."""
    sentence, status = refusal.description, refusal.status
    if "page-errors" in habits:
        page = f"<!DOCTYPE html><html><body><p>{escape(sentence)}</p></body></html>"
        return HTMLResponse(page, status, refusal.headers)
    body: dict[str, object]
    if "flat-errors" in habits:
        info = {"imsx_codeMajor": "failure", "imsx_severity": "error"}
        info |= {"imsx_codeMinor": refusal.minor or "", "imsx_description": sentence}
        body = {"statusInfoSet": [info]}
    elif "worded-errors" in habits:
        body = {"error": sentence}
    else:
        return status_info(refusal)
    return Response(encode(body), status, refusal.headers, JSON)


def status_info(refusal: Refusal) -> Response:
    """The answer for a refusal as OneRoster 1.2 has it."""
    body: dict[str, object] = {
        "imsx_codeMajor": "unsupported" if refusal.status == 405 else "failure",
        "imsx_severity": "error",
        "imsx_description": refusal.description,
    }
    if refusal.minor is not None:
        body["imsx_CodeMinor"] = {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": refusal.minor,
                }
            ]
        }
    return Response(encode(body), refusal.status, refusal.headers, JSON)


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request, which may not be longer than `most` bytes (413 otherwise)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refusal(413, "invaliddata", f"The body is longer than {most:,} bytes.")
    return bytes(body)
