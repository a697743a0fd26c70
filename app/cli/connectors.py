"""``connectors``: what is connected, and how.

A secret is never an argument (anybody on the machine could read it in the list of processes): it is
asked for, unseen, or read from standard input.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from app.cli import show
from app.cli.export import print_withheld
from app.cli.findings import findings_document, print_findings, works
from app.cli.giving import given_secrets
from app.cli.known import known, known_document, known_text, pause, resume
from app.cli.opening import opened, reaching
from app.cli.options import Asked, Group
from app.cli.policy import print_switches, switches_document
from app.cli.presets import PRESET, choice_text, preset_document, preset_of, presets, print_habits
from app.cli.rotate import rotate
from app.cli.scope import SCOPE, archive, print_scope, unseen
from app.cli.telling import FAILED, exit_code
from app.cli.unreadable import unreadable
from app.compose import PRACTICE, Program, kinds
from app.connectors.contract import Finding, Grade, Kind, Setting, declared
from app.engine.apart import Reply
from app.engine.configuring import FIRST_PORT, LAST_PORT
from app.engine.examining import HEADINGS, Problems, in_words
from app.engine.overview import Glance, overview
from app.engine.scope import Scope, chosen
from app.errors import ConfigError, NotFound, SyncError, UsageError
from app.roster.values import instant_text
from app.server.address import chosen_port, webhook_url
from app.store import reads
from app.store.database import Database
from app.store.outbox import HELD, unsent
from app.store.policies import switches
from app.text import _, day, plural, sentence
from app.vault import NONE_THERE, VaultError, environment_name


@click.group(cls=Group, help=_("The SIS that are connected."))
def connectors() -> None:
    """The group; its commands do the work."""


# -- looking ----------------------------------------------------------------------------------


@connectors.command("kinds", help=_("What can be connected, with its settings and secrets."))
@click.pass_obj
def kinds_(asked: Asked) -> int:
    """Lists the kinds."""
    found = kinds()
    if asked.json:
        show.document([_kind_document(kind) for kind in found.values()])
        return 0
    for kind in found.values():
        show.heading(f"{kind.name}: {_(kind.label)}")
        rows: list[list[object]] = [
            [
                one.name,
                _(one.about.label),
                _values(one.about),
                one.default,
            ]
            for one in declared(kind)
        ]
        rows += [
            [f"--secret {secret.key}", _(secret.label), _("a secret"), None]
            for secret in kind.secrets
        ]
        show.table([_("Setting"), _("Means"), _("Values"), _("Otherwise")], rows)
        if kind.presets:
            told = ", ".join(preset.name for preset in kind.presets)
            show.line(_("What suits a vendor’s SIS (--preset): {presets}").format(presets=told))
        show.line()
    return 0


def _values(about: Setting) -> str:
    """What a setting is for, and what it may be: “off (Off) | read (Read)”."""
    told = " | ".join(choice_text(about, choice) for choice in about.choices)
    return " ".join(filter(None, [_(about.hint), told]))


def _kind_document(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "label": kind.label,
        "settings": [
            {
                "name": one.name,
                "label": one.about.label,
                "hint": one.about.hint,
                "choices": one.about.choices,
                "labels": {choice: one.about.label_of(choice) for choice in one.about.choices},
                "default": one.default,
                "advanced": one.about.advanced,
            }
            for one in declared(kind)
        ],
        "secrets": [{"key": secret.key, "label": secret.label} for secret in kind.secrets],
        "presets": [preset_document(preset) for preset in kind.presets],
    }


@connectors.command("list", help=_("Every connector and how it is, the most urgent first."))
@click.pass_obj
def list_(asked: Asked) -> int:
    """Lists the connectors."""
    with opened(asked) as program:
        seen = overview(program.database, datetime.now(UTC))
        names = [glance.facts.name for glance in seen.glances]
        outside = {name: reads.outside(program.database, name) for name in names}
        if asked.json:
            show.document(
                [_glance_document(glance, outside[glance.facts.name]) for glance in seen.glances]
            )
        elif not seen.glances:
            show.line(sentence("nothing_connected"))
        else:
            _print_glances(program.database, seen.glances, outside)
            print_withheld(program.database)
    return 0


def _print_glances(
    database: Database, glances: Sequence[Glance], outside: Mapping[str, Mapping[str, int]]
) -> None:
    show.table(
        [_("Connector"), _("How it is"), _("Last sync"), _("Why")],
        [
            [
                glance.facts.name,
                _(glance.health.badge.value),
                show.moment(glance.facts.last.started_at) if glance.facts.last else None,
                show.standing(glance.health.code, glance.health.parameters),
            ]
            for glance in glances
        ],
    )
    for glance in glances:
        name = glance.facts.name
        print_scope(database, name, glance.facts.scope, outside[name])


@connectors.command("show", help=_("One connector: its settings, schedule, scope and secrets."))
@click.argument("name")
@click.pass_obj
def show_(asked: Asked, name: str) -> int:
    """Shows a connector; of its secrets only whether they are there."""
    asked.connector = name
    with opened(asked) as program:
        database = program.database
        reads.connector(database, name)
        seen = overview(database, datetime.now(UTC))
        [glance] = [one for one in seen.glances if one.facts.name == name]
        outside = reads.outside(database, name)
        kind = program.kinds.get(glance.facts.kind)
        secrets = {one.key: _has(program, name, one.key) for one in kind.secrets} if kind else {}
        [switched] = switches(database, name)
        if asked.json:
            more = {"secrets": secrets, **switches_document(switched), "error": None}
            show.document(_glance_document(glance, outside) | more)
        else:
            _print_connector(glance, kind, secrets, practice=asked.practice and name == PRACTICE)
            print_switches(switched)
            print_scope(database, name, glance.facts.scope, outside)
            print_withheld(database)
    return 0


def _print_connector(
    glance: Glance, kind: Kind | None, secrets: Mapping[str, bool], *, practice: bool
) -> None:
    facts, health = glance.facts, glance.health
    show.heading(f"{facts.name} ({_(kind.label) if kind else facts.kind})")
    show.line(f"{_(health.badge.value)}: {show.standing(health.code, health.parameters)}")
    labels = {one.name: _(one.about.label) for one in declared(kind)} if kind else {}
    missing = _("is made anew at each start") if practice else _("is missing")
    there = {True: _("is kept"), False: missing}
    rows: list[list[object]] = [
        [name, labels.get(name), str(value)]
        for name, value in facts.settings.items()
        if value not in (None, "")
    ]
    named = {one.key: _(one.label) for one in kind.secrets} if kind else {}
    rows += [[key, named[key], there[kept]] for key, kept in secrets.items()]
    if rows:
        show.table([_("Setting"), _("Means"), _("Value")], rows)
    when = show.instant(glance.next) if glance.next else _("not planned")
    schedule = _("Schedule: {schedule}; next sync: {when}.")
    show.line(schedule.format(schedule=facts.schedule or _("off"), when=when))
    show.line(_("Webhooks are on.") if facts.webhooks else _("Webhooks are off."))
    if facts.paused:
        show.line(_("It is paused."))
    if facts.credentials_until:
        until = day(date.fromisoformat(facts.credentials_until))
        show.line(_("Its credentials hold until {until}.").format(until=until))
    if facts.issue:
        show.line(known_text(facts.issue))


def _glance_document(glance: Glance, outside: Mapping[str, int]) -> dict[str, Any]:
    facts, health = glance.facts, glance.health
    return {
        "connector": facts.name,
        "kind": facts.kind,
        "settings": facts.settings,
        "badge": health.badge.name.lower(),
        "reason": {"code": health.code, "message": show.standing(health.code, health.parameters)},
        "paused": facts.paused,
        "known": known_document(facts.issue),
        "credentials_until": facts.credentials_until,
        "schedule": facts.schedule,
        "next_sync_at": instant_text(glance.next) if glance.next else None,
        "webhooks": facts.webhooks,
        "scope": facts.scope,
        "outside": outside,
        "last_run": facts.last.id if facts.last else None,
        "last_state": facts.last.state if facts.last else None,
        "last_good_at": facts.good.ended_at if facts.good else None,
        "waiting": facts.standing.waiting,
        "conflicts": facts.standing.conflicts,
        "unreadable": facts.standing.unreadable,
    }


# -- changing ---------------------------------------------------------------------------------

_SET = click.option(
    "--set", "pairs", multiple=True, metavar="KEY=VALUE", help=_("A setting; may be repeated.")
)
_SCHEDULE = click.option(
    "--schedule",
    metavar="TIMES",
    help=_(
        "When it syncs by itself, while the window or “serve” runs: “06:30 12:00”, “every hour” or "
        "“off”."
    ),
)
_SECRET = click.option(
    "--secret", "hidden", multiple=True, metavar="KEY", help=_("A secret that is asked for.")
)
_SECRET_STDIN = click.option(
    "--secret-stdin",
    "piped",
    multiple=True,
    metavar="KEY",
    help=_("A secret that is the next line of standard input."),
)


@connectors.command("add", help=_("Adds a connector. “connectors kinds” shows what it needs."))
@click.argument("name")
@click.option("--kind", help=_("What it speaks; a preset tells it, too."))
@PRESET
@_SET
@_SECRET
@_SECRET_STDIN
@_SCHEDULE
@click.pass_obj
def add(
    asked: Asked,
    name: str,
    kind: str | None,
    preset: str | None,
    pairs: Sequence[str],
    hidden: Sequence[str],
    piped: Sequence[str],
    schedule: str | None,
) -> int:
    """Adds a connector; an existing one is left as it is."""
    asked.connector = name
    with opened(asked) as program:
        if any(facts.name == name for facts in reads.connectors(program.database)):
            raise UsageError("connector_exists", name=name)
        vendor = None
        if preset is not None:
            suited, vendor = preset_of(program.kinds.values(), preset, kind)
            kind = suited.name
        if kind is None:
            raise UsageError("kind_not_named")
        suits = {key: one.value for key, one in vendor.settings.items()} if vendor else {}
        settings = {**suits, **_parsed(pairs)}
        _save(asked, program, name, kind, settings, hidden, piped, schedule)
    if vendor is not None and not asked.json:
        print_habits(vendor)
    return 0


@connectors.command(
    "edit", help=_("Changes settings, secrets or the scope; what is not named stays.")
)
@click.argument("name")
@_SET
@_SECRET
@_SECRET_STDIN
@_SCHEDULE
@SCOPE
@click.pass_obj
def edit(
    asked: Asked,
    name: str,
    pairs: Sequence[str],
    hidden: Sequence[str],
    piped: Sequence[str],
    schedule: str | None,
    scope: Sequence[str],
) -> int:
    """Changes a connector."""
    asked.connector = name
    with opened(asked) as program:
        facts = reads.connector(program.database, name)
        wanted = chosen(program.database, name, scope) if scope else None
        settings = {**facts.settings, **_parsed(pairs)}
        _save(asked, program, name, facts.kind, settings, hidden, piped, schedule, wanted)
    return 0


def _parsed(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            # The value is not repeated: somebody may have typed a secret here.
            raise UsageError("setting_not_a_pair")
        found[key] = value
    return found


def _save(
    asked: Asked,
    program: Program,
    name: str,
    kind_name: str,
    settings: Mapping[str, Any],
    hidden: Sequence[str],
    piped: Sequence[str],
    schedule: str | None,
    scope: Scope | None = None,
) -> None:
    kind = _known_kind(program, kind_name)
    if schedule is not None and not schedule.strip():
        raise UsageError("schedule_blank")
    known = [secret.key for secret in kind.secrets]
    for key in (*hidden, *piped):
        if key not in known:
            raise UsageError("secret_unknown", key=key, known=", ".join(known))
    for key in settings:
        if key in known:
            raise UsageError("secret_as_setting", key=key)
    secrets = given_secrets(name, hidden, piped)
    when = "" if schedule == "off" else schedule
    try:
        program.engine.save_connector(name, kind_name, settings, secrets, schedule=when)
    except ConfigError as error:
        # What was typed cannot be: a mistake in the command, while in a sync it is a failure.
        raise UsageError(error.code, error.detail, **error.parameters) from error
    except VaultError as error:
        if error.code not in NONE_THERE:
            raise
        key = next(iter(secrets))
        told = {"key": key, "variable": environment_name(name, key)}
        raise VaultError("secret_not_kept", error.code, **told) from error
    if scope is not None:
        program.engine.set_scope(name, scope)
        for part, value in unseen(program.database, scope):
            show.aside(sentence("scope_unseen", {"part": part, "value": value}))
    missing = [key for key in known if key not in secrets and not _has(program, name, key)]
    if asked.json:
        facts = reads.connector(program.database, name)
        show.document(
            {
                "connector": name,
                "kind": kind_name,
                "settings": facts.settings,
                "schedule": facts.schedule,
                "scope": facts.scope,
                "secrets_missing": missing,
                "error": None,
            }
        )
        return
    show.line(_("“{name}” is saved.").format(name=name))
    scope_now = reads.connector(program.database, name).scope
    print_scope(program.database, name, scope_now, {})
    if scope is not None:
        show.line(_("The next sync reads everything, and goes by it."))
    for key in missing:
        variable = environment_name(name, key)
        told = {"name": name, "key": key, "variable": variable}
        show.line(sentence("secret_still_missing", told))


def _known_kind(program: Program, name: str) -> Kind:
    if name not in program.kinds:
        raise NotFound("kind_unknown", kind=name)
    return program.kinds[name]


def _has(program: Program, name: str, key: str) -> bool:
    try:
        return program.vault.get(name, key) is not None
    except VaultError:
        return False  # without a keyring there is none; storing one would have said why


@connectors.command("remove", help=_("Forgets a connector and its secrets; its records stay."))
@click.argument("name")
@click.option(
    "--yes",
    is_flag=True,
    help=_("Also where differences, approvals or changes to send go with it."),
)
@click.pass_obj
def remove(asked: Asked, name: str, yes: bool) -> int:
    """Removes a connector; with what stands open only where that is said to be meant."""
    asked.connector = name
    with opened(asked) as program:
        if not yes and (forgotten := _open(program.database, name)):
            raise UsageError("remove_forgets", name=name, what="; ".join(forgotten))
        program.engine.remove_connector(name)
        unlinked = reads.unlinked(program.database)
    if asked.json:
        show.document({"connector": name, "records_unlinked": unlinked, "error": None})
        return 0
    show.line(
        _("“{name}” is removed. Its records and its history are still here.").format(name=name)
    )
    if unlinked:
        show.line(
            plural(
                "{n} record in the roster belongs to no connector now.",
                "{n} records in the roster belong to no connector now.",
                unlinked,
            )
        )
        show.line(
            _(
                "Added again as “{name}” and of the same kind, it knows its records again; under "
                "another name it makes new ones."
            ).format(name=name)
        )
    return 0


def _open(database: Database, name: str) -> list[str]:
    """What a connector's removal forgets, in words."""
    standing = reads.connector(database, name).standing
    counts = [
        (standing.conflicts, "{n} open difference", "{n} open differences"),
        (standing.waiting, "{n} that waits for approval", "{n} that wait for approval"),
        (
            sum(one.state != HELD for one in unsent(database, name)),
            "{n} change not sent",
            "{n} changes not sent",
        ),
    ]
    return [plural(one, many, count) for count, one, many in counts if count]


