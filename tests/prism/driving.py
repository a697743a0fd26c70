"""Everything that the connector can ask of a service, asked once: reads, then every write."""

from collections.abc import Mapping
from typing import Any

from app.connectors.conformance import Bench, Pulled, run, run_pull
from app.connectors.contract import (
    Capability,
    Change,
    Connector,
    Gone,
    Grade,
    Outcome,
    Row,
    Transport,
)
from app.roster.entities import ENTITIES
from app.roster.values import TEXT, Boolean, Choice, Date, Elements, Instant, Kind, Number, Plain

NOBODY = "nobody has this key"


def read_all(connector: Connector, transport: Transport) -> tuple[Mapping[str, Pulled], list[str]]:
    """What is read: *Test connection*, each stream whole, its changes, its count, and by key.

    Also what went otherwise than it should, in sentences.
    """
    wrong = [
        f"Test connection: {finding.code} {dict(finding.parameters)}"
        for finding in run(connector.check(), transport)
        if finding.grade is Grade.BAD
    ]
    pulled = {}
    for entity in connector.capabilities():
        run(connector.count(entity), transport)
        whole = pulled[entity] = run_pull(connector, entity, None, transport)
        since = run_pull(connector, entity, whole.pages[-1].state, transport)
        told = [*whole.uncertainties(), *([since.error.code] if since.error else [])]
        told += [note.code for page in whole.pages for note in page.notes]
        wrong += [f"{entity}: {each}" for each in told]
        if not whole.rows:
            wrong.append(f"{entity}: there are no rows to read")
        for key in [*list(whole.rows)[:1], NOBODY]:
            found = run(connector.fetch(entity, key, Bench()), transport)
            if found != (Gone.NOT_FOUND if key is NOBODY else whole.rows[key]):
                wrong.append(f"{entity}: read by key it is not the same")
    return pulled, wrong


def write_all(
    connector: Connector, transport: Transport, pulled: Mapping[str, Pulled], name: str
) -> list[str]:
    """Every record type that can be written, with all its fields filled: made, changed, deleted.

    Each write is confirmed. Returns what went otherwise than it should.
    """
    wrong: list[str] = []
    made: dict[str, Change] = {}

    def written(change: Change) -> str:
        """Writes and confirms; the key that the record has by then."""
        result = run(connector.push(change, Bench()), transport)
        if result.outcome is not Outcome.DONE:
            wrong.append(f"{change.action} of {change.entity}: {result}")
        elif run(connector.confirm(change, Bench()), transport).outcome is not Outcome.DONE:
            wrong.append(f"{change.action} of {change.entity} was not confirmed")
        return str(result.key or change.key)

    for entity, can in connector.capabilities().items():
        if not can.writes:
            continue
        patch = _filled(entity, can, pulled, made, name)
        key = written(Change(entity, "create", f"{name} {entity}", patch))
        told = {of: _other(entity, of, value) for of, value in patch.items() if of in can.written}
        written(Change(entity, "update", key, told, patch))
        made[entity] = Change(entity, "delete", key, {}, patch | told)
    for change in reversed(made.values()):
        written(change)
    return wrong


def _filled(
    entity: str,
    can: Capability,
    pulled: Mapping[str, Pulled],
    made: Mapping[str, Change],
    name: str,
) -> dict[str, Plain]:
    """A record like the fullest that is there, with something in every field.

    It belongs to what was made before, and is called ``name``, so that it can be told from others.
    """
    fields = ENTITIES[entity].by_name
    rows = [row for row in pulled[entity].rows.values() if isinstance(row, Row)]
    fullest = min(rows, key=lambda row: row.patch.count(None))
    found = dict(zip(can.fields, fullest.patch, strict=True))
    for field in can.fields:
        target = fields[field].target
        if target is None:
            found[field] = _sample(fields[field].kind) if found[field] is None else found[field]
        elif target in made:
            above = made[target]
            found[field] = above.key
            found |= {
                of: above.base[of] for of in ("class", "school") if of in found and of in above.base
            }
        elif found[field] is None:
            found[field] = next(iter(pulled[target].rows))
    return found | ({"title": name} if "title" in found else {})


def _sample(kind: Kind) -> Plain:
    if isinstance(kind, Elements):
        words = {"source": "case", "learning_objective_id": "standard 1", "score": 1.0}
        told = [words.get(name, "A") for name in kind.names]
        return kind.normal([told])
    if isinstance(kind, Choice):
        return kind.words[0]
    said: dict[type[Kind], Any] = {
        Boolean: True,
        Number: 1.0,
        Date: "2026-03-03",
        Instant: "2026-03-03T08:00:00Z",
    }
    return said.get(type(kind), "Something")


def _other(entity: str, field: str, value: Plain) -> Plain:
    """Another value for a field, where its kind has one that no other record has to agree to."""
    kind = ENTITIES[entity].by_name[field].kind
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Choice):
        return next(word for word in kind.words if word != value)
    if kind == TEXT:
        return f"{value} again"
    return value
