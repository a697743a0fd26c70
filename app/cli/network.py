"""``network``: how every SIS is reached, and whose certificates are trusted besides."""

from pathlib import Path
from typing import Any

import click
import msgspec

from app.cli import show
from app.cli.giving import given_secrets
from app.cli.opening import opened
from app.cli.options import Asked, Group
from app.cli.telling import FAILED
from app.compose import Program
from app.engine.apart import Reply
from app.engine.network import NONE, SYSTEM, VAULT, Reached, authorities
from app.engine.network import network as now_set
from app.errors import SyncError, UsageError
from app.roster.values import instant_text
from app.text import _, sentence
from app.vault import VaultError


@click.group(cls=Group, help=_("How every SIS is reached: proxy and certificate authorities."))
def network() -> None:
    """The group; its commands do the work."""


@network.command("show", help=_("What is set; of the proxy's password only whether it is there."))
@click.pass_obj
def show_(asked: Asked) -> int:
    """Shows what is set."""
    with opened(asked) as program:
        _tell(asked, program)
    return 0


@network.command("set", help=_("Changes it for all connectors; what is not named stays."))
@click.option(
    "--proxy",
    metavar="system|none|ADDRESS",
    help=_("The proxy: what this computer says, none, or an address as proxy.example.org:8080."),
)
@click.option("--user", metavar="NAME", help=_("The user at the proxy; blank for none."))
@click.option("--password", "ask", is_flag=True, help=_("Ask for the password at the proxy."))
@click.option(
    "--password-stdin", "piped", is_flag=True, help=_("It is the next line of standard input.")
)
@click.option(
    "--direct",
    metavar="HOST,…",
    help=_("Hosts and domains that are reached without the proxy; blank for none."),
)
@click.option(
    "--authority",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Certificates (PEM) of an authority to trust beside the system's own."),
)
@click.option("--no-authority", is_flag=True, help=_("Trust the system's own alone again."))
@click.pass_obj
def set_(
    asked: Asked,
    proxy: str | None,
    user: str | None,
    ask: bool,
    piped: bool,
    direct: str | None,
    authority: Path | None,
    no_authority: bool,
) -> int:
    """Changes how every SIS is reached."""
    given: dict[str, Any] = {"proxy": proxy, "user": user}
    given["direct"] = None if direct is None else tuple(direct.split(","))
    if (proxy or "").lower() in (SYSTEM, NONE) and user is None:
        given["user"] = ""
    if authority is not None or no_authority:
        given["authorities"] = ""
    told = {name: value for name, value in given.items() if value is not None}
    if not told and not ask and not piped:
        raise UsageError("network_says_nothing")
    with opened(asked) as program:
        if authority is not None:
            told["authorities"], _found = program.engine.read_authorities(authority)
        way = msgspec.structs.replace(now_set(program.database), **told)
        secrets = given_secrets(_("proxy"), ["password"] * ask, ["password"] * piped)
        program.engine.set_network(way, secrets.get("password"))
        _tell(asked, program)
    return 0


@network.command("check", help=_("Tries to reach the SIS of every connector. Exit code 1: can't."))
@click.pass_obj
def check(asked: Asked) -> int:
    """Tries it."""
    with opened(asked) as program:
        answers: list[list[Reached] | SyncError] = []
        way = now_set(program.database)
        program.engine.try_network(way, reply=Reply(answers.append))
        program.loop.run(until=lambda: bool(answers))
    [found] = answers
    if isinstance(found, SyncError):
        raise found
    if asked.json:
        show.document(
            [
                {
                    "connector": one.connector,
                    "host": one.host,
                    "reached": one.error is None,
                    "error": _error(one.error),
                }
                for one in found
            ]
        )
    elif not found:
        show.line(sentence("network_nobody"))
    else:
        show.table(
            [_("Connector"), _("Host"), _("Reached"), _("Why not")],
            [[one.connector, one.host, one.error is None, _why(one.error)] for one in found],
        )
    return FAILED if any(one.error for one in found) else 0


def _why(error: SyncError | None) -> str | None:
    return sentence(error.code, error.parameters) if error else None


def _error(error: SyncError | None) -> dict[str, str] | None:
    return {"code": error.code, "message": _why(error) or ""} if error else None


def _tell(asked: Asked, program: Program) -> None:
    way = now_set(program.database)
    trusted = authorities(way.authorities) if way.authorities else []
    if asked.json:
        show.document(
            {
                "proxy": way.proxy,
                "user": way.user or None,
                "password": _has_password(program),
                "direct": way.direct,
                "authorities": [
                    {"subject": one.subject, "issuer": one.issuer, "ends": instant_text(one.ends)}
                    for one in trusted
                ],
                "error": None,
            }
        )
        return
    words = {SYSTEM: _("as this computer says"), NONE: _("no proxy")}
    show.line(_("Proxy: {proxy}").format(proxy=words.get(way.proxy, way.proxy)))
    if way.user:
        show.line(_("User: {user}").format(user=way.user))
        if not _has_password(program):
            show.line(sentence("proxy_password_missing"))
    if way.direct:
        show.line(_("Reached without it: {hosts}").format(hosts=", ".join(way.direct)))
    if not trusted:
        show.line(_("Trusted: the authorities of this computer."))
        return
    show.line(_("Trusted beside the authorities of this computer:"))
    show.table(
        [_("Authority"), _("Vouched for by"), _("Until")],
        [[one.subject, one.issuer, show.instant(one.ends)] for one in trusted],
    )


def _has_password(program: Program) -> bool:
    try:
        return program.vault.get(*VAULT) is not None
    except VaultError:
        return False
