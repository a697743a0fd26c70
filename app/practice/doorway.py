"""The one place that every request and every answer passes, whatever it asks for."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Doorway:
    """Stands around the whole service.

    Today it counts. What must hold for all requests alike, or go wrong with all of them alike,
    belongs here and nowhere else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        if scope["type"] == "http":
            self.requests += 1
        await self._app(scope, receive, send)
