"""What the service says when it refuses: problem details (RFC 9457), or a sentence as it used to.

The types and sentences are those that the ODS/API documents.
"""

import secrets
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from .generations import Generation
from .shelf import encode

_TYPE = "urn:ed-fi:api:"
JSON = "application/json; charset=utf-8"
_PROBLEM = "application/problem+json; charset=utf-8"

_DENIED = "Access to the requested data could not be authorized."
_TITLES = {
    "bad-request": "Bad Request",
    "bad-request:data-validation-failed": "Data Validation Failed",
    "bad-request:data-validation-failed:key-change-not-supported": "Key Change Not Supported",
    "bad-request:parameter-validation-failed": "Parameter Validation Failed",
    "security:authentication": "Authentication Failed",
    "security:authentication:too-many-tokens": "Too Many Tokens",
    "security:authorization": "Authorization Denied",
    "security:authorization:access-denied:action": "Authorization Denied",
    "security:authorization:access-denied:resource": "Authorization Denied",
    "not-found": "Not Found",
    "method-not-allowed": "Method Not Allowed",
    "data-conflict:dependent-item-exists": "Dependent Item Exists",
    "data-conflict:unresolved-reference": "Unresolved Reference",
    "data-conflict:non-unique-identity": "Identifying Values Are Not Unique",
    "optimistic-lock-failed": "Optimistic Lock Failed",
    "unsupported-media-type": "Unsupported Media Type",
    "too-many-requests": "Too Many Requests",
    "internal-server-error": "Internal Server Error",
    "service-unavailable": "Service Unavailable",
}


class Problem(Exception):
    """A request that is not carried out.

    `kind` is the type after `urn:ed-fi:api:`; `validation` has sentences by JSON path.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        errors: Sequence[str] = (),
        validation: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.validation = validation or {}
        self.headers = headers

    def answer(self, generation: Generation) -> Response:
        """The answer, as this generation of the API writes it."""
        correlation = secrets.token_hex(16)
        if generation.problem_details:
            return Response(encode(self._details(correlation)), self.status, self.headers, _PROBLEM)
        body: dict[str, object] = {"message": self._sentence()}
        if self.validation and generation.number == 3:
            body = {"message": "The request is invalid.", "modelState": self._model_state()}
        elif generation.number > 3:
            body["correlationId"] = correlation
        return Response(encode(body), self.status, self.headers, JSON)

    def _details(self, correlation: str) -> dict[str, object]:
        body: dict[str, object] = {
            "detail": self.detail,
            "type": _TYPE + self.kind,
            "title": _TITLES[self.kind],
            "status": self.status,
            "correlationId": correlation,
        }
        if self.validation:
            body["validationErrors"] = self.validation
        if self.errors:
            body["errors"] = self.errors
        return body

    def _sentence(self) -> str:
        """All in one text, as versions before 7.2 put it."""
        if self.validation:
            told = [text for texts in self.validation.values() for text in texts]
            return f"Validation of the resource failed.\n{chr(10).join(told)}"
        return " ".join([self.detail, *self.errors]) if self.errors else self.detail

    def _model_state(self) -> dict[str, Sequence[str]]:
        return {
            f"request.{path.removeprefix('$.')}": told for path, told in self.validation.items()
        }


def unknown(what: str = "data") -> Problem:
    """404: there is no such `item`, or no such `data` at all."""
    return Problem(404, "not-found", f"The specified {what} could not be found.")


def unauthenticated(why: str) -> Problem:
    """401: nobody knows who asks."""
    headers = {"WWW-Authenticate": "Bearer"}
    detail = "The caller could not be authenticated."
    return Problem(401, "security:authentication", detail, [why], headers=headers)


def denied(kind: str, why: str, hint: str = "") -> Problem:
    """403: this is not for the one who asks. `kind` may be blank."""
    told = "security:authorization" + (f":access-denied:{kind}" if kind else "")
    return Problem(403, told, f"{_DENIED} {hint}".rstrip(), [why])


def wrong_parameter(name: str, why: str) -> Problem:
    """400: a parameter of the query cannot be used."""
    detail = f"The {name} parameter was incorrect."
    return Problem(400, "bad-request:parameter-validation-failed", detail, [why])


def invalid(validation: Mapping[str, Sequence[str]]) -> Problem:
    """400: the document is not what it should be; sentences by JSON path."""
    detail = "Data validation failed. See 'validationErrors' for details."
    return Problem(400, "bad-request:data-validation-failed", detail, (), validation)


def malformed(why: str) -> Problem:
    """400: the request cannot be understood."""
    detail = "The request could not be processed. See 'errors' for details."
    return Problem(400, "bad-request", detail, [why])


def not_allowed(why: str) -> Problem:
    """405: this cannot be done here."""
    return Problem(405, "method-not-allowed", "The request construction was invalid.", [why])
