"""Addresses of services: whose they are, whether they are safe, what was pasted for one. Pure."""

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from app.errors import ConfigError

_SECRET = re.compile("secret|passw|pwd|token|key", re.I)
_MISTYPED = re.compile("(?!https?://)[^/]*:/", re.I)
"""What was meant to be ``https://``: no host has a colon right before its first slash."""


def origin(url: str) -> str:
    """``scheme://host[:port]`` of ``url``, in lower case and without a default port."""
    parts = _split(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, standard) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_loopback(host: str) -> bool:
    """True for this computer itself, the only place where plain HTTP is good enough."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_safe(url: str) -> None:
    """Raises ``ConfigError`` unless ``url`` is https (or http to this computer) without a login."""
    parts = _split(url)
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        # A login inside an address ends up in settings, logs and error texts.
        raise ConfigError("address_with_login", host=host)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError("address_not_https", host=host)


def tidy(pasted: str, setting: str) -> str:
    """A pasted address in its plain form. Raises ``ConfigError`` for what cannot be one.

    Settings are no place for secrets, and a query may hold one: only a token address has a query,
    and none whose names sound like a secret.
    """
    text = pasted.strip().strip("<>\"'")
    if not text:
        raise ConfigError("setting_missing", setting=setting)
    if _MISTYPED.match(text):
        raise ConfigError("address_invalid", setting=setting)
    if "://" not in text:
        text = f"https://{text}"
    try:
        require_safe(text)
    except ConfigError as error:
        error.parameters["setting"] = setting
        raise
    parts = urlsplit(text)
    if parts.fragment or (parts.query and setting != "token_url"):
        raise ConfigError("address_with_query", setting=setting)
    if any(_SECRET.search(name) for name, _value in parse_qsl(parts.query, True)):
        raise ConfigError("address_with_secret", setting=setting)
    query = f"?{parts.query}" if parts.query else ""
    return f"{origin(text)}{parts.path}{query}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ConfigError("address_invalid")
    return parts
