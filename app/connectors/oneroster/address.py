"""Finds the services and their token endpoint from whatever address was pasted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.connectors.addresses import origin, tidy
from app.connectors.oneroster.vocabulary import (
    SERVICE_PATH,
    STREAMS,
    TOKEN_PATHS,
    V1P1,
    V1P2,
)

_COLLECTION = re.compile(
    "/(?:" + "|".join(stream.collection for stream in STREAMS.values()) + ")(?:/.*)?$", re.I
)
_SERVICE = re.compile(r"/(rostering|gradebook|resources)(/v\d+p\d+)?$", re.I)
_VERSION = re.compile(r"/v\d+p\d+$", re.I)
_VERSIONS = {"v1p1": V1P1, "v1p2": V1P2}
_PATHS = {V1P2: ("/rostering/v1p2",), V1P1: ("/v1p1", "/rostering/v1p1")}
"""Where rostering stands in a folder, by version, the newest first."""


@dataclass(frozen=True)
class Addresses:
    """Where to look, likeliest first."""

    given: str
    origin: str
    bases: tuple[str, ...]
    token_urls: tuple[str, ...]
    version: str = ""
    """The version that what was pasted names, if any."""
    others: tuple[str, ...] = ()
    """Where the versions are that are not looked for."""


def addresses(base_url: str, token_url: str, version: str = "auto") -> Addresses:
    """What the settings may mean. Raises ``ConfigError`` for what cannot be an address."""
    base = tidy(base_url, "base_url")
    home = origin(base)
    path = _COLLECTION.sub("", urlsplit(base).path.rstrip("/"))
    bases, root = _bases(path, _PATHS if version == "auto" else (version,))
    tokens: tuple[str, ...]
    if token_url.strip():
        tokens = (tidy(token_url, "token_url"),)
    else:
        # The root's own first; dict keeps the order and drops what is named twice.
        tokens = tuple(
            dict.fromkeys(f"{home}{at}{end}" for at in (root, "") for end in TOKEN_PATHS)
        )
    found = tuple(f"{home}{each}" for each in bases)
    anywhere = (f"{home}{each}" for each in _bases(path, _PATHS)[0])
    others = tuple(each for each in anywhere if each not in found)
    return Addresses(base, home, found, tokens, version_of(path), others)


def _bases(path: str, versions: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """The paths that may be the rostering service, and the path that the server stands at."""
    if found := _SERVICE.search(path):
        before = path[: found.start()]
        if found[2]:
            return (f"{before}/rostering{found[2]}",), _root(before)
        return _under((before,), versions), _root(before)
    if found := _VERSION.search(path):
        # One path for all services was the custom of 1.1; some 1.2 services keep to it.
        before = path[: found.start()]
        return tuple(dict.fromkeys((*_under((before,), versions), path))), _root(before)
    if path.lower().endswith(SERVICE_PATH):
        return _under((path,), versions), _root(path)
    if not path:
        return _under((SERVICE_PATH,), versions), path
    return (*_under((path + SERVICE_PATH, path), versions), path), path


def _under(folders: Iterable[str], versions: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        f"{folder}{end}" for version in versions for folder in folders for end in _PATHS[version]
    )


def version_of(address: str) -> str:
    """The version that an address names at its end; blank where it names none."""
    found = _VERSION.search(address)
    return _VERSIONS.get(found[0][1:].lower(), "") if found else ""


def base_of(service: str, rostering: str) -> str:
    """Where ``service`` stands, from where rostering was found: beside it, or at the same path."""
    found = _SERVICE.search(rostering)
    return f"{rostering[: found.start()]}/{service}{found[2] or ''}" if found else rostering


def _root(path: str) -> str:
    return path[: -len(SERVICE_PATH)] if path.lower().endswith(SERVICE_PATH) else path
