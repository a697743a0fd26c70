"""What the answer to a write means: taken, too late, waiting for something else, or refused.

Services before ODS/API 7.2 tell it in a sentence alone, so that its words count beside the type
that problem details have.
"""

import json

from app.connectors.contract import Outcome, PushResult, Response
from app.connectors.edfi.problems import Problem, problem_of
from app.errors import Parameter

DEPENDED_ON = "edfi_depended_on"
WITHOUT_ASSOCIATION = "edfi_waits_for_association"
REFERS_IN_VAIN = "edfi_waits_for_reference"

_UNRESOLVED = ("unresolved-reference", "could not be resolved", "does not exist")
_DEPENDENT = ("dependent-item-exists", "cannot be deleted", "dependency of")
_UNRELATED = ("relationship", "no-relationships")
"""How services say that a person is none of the key's own, or not yet."""


class Refused(Exception):
    """A change that cannot be written, found out before it was sent."""

    outcome = Outcome.REFUSED

    def __init__(self, code: str, /, **parameters: Parameter) -> None:
        super().__init__(code)
        self.words = told(code, **parameters)

    @property
    def result(self) -> PushResult:
        """How the change ends."""
        return PushResult(self.outcome, words=self.words)


class Waits(Refused):
    """A change that can be written once something else is there."""

    outcome = Outcome.WAITING_ON


def told(code: str, /, **parameters: Parameter) -> str:
    """A code of ``app.text`` with its parameters, as a ``PushResult`` has them."""
    return f"{code} {json.dumps(parameters)}" if parameters else code


def taken(response: Response) -> bool:
    """Whether the service says that it did what was asked."""
    return 200 <= response.status < 300


def verdict(response: Response) -> PushResult:
    """What an answer means that is no success."""
    problem = problem_of(response)
    words = problem.sentence or f"HTTP {response.status}"
    if response.status == 409:
        if _says(problem, _DEPENDENT):
            return PushResult(Outcome.REFUSED, words=told(DEPENDED_ON, words=words))
        if _says(problem, _UNRESOLVED):
            return PushResult(Outcome.WAITING_ON, words=told(REFERS_IN_VAIN, words=words))
    if response.status == 403 and _says(problem, _UNRELATED):
        return PushResult(Outcome.WAITING_ON, words=told(WITHOUT_ASSOCIATION, words=words))
    refused = 400 <= response.status < 500
    return PushResult(Outcome.REFUSED if refused else Outcome.UNKNOWN, words=words)


def _says(problem: Problem, signs: tuple[str, ...]) -> bool:
    told = [problem.type, problem.title, problem.detail, *(words for _, words in problem.errors)]
    said = " ".join(told).lower()
    return any(sign in said for sign in signs)
