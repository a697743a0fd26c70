"""Where an Ed-Fi service has its parts, and what it speaks: the Ed-Fi Discovery API 1.0. Pure.

Every path comes from the service itself, since they differ from one installation to the next
(``data/v3``, ``data``, ``local/v3.3b``, an instance or a year inside). They are all taken to be at
the origin that was asked: a service behind a proxy often names itself wrongly, and whoever could
name another place would be sent our key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from app.connectors.addresses import is_loopback, origin, tidy
from app.connectors.edfi.vocabulary import NEWEST
from app.errors import ConfigError

if TYPE_CHECKING:
    from app.connectors.edfi.settings import Settings

_BELOW = re.compile(
    r"/(?:data(?:/v\d+)?|oauth|metadata|changequeries|composites|identity|docs|swagger)(?:/.*)?$",
    re.I,
)
"""What may stand behind the place of the discovery document in an address that was pasted."""

_BLANK = re.compile(r"\{([^{}]*)\}")
"""A part of an address that a client has to fill in."""

_YEAR = re.compile(r"(?<=/)(?:19|20)\d\d(?=/|$)")
_NUMBER = re.compile(r"\d+")
_DATA_PATH = re.compile(r"/data(/v\d+)?(?=/|$)", re.I)


@dataclass(frozen=True)
class Places:
    """Where the parts of a service are, without a slash at the end, and what it speaks."""

    origin: str
    data: str
    """Where the resources are (``dataManagementApi``)."""
    token: str
    token_info: str
    changes: str
    """Where the change queries are, or would usually be where the service does not tell."""
    changes_told: bool
    version: str
    """Of the ODS/API, as it says."""
    api: tuple[int, int]
    """The version in numbers; (0, 0) where it says none."""
    standard: int
    """The first number of the Data Standard: 3, 4, 5 …"""
    standard_told: str
    """The Data Standard as it says; blank where it does not."""
    elsewhere: str = ""
    """The host that it says its parts are at, where that is another than the one asked."""


def candidates(base_url: str) -> tuple[str, ...]:
    """Where the discovery document may be, from whatever address was pasted, likeliest first.

    Raises ``ConfigError`` for what cannot be an address.
    """
    base = tidy(base_url, "base_url")
    home, path = origin(base), re.sub("/+", "/", urlsplit(base).path).rstrip("/")
    above = _BELOW.sub("", path)
    found = [path] if above == path else [above, path]
    found += [] if above.lower().endswith("/api") else [f"{above}/api"]
    # A few folders up: somebody may have pasted a page of it.
    while above and len(found) < 6:
        above = above.rpartition("/")[0]
        found.append(above)
    return tuple(f"{home}{at}/" for at in dict.fromkeys(found))


def places(said: Any, at: str, settings: "Settings") -> Places | None:
    """What a discovery document found ``at`` says; ``None`` where it is none.

    Raises ``ConfigError`` where an address leaves something open that is not set.
    """
    urls = _lowered(said.get("urls")) if isinstance(said, dict) else {}
    data = urls.get("datamanagementapi")
    if not isinstance(data, str) or not data.strip():
        return None
    home = origin(at)
    told = {
        name: _placed(value, home, settings)
        for name, value in urls.items()
        if isinstance(value, str) and name in ("datamanagementapi", "tokeninfo", "changequeries")
    }
    token = _token(urls.get("oauth"), at, home, settings)
    top = _lowered(said)
    version = _text(top.get("version"))
    standard_told = _standard(top.get("datamodels"))
    api = _numbers(version)
    data = told["datamanagementapi"]
    return Places(
        origin=home,
        data=data,
        token=token,
        token_info=told.get("tokeninfo") or f"{token}_info",
        changes=told.get("changequeries") or _usual_changes(data),
        changes_told="changequeries" in told,
        version=version,
        api=api,
        standard=_numbers(standard_told)[0] or _usual_standard(api),
        standard_told=standard_told,
        elsewhere=_other_host(urls, at),
    )


def too_old(said: Any) -> bool:
    """Whether it is the document of a service before the Data Standard 3."""
    version = _text(_lowered(said).get("version")) if isinstance(said, dict) else ""
    return 0 < _numbers(version)[0] < 3


def _placed(told: str, home: str, settings: "Settings") -> str:
    """An address that the service tells, as it is used. Raises ``ConfigError``."""
    path = re.sub("/+", "/", urlsplit(_filled(told.strip(), settings)).path).rstrip("/")
    if year := settings.school_year.strip():
        path = _YEAR.sub(year, path)
    return home + path


def _other_host(urls: Mapping[str, Any], at: str) -> str:
    ours = urlsplit(at).hostname or ""
    for told in (urls.get("datamanagementapi"), urls.get("oauth")):
        host = urlsplit(told).hostname or "" if isinstance(told, str) else ""
        if host not in ("", ours) and not (is_loopback(host) and is_loopback(ours)):
            return host[:253]
    return ""


def _token(told: Any, at: str, home: str, settings: "Settings") -> str:
    """Where tokens are given: what is set, else what is told, else where it usually is."""
    if settings.token_url.strip():
        return tidy(settings.token_url, "token_url")
    if isinstance(told, str) and told.strip():
        return _placed(told, home, settings)
    return f"{at.rstrip('/')}/oauth/token"


def _filled(address: str, settings: "Settings") -> str:
    """``address`` with what it leaves open: the year, and the instance or tenant."""

    def fill(found: re.Match[str]) -> str:
        # As in {schoolYearFromRoute}, {tenantIdentifier} or {instanceId:regex(…)}.
        name = found[1].partition(":")[0]
        setting = "school_year" if "year" in name.lower() else "instance"
        value = getattr(settings, setting).strip()
        if not value:
            raise ConfigError("edfi_place_open", setting=setting, part=name)
        return quote(value, safe="/")

    return _BLANK.sub(fill, unquote(address) if "%7B" in address.upper() else address)


def _usual_changes(data: str) -> str:
    """Where change queries usually are, beside the resources."""
    found = _DATA_PATH.search(data)
    if found is None:
        return ""
    return f"{data[: found.start()]}/changeQueries/v1{data[found.end() :]}"


def _standard(models: Any) -> str:
    for model in models if isinstance(models, list) else ():
        told = _lowered(model) if isinstance(model, dict) else {}
        if _text(told.get("name")).replace("-", "").lower() == "edfi":
            return _text(told.get("version"))
    return ""


def _usual_standard(api: tuple[int, int]) -> int:
    """The Data Standard that a version of the ODS/API is usually found with."""
    if api == (0, 0) or api >= (7, 1):
        return NEWEST
    return 4 if api[0] >= 6 else 3


def _numbers(version: str) -> tuple[int, int]:
    found = [int(number[:6]) for number in _NUMBER.findall(version)[:2]]
    major, minor, *_ = *found, 0, 0
    return major, minor


def _lowered(said: Any) -> Mapping[str, Any]:
    return {str(name).lower(): value for name, value in said.items()} if said else {}


def _text(value: Any) -> str:
    return str(value).strip()[:40] if isinstance(value, str | int | float) else ""
