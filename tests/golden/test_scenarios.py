"""Plays the scenarios: every line that a file expects must follow, and no other."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.engine.decisions import Decision, Take
from app.engine.policy import Decides
from app.roster.entities import ENTITIES
from app.roster.stored import plain_value
from app.store import reads
from app.store.codec import decode_changes
from tests.engine.toy import GARBLED, District, ToySis, district

FOLDER = Path(__file__).parent / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.txt"))
REWRITE = "REWRITE_SCENARIOS" in os.environ
"""Writes what follows into the files instead of comparing; to be read line by line afterwards."""

MANY = 3
"""Of so many records at most each is told by its key."""


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem.replace("_", " "))
def test_scenario(path: Path, data_dir: Path) -> None:
    """What the file says follows, and nothing else."""
    text = path.read_text()
    with district(data_dir, ToySis()) as d:
        played = Stage(d).play(text)
    if REWRITE:
        path.write_text(played)
    assert played == text


def test_there_are_enough() -> None:
    """Thirty situations at least, each with the rules it stands for."""
    assert len(SCENARIOS) >= 30
    for path in SCENARIOS:
        head = path.read_text().partition("\n>")[0]
        assert re.search(r"\b[A-H]\d\b", head), path.name


class Stage:
    """A district on which scenarios are played."""

    def __init__(self, d: District) -> None:
        self.d = d
        self.last = 0
        self.lines: list[str] = []

    def play(self, text: str) -> str:
        """The transcript with what really followed under each line."""
        head, *parts = re.split(r"^> ", text, flags=re.MULTILINE)
        told = [head]
        for part in parts:
            what = part.splitlines()[0]
            self.lines = []
            self._do(what.split())
            told.append("\n".join([f"> {what}", *self.lines]) + "\n")
            told.append("\n" if part.endswith("\n\n") else "")
        return "".join(told)

    def _do(self, words: list[str]) -> None:
        match words:
            case ["district", schools, _, people, _]:
                self._begin(int(schools), int(people))
            case ["SIS", verb, *rest]:
                getattr(self, f"_sis_{verb}")(*rest)
            case ["we", verb, entity, key, *values]:
                self._we(verb, entity, key, values)
            case ["who", "decides", about, word]:
                entity, _, part = about.partition(".")
                self.d.engine.set_policy(
                    "toy", entity, Decides(word), part=part or None, author="Ana"
                )
            case [hours, "hours", "pass"]:
                self.d.pass_time(hours=float(hours))
            case ["sync", *full]:
                self._sync(full == ["full"])
            case ["approve" | "refuse" | "undo" as verb]:
                getattr(self, f"_{verb}")()
            case ["decide", take]:
                self._decide(take)
            case _:
                raise ValueError(" ".join(words))

    # -- the SIS --

    def _begin(self, schools: int, people: int) -> None:
        sis = self.d.sis
        for n in range(1, schools + 1):
            sis.put("orgs", f"o{n}", name=f"School {n}", type="school")
        for n in range(4 * schools):
            sis.put("classes", f"c{n}", title=f"Class {n}", school=f"o{n % schools + 1}")
        for n in range(people):
            school = f"o{n % schools + 1}"
            sis.put(
                "users",
                f"u{n:03d}",
                given_name=f"Given {n}",
                family_name=f"Family {n}",
                enabled_user=True,
                email=f"u{n}@district.example",
                identifier=f"{1000 + n}",
                roles=[{"role": "student", "org": school, "role_type": "primary"}],
                grades=["09"],
            )
            sis.put(
                "enrollments",
                f"e{n:03d}",
                user=f"u{n:03d}",
                **{"class": f"c{n % (4 * schools)}"},
                school=school,
                role="student",
            )
        sis.page = max(10, people // 3)

    def _keys(self, entity: str, told: str) -> list[str]:
        """One key, several with commas, or a range: ``u000..u009``."""
        keys = []
        for part in told.split(","):
            first, _, last = part.partition("..")
            known = sorted(self.d.sis.rows.get(entity, {}))
            if not last:
                keys.append(first)
                continue
            last, _, step = last.partition("/")
            keys += [key for key in known if first <= key <= last][:: int(step or 1)]
        return keys

    def _values(self, entity: str, told: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in told:
            name, _, text = one.partition("=")
            field = ENTITIES[entity].by_name[name]
            value: Any = text.replace("_", " ") if not field.references else text
            if name == "roles":
                value = [
                    dict(zip(("role", "org", "role_type"), part.split("@"), strict=False))
                    for part in text.split("+")
                    if part
                ]
            elif field.kind.is_list:
                value = text.split("+") if text else None
            found[name] = value or None
            if text in ("true", "false"):
                found[name] = text == "true"
        return found

    def _sis_puts(self, entity: str, keys: str, *values: str) -> None:
        for key in self._keys(entity, keys):
            self.d.sis.put(entity, key, **self._values(entity, list(values)))

    def _sis_changes(self, entity: str, keys: str, *values: str) -> None:
        for key in self._keys(entity, keys):
            self.d.sis.change(entity, key, **self._values(entity, list(values)))

    def _sis_ends(self, entity: str, keys: str) -> None:
        for key in self._keys(entity, keys):
            self.d.sis.end(entity, key)

    def _sis_loses(self, entity: str, keys: str) -> None:
        self.d.sis.vanish(entity, *self._keys(entity, keys))

    def _sis_moves(self, entity: str, old: str, _to: str, new: str) -> None:
        self.d.sis.rekey(entity, (old, new))

    def _sis_garbles(self, entity: str, keys: str) -> None:
        for key in self._keys(entity, keys):
            self.d.sis.put(entity, key, **GARBLED)

    def _sis_answers(self, _as: str, scope: str) -> None:
        self.d.sis.scope = scope

    def _sis_counts(self, number: str, *_: str) -> None:
        self.d.sis.extra_total = int(number)

    def _sis_hides(self, entity: str, keys: str) -> None:
        self.d.sis.hidden = {(entity, key) for key in self._keys(entity, keys)}

    def _sis_forbids(self, entity: str, keys: str) -> None:
        self.d.sis.forbidden = {(entity, key) for key in self._keys(entity, keys)}

    def _sis_shows(self, _everything: str) -> None:
        self.d.sis.hidden, self.d.sis.forbidden = set(), set()

    def _sis_reads(self, _nothing: str, *_: str) -> None:
        self.d.sis.by_key = False

    # -- we --

    def _we(self, verb: str, entity: str, keys: str, values: list[str]) -> None:
        engine = self.d.engine
        for key in self._keys(entity, keys):
            record = self.d.id(entity, key)
            if verb == "edit":
                engine.edit(entity, record, self._given(entity, values), "Ana")
            elif verb == "end":
                engine.end_record(entity, record, "Ana")
            else:
                getattr(engine, verb)(entity, record, "Ana")

    def _given(self, entity: str, values: list[str]) -> dict[str, Any]:
        given = self._values(entity, values)
        for one in given.get("roles") or ():
            one["org"] = self.d.id("orgs", one["org"])
        return given

    def _sync(self, full: bool) -> None:
        run = self.d.sync(full=full)
        first, self.last = not self.last, run.id
        if first:
            # That everything of a new district is new needs no telling.
            self.lines.append(run.state)
            return
        self._tell(run.state, run.id)
        self._tell_log(run.id)

    def _approve(self) -> None:
        run = self.d.engine.approve(self.last, author="Ana")
        self.d.loop.run(until=lambda: not self.d.engine.busy)
        self._tell(reads.run(self.d.database, run).state, run)

    def _refuse(self) -> None:
        refused = self.d.engine.refuse(self.last, author="Ana")
        assert refused is not None
        self._tell("refused", refused.id)

    def _undo(self) -> None:
        with self.d.database.reading() as tx:
            row = tx.one("SELECT max(id) FROM change_sets")
        assert row is not None
        undone = self.d.engine.undo(int(row[0]), author="Ana", approved=True)
        assert undone is not None
        self._tell("undone", undone.id)

    def _decide(self, take: str) -> None:
        with self.d.database.reading() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM conflicts ORDER BY id")]
        done = self.d.engine.resolve([Decision(id_, take=Take(take)) for id_ in ids], "Ana")
        self._tell("decided", done.change_set)

    # -- what followed --

    def _tell(self, state: str, change_set: int | None) -> None:
        self.lines.append(state)
        found: dict[str, list[str]] = defaultdict(list)
        with self.d.database.reading() as tx:
            keys = self._key_by_record(tx)
            for entity in ENTITIES:
                for (record,) in tx.rows(
                    f"SELECT id FROM {entity} WHERE created_in = ? ORDER BY id", (change_set,)
                ):
                    found[f"new {entity}"].append(keys.get(record, "ours"))
            for entity, record, before, after in tx.rows(
                "SELECT entity, record, before, after FROM changes WHERE change_set = ? "
                "ORDER BY id",
                (change_set,),
            ):
                for what in self._changes(entity, decode_changes(before), decode_changes(after)):
                    verb, _, rest = what.partition(" ")
                    found[f"{verb} {entity}\0{rest}"].append(keys.get(record, "ours"))
            for entity, key, action, held in tx.rows(
                "SELECT entity, key, action, held_by FROM items JOIN links ON links.id = link "
                "JOIN streams ON streams.id = items.stream WHERE state = 'waiting' "
                "ORDER BY items.id"
            ):
                found[f"waiting {entity}\0to {action}: {held}"].append(key)
            for entity, record, part, kind in tx.rows(
                "SELECT entity, record, part, kind FROM conflicts ORDER BY id"
            ):
                found[f"asked {entity}\0{part}: {kind}"].append(keys.get(record, "ours"))
        for what, of in found.items():
            head, _, rest = what.partition("\0")
            who = [f"{len(of)} of them"] if len(of) > MANY else of
            self.lines += [f"  {head} {one} {rest}".rstrip() for one in who]

    @staticmethod
    def _key_by_record(tx: Any) -> dict[int, str]:
        # Of two links the older one is how the record is known.
        return dict(
            tx.rows(
                "SELECT record, key FROM links JOIN streams ON streams.id = stream ORDER BY "
                "links.id DESC"
            )
        )

    def _changes(self, entity: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
        if "alive" in after:
            yield "back" if after["alive"] else "ended"
        names = [name for name in after if name != "alive"]
        if not names:
            return
        if len(names) > MANY:
            yield "changed many fields"
            return
        known = ENTITIES[entity].by_name
        told = [
            f"{name} {self._text(known[name], before[name])} → "
            f"{self._text(known[name], after[name])}"
            for name in names
        ]
        yield "changed " + ", ".join(re.sub(r"\d+", "n", one) for one in told)

    @staticmethod
    def _text(field: Any, stored: Any) -> str:
        value = plain_value(field, stored)
        if value is None:
            return "-"
        if field.kind.is_list:
            return "+".join(str(part[0] if isinstance(part, tuple) else part) for part in value)
        return str(value)

    def _tell_log(self, run: int) -> None:
        codes: dict[str, str] = {}
        for line in reads.run_log(self.d.database, run):
            if line.level != "info" and line.code != "limit_tripped":
                codes[line.code] = line.entity or ""
        self.lines += [f"  told {code} ({entity})" for code, entity in codes.items()]
