"""The HTTP service over one SIS: OneRoster 1.2 rostering and gradebook, tokens, practice calls."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access import Access
from .answers import Refusal, status_info
from .control import Control
from .doorway import Doorway
from .faults import Faults
from .grading import Grading
from .pages import Pages
from .rostering import Rostering
from .sis import Sis
from .state import StateError
from .webhooks import Webhooks

_SENTENCES = {
    404: "Unknown Object: there is nothing at this address.",
    405: "This address does not take this method.",
}


def build_service(sis: Sis, access: Access, faults: Faults, webhooks: Webhooks) -> Doorway:
    """The ASGI application that answers for this SIS, while faults are on as they say.

    What changes in it is told by `webhooks`.
    """
    sis.on_change = webhooks.changed
    application = Starlette(
        exception_handlers={
            Refusal: _refuse,
            HTTPException: _refuse_http,
            StateError: _refuse_unkept,
            Exception: _refuse_broken,
        }
    )
    doorway = Doorway(application, faults)
    pages = Pages(lambda: sis.version, faults)
    application.router.routes.extend(
        [
            Route("/token", access.token, methods=["POST"]),
            *Rostering(sis.district, access, pages).routes(),
            *Grading(sis, access, pages).routes(),
            *Control(sis, access, doorway, faults, webhooks).routes(),
        ]
    )
    # An address with a slash too many is another address, not a reason to send a token elsewhere.
    application.router.redirect_slashes = False
    return doorway


async def _refuse(_: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, Refusal)
    return status_info(trouble)


async def _refuse_http(_: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, HTTPException)
    minor = "unknownobject" if trouble.status_code == 404 else None
    sentence = _SENTENCES.get(trouble.status_code, trouble.detail)
    return status_info(Refusal(trouble.status_code, minor, sentence, trouble.headers))


async def _refuse_unkept(_: Request, trouble: Exception) -> Response:
    return status_info(Refusal(500, "internal_server_error", str(trouble)))


async def _refuse_broken(_: Request, trouble: Exception) -> Response:
    return status_info(
        Refusal(500, "internal_server_error", f"The service failed: {type(trouble).__name__}.")
    )
