"""Where webhooks are received: always on this computer's loopback address."""

from urllib.parse import quote

from app.store import settings
from app.store.database import Tx

LOOPBACK = "127.0.0.1"
HOSTS = frozenset({LOOPBACK, "localhost"})
"""The names by which a request may call us; a web page that lured a browser here has another."""

USUAL_PORT = 8321


def chosen_port(tx: Tx) -> int:
    """The port set for this roster, or the usual one."""
    return int(settings.read(tx, settings.WEBHOOK_PORT) or USUAL_PORT)


def webhook_url(port: int, connector: str) -> str:
    """What the SIS, or the relay before it, has to call."""
    return f"http://{LOOPBACK}:{port}/api/webhooks/{quote(connector, safe='')}"
