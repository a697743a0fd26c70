"""The HTTP service over one SIS: OneRoster 1.1 and 1.2, Ed-Fi, tokens, practice calls."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import Refusal, told
from .control import Control
from .dialects import V1P1, V1P2, Dialect
from .doorway import Doorway
from .edfi.access import EdFiAccess
from .edfi.service import build as build_edfi
from .edfi.switches import Switches
from .faults import Faults
from .grading import Grading
from .habits import Habits
from .learning import Learning
from .pages import Pages
from .rostering import Rostering
from .sis import Sis
from .state import StateError
from .views import Views
from .webhooks import Webhooks

_SENTENCES = {
    404: "Unknown Object: there is nothing at this address.",
    405: "This address does not take this method.",
}


def build_service(
    sis: Sis,
    access: Access,
    edfi: EdFiAccess,
    switches: Switches,
    faults: Faults,
    habits: Habits,
    webhooks: Webhooks,
) -> Doorway:
    """The ASGI application that answers for this SIS, with the faults and habits that are on.

    `edfi` is who may ask the Ed-Fi side, which is a system of its own with `switches` in the place
    of faults and habits; `webhooks` tell what changes on the OneRoster side alone.
    """
    sis.on_change = webhooks.changed

    async def refuse(_: Request, trouble: Exception) -> Response:
        return told(_refusal(trouble), habits)

    troubles = (Refusal, HTTPException, StateError, Exception)
    application = Starlette(exception_handlers=dict.fromkeys(troubles, refuse))
    doorway = Doorway(application, faults, habits)
    pages = Pages(lambda: (sis.version, habits.version), faults, habits)
    application.router.routes.extend(
        [
            Route("/token", access.token, methods=["POST"]),
            *_services(V1P2, sis, access, pages, habits),
            *_services(V1P1, sis, access, pages, habits),
            *Control(sis, access, doorway, faults, habits, webhooks).routes(),
            *build_edfi(lambda: sis.edfi.ods, edfi, switches),
        ]
    )
    # An address with a slash too many is another address, not a reason to send a token elsewhere.
    application.router.redirect_slashes = False
    return doorway


def _services(
    dialect: Dialect, sis: Sis, access: Access, pages: Pages, habits: Habits
) -> list[Route]:
    views = Views(sis, dialect, habits)
    return [
        *Rostering(sis.district, access, pages, dialect, views).routes(),
        *Learning(sis, access, pages, dialect, views).routes(),
        *Grading(sis, access, pages, dialect, views, habits).routes(),
    ]


def _refusal(trouble: Exception) -> Refusal:
    match trouble:
        case Refusal():
            return trouble
        case HTTPException(status_code=status, headers=headers):
            minor = "unknownobject" if status == 404 else None
            sentence = _SENTENCES.get(status, trouble.detail)
            return Refusal(status, minor, sentence, headers)
        case StateError():
            return Refusal(500, "internal_server_error", str(trouble))
    sentence = f"The service failed: {type(trouble).__name__}."
    return Refusal(500, "internal_server_error", sentence)
