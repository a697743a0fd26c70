"""What the service says when it refuses: the imsx_StatusInfo of OneRoster 1.2."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

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


def status_info(refusal: Refusal) -> Response:
    """The answer for a refusal."""
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