for _further in (archive, presets, pause, resume, known, rotate, unreadable):
    connectors.add_command(_further)


# -- webhooks ---------------------------------------------------------------------------------


@connectors.command(
    "webhooks",
    help=_(
        "Whether the SIS may tell of changes by webhook; what to give to it. The secret is printed "
        "when it is made, and never again. “serve” or the window receives."
    ),
)
@click.argument("name")
@click.option("--on/--off", "wanted", default=None, help=_("Switch webhooks on or off."))
@click.option("--rotate", is_flag=True, help=_("Make a new secret; the one before ends at once."))
@click.option(
    "--port",
    type=click.IntRange(FIRST_PORT, LAST_PORT),
    help=_("Where all webhooks are received (8321)."),
)
@click.pass_obj
def webhooks(asked: Asked, name: str, wanted: bool | None, rotate: bool, port: int | None) -> int:
    """Shows how it is with webhooks, after changing what is asked for."""
    asked.connector = name
    if rotate and wanted is False:
        raise UsageError("webhooks_off_need_no_secret")
    with opened(asked) as program:
        reads.connector(program.database, name)
        if port is not None:
            program.engine.set_webhook_port(port)
        secret = None
        if wanted is not None or rotate:
            secret = program.engine.set_webhooks(name, wanted is not False, renew=rotate)
        on = reads.connector(program.database, name).webhooks
        with program.database.reading() as tx:
            address = webhook_url(chosen_port(tx), name)
    if asked.json:
        show.document(
            {"connector": name, "on": on, "address": address, "secret": secret, "error": None}
        )
        return 0
    if not on:
        show.line(_("Webhooks of “{name}” are off.").format(name=name))
        return 0
    show.line(_("Webhooks of “{name}” are on.").format(name=name))
    show.line(_("Address: {address}").format(address=address))
    if secret is not None:
        show.line(_("Secret: {secret}").format(secret=secret))
        show.line(_("Give both to your SIS now; the secret is not shown again."))
    show.line(sentence("webhook_only_here"))
    return 0


