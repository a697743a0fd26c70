"""A preview by school: what would be there afterwards, and what of it is new, changed or gone.

It is what a person looks at before a first sync: are these our schools, and about so many people?
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from app.engine.doubts import against, because
from app.engine.judging import schools_of
from app.engine.limits import DISTRICT, OPEN
from app.engine.overview import doubts
from app.engine.preview import Plan, plan_of
from app.engine.saving import save_table
from app.engine.today import belonging
from app.roster.entities import ENTITIES
from app.roster.values import instant_text
from app.store import differences, outbox, previews, reads, scopes, sizes
from app.store.database import Database, Tx
from app.store.together import Together, together
from app.store.waiting import SAMPLES
from app.text import N_, _

COUNTED = ("students", "staff", "classes", "enrollments")
"""What is counted in a school,"""
DONE = ("created", "changed", "removed", "waiting")
"""and what happens there."""
HEADINGS = (
    N_("School"), N_("Students"), N_("Staff"), N_("Classes"), N_("Enrollments"), N_("New"),
    N_("Changed"), N_("Removed"), N_("Would wait for you"), N_("Such as"),
)  # fmt: skip

GOES = (outbox.WAITING, outbox.RELEASED)
"""How it stands with what nothing keeps from being sent."""


@dataclass
class School:
    """One school, or the district with all that belongs to no school."""

    id: int
    """A record id; 0 for the district."""
    key: str = ""
    """Its key at the SIS."""
    name: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    """By the words of ``COUNTED``: how many there would be; by those of ``DONE``: of records."""
    samples: Sequence[str] = ()
    """What some of the people and classes are called to whom something happens."""


@dataclass(frozen=True)
class FirstLook:
    """What a preview found."""

    run: reads.RunRow
    schools: Sequence[School]
    """By name; what belongs to none comes last."""
    whole: Counter[str]
    """The same counts for all schools together; who belongs to several counts once."""
    several: bool
    """Some belong to several schools, so the schools add up to more than the whole."""
    doubts: Sequence[str]
    """Why the answer of the SIS was not whole, a sentence each."""
    beside: Sequence[Together] = ()
    """By record type, how many are those that other connectors tell of; none without others."""
    sends: int = 0
    """How many changes it would send to the SIS."""

    @property
    def unreadable(self) -> int:
        """How many rows could not be understood."""
        return self.run.total("unreadable")

    @property
    def differences(self) -> int:
        """How many differences it would leave for a person."""
        return self.run.total("conflicts")


def first_look(database: Database, run: int) -> FirstLook:
    """What a preview found, by school; raises ``NotFound`` when its copy is gone."""
    row = reads.run(database, run)
    with previews.opened(database, run) as copy:
        planned = plan_of(copy, run)
        with copy.reading() as tx:
            streams = previews.streams(tx, run)
            found: dict[int, School] = {}
            whole: Counter[str] = Counter()
            several = planned.several
            for word, schools, count in _counted(tx, streams):
                whole[word] += count
                several |= len(schools) > 1
                for id_ in schools:
                    found.setdefault(id_, School(id_)).counts[word] += count
            for effect in planned.effects:
                school = found.setdefault(effect.school, School(effect.school))
                for word in DONE:
                    school.counts[word] += getattr(effect, word)
            for id_, key, _outside in scopes.links_of(tx, streams.get("orgs", 0), found):
                found[id_].key = key
        titles = reads.titles(copy, ("orgs", found))
        beside = together(copy, row.connector)
    samples = _samples(planned)
    for school in found.values():
        school.name = titles.get(school.id, school.key)
        school.samples = samples[school.id]
    for word, name in (("created", "created"), ("changed", "updated"), ("removed", "deleted")):
        whole[word] = row.total(name)
    whole["waiting"] = row.total("waiting")
    in_order = sorted(found.values(), key=lambda one: (one.id == DISTRICT, one.name.casefold()))
    sends = sum(one.state in GOES and not one.words for one in planned.sends)
    return FirstLook(row, in_order, whole, several, doubts(row), beside, sends)


@dataclass(frozen=True)
class InDoubt:
    """Two of whom it would be asked whether they are one."""

    entity: str
    ours: str
    """What the one is called that is here,"""
    theirs: str
    """and the one that this SIS tells of."""
    why: str


def in_doubt(database: Database, run: int) -> list[InDoubt]:
    """Whom a preview would ask about; raises ``NotFound`` when its copy is gone."""
    with previews.opened(database, run) as copy:
        ids = differences.difference_ids(copy, kind="same_person")
        found = [one for one in differences.differences(copy, ids) if "rule" in one.about]
        newcomers = {(one.entity, int(one.about["newcomer"])) for one in found}
        titles = differences.titled(copy, newcomers)
    return [
        InDoubt(
            one.entity,
            one.title or f"#{one.record}",
            titles.get(int(one.about["newcomer"]), ""),
            " ".join(filter(None, (f"{because(str(one.about['rule']))}.",
                                   against(str(one.about.get("why") or ""))))),
        )
        for one in found
    ]  # fmt: skip


def _counted(tx: Tx, streams: dict[str, int]) -> Iterator[tuple[str, Sequence[int], int]]:
    """(word of ``COUNTED``, schools, count) of the records that count."""
    today = instant_text(datetime.now(UTC))[:10]
    for name in ("users", "classes", "enrollments"):
        entity = ENTITIES[name]
        if name not in streams:
            continue
        open_ = OPEN.get(name, {})
        for where, count, _held in sizes.counted(tx, streams[name], entity, open_, today):
            if name != "users":
                yield name, schools_of(entity, where, today), count
                continue
            found: dict[str, set[int]] = defaultdict(set)
            for role, org in belonging(where, today):
                found["students" if role == "student" else "staff"].add(org or DISTRICT)
            for word, schools in found.items():
                yield word, sorted(schools), count


def _samples(planned: Plan) -> defaultdict[int, list[str]]:
    """A few names by school, people first: before all those who wait or go."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for word, entity in product(reversed(DONE), ("users", "classes")):
        for effect in planned.effects:
            if effect.entity == entity:
                names = found[effect.school]
                some = (planned.titles.get(id_) for id_ in effect.records[word])
                names += [one for one in some if one][: SAMPLES - len(names)]
    return found


def rows(look: FirstLook) -> list[list[str]]:
    """What was found as a table under ``HEADINGS``, the whole last."""
    lines: list[tuple[str, Mapping[str, int], Sequence[str]]] = []
    for one in look.schools:
        what = one.samples if one.name else one.samples or [_("Academic sessions and the like")]
        lines.append((one.name or _("Of no school"), one.counts, what))
    lines.append((_("Together"), look.whole, ()))
    return [
        [name, *(str(counts[word]) for word in (*COUNTED, *DONE)), ", ".join(samples)]
        for name, counts, samples in lines
    ]


def save(look: FirstLook, path: Path) -> None:
    """Saves that table as CSV; raises as ``saving.saved``."""
    save_table(path, [_(one) for one in HEADINGS], rows(look))
