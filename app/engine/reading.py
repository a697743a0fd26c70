"""What is carried from page to page while one stream is read or settled."""

from collections import Counter
from dataclasses import dataclass, field

from app.engine import seen
from app.engine.identify import Resolver
from app.engine.scope import Within
from app.engine.weigh import Weigher
from app.errors import ContractError
from app.roster.identity import Rule
from app.roster.schema import EntityType
from app.roster.words import Odd
from app.store.codec import Layouts
from app.store.journal import StreamProgress, StreamRow


@dataclass(frozen=True)
class Beside:
    """What rows without a record are held against (``engine.matching``)."""

    streams: tuple[int, ...]
    """Those of the same entity at other connectors,"""
    rules: tuple[Rule, ...]
    """and the rules by which two records are one, the most trusted first."""
    mistrusted: frozenset[str] = frozenset()
    """The names of those that hold of too many who are plainly somebody else."""

    @property
    def told(self) -> str:
        """The same as a text."""
        return " ".join([*map(str, self.streams), *(rule.name for rule in self.rules)])


@dataclass
class Reading:
    """What is carried from page to page while one stream is read."""

    run: int
    connector: int
    stream: StreamRow
    entity: EntityType
    fields: tuple[str, ...]
    """The spoken fields (A2)."""
    layouts: Layouts
    resolver: Resolver
    progress: StreamProgress
    aliased: bool
    weigher: Weigher
    now: str
    """When this part of the run began."""
    within: Within | None = None
    """What is kept in step, where that is not everything."""
    scope: int | None = None
    fresh: bool = False
    """No link of this stream existed when reading began: nothing needs to be looked up."""
    counted: seen.Seen = field(default_factory=seen.Seen)
    """Links counted in this chain of resumed runs (C8)."""
    passed: seen.Seen = field(default_factory=seen.Seen)
    """Links seen in the present pass over the stream (C4, C5)."""
    warnings: dict[tuple[str, str], int] = field(default_factory=dict)
    odd: Odd = field(default_factory=Counter)
    """Words that no standard has."""
    parted: dict[str, int] = field(default_factory=dict)
    """Rows that are records of their own (again), by key: the links whose they were, or were to
    become (A5)."""
    beside: Beside | None = None
    """What other connectors tell of the entity, where any does."""
    matched: int = 0
    """Rows that turned out to be records of other connectors,"""
    doubted: int = 0
    """and those that may be, and a person is asked."""
    held_of: Counter[str] = field(default_factory=Counter)
    """Of how many rows each rule held, by its name,"""
    refuted: Counter[str] = field(default_factory=Counter)
    """and of how many of them something spoke plainly against it."""
    recycled: int = 0
    """Rows that tell of somebody else than before, whom another SIS keeps."""
    unweighed: bool = False
    """Some that is planned was never weighed: whose it is became known with the whole stream."""
    places: list[int] = field(init=False)
    unheard: set[int] = field(init=False)
    """Spoken fields that no decoded row has carried a value for yet (A2)."""

    def __post_init__(self) -> None:
        by_name = self.entity.by_name
        if unknown := [name for name in self.fields if name not in by_name]:
            raise ContractError("fields_unknown", fields=", ".join(unknown))
        self.places = [by_name[name].index for name in self.fields]
        self.unheard = {by_name[name].index for name in self.fields} - {
            by_name[name].index for name in self.progress.said if name in by_name
        }

    def knows_aliases(self) -> None:
        """From now on some keys of the stream are further keys of others."""
        self.aliased = True
        self.resolver.knows_aliases(self.entity.name)

    def under(self, asked: str) -> str:
        """Under which scope links are seen (``Scope.under``)."""
        return asked if self.within is None else self.within.scope.under(asked)