# -- trying -----------------------------------------------------------------------------------


@connectors.command("check", help=_("Tries a connector's settings. Exit code 1: they don't work."))
@click.argument("name", required=False)
@click.pass_obj
def check(asked: Asked, name: str | None) -> int:
    """Tries a connector."""
    if name is None and asked.practice:
        name = PRACTICE
    if name is None:
        raise UsageError("connector_not_named")
    asked.connector = name
    with reaching(asked) as program:
        answers: list[list[Finding] | SyncError] = []
        program.engine.check(name, answers.append)
        program.loop.run(until=lambda: bool(answers))
    [found] = answers
    if isinstance(found, SyncError):
        if exit_code(found) != FAILED:
            raise found
        found = [Finding(found.code, Grade.BAD, found.parameters)]
    if asked.json:
        show.document(findings_document(name, found))
    else:
        print_findings(name, found)
    return 0 if works(found) else FAILED


@connectors.command(
    "problems",
    help=_("What is wrong in the files that a connector reads: file, line, column, value."),
)
@click.argument("name")
@click.option("--out", metavar="FILE", help=_("Save all of it as CSV for a spreadsheet."))
@click.pass_obj
def problems(asked: Asked, name: str, out: str | None) -> int:
    """Examines the files, and saves what is found where that is asked for."""
    asked.connector = name
    with reaching(asked) as program:
        answers: list[Problems | SyncError] = []
        path = None if out is None else Path(out)
        program.engine.examine(name, out=path, reply=Reply(answers.append))
        program.loop.run(until=lambda: bool(answers))
    [found] = answers
    if isinstance(found, SyncError):
        raise found
    if asked.json:
        show.document(_problems_document(name, out, found))
        return 0
    if not found.count:
        show.line(_("Nothing is wrong in the files of “{name}”.").format(name=name))
        return 0
    if out is None:
        show.table([_(one) for one in HEADINGS], [list(in_words(one)) for one in found.first])
    show.table(
        [_("How often"), _("What is wrong")],
        [[show.number(count), sentence(rule)] for rule, count in found.rules.items()],
    )
    if out is not None:
        show.line(_("Saved to {path}.").format(path=out))
    elif found.count > len(found.first):
        told = _("{count} in all; --out saves them.")
        show.line(told.format(count=show.number(found.count)))
    return 0


def _problems_document(name: str, out: str | None, found: Problems) -> dict[str, Any]:
    return {
        "connector": name,
        "path": out,
        "count": found.count,
        "rules": found.rules,
        "problems": [{**one._asdict(), "harm": one.harm.value} for one in found.first],
        "error": None,
    }
