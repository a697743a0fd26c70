"""The collections as they are told: in one version of OneRoster, with the habits of this SIS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .collection import Collection
from .dialects import Dialect
from .habits import Habits
from .sis import Sis
from .telling import Teller, Told
from .wire import Record, decode, reference


@dataclass(slots=True)
class _View:
    """A collection made of what is told of another's records; only new ones are made again."""

    at: object = None
    epoch: object = None
    collection: Collection = field(default_factory=lambda: Collection(""))
    told: dict[str, tuple[bytes, Told]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def renew(self, source: Collection, epoch: object, tell: Callable[[bytes], Told]) -> None:
        """Be what is told of `source` now; `epoch` is another one when all is told anew."""
        if self.at == (source.version, epoch):
            return
        before = self.told if epoch == self.epoch else {}
        self.told = {}
        for key, row in zip(source, source.rows, strict=True):
            known = before.get(key)
            self.told[key] = known if known and known[0] is row else (row, tell(row))
        self.at, self.epoch = (source.version, epoch), epoch
        every = [each for _, told in self.told.values() for each in told]
        self.collection = Collection(source.name, every)
        self.sources = {told: key for key, (_, rows) in self.told.items() for told, _, _ in rows}


class Views:
    """What a dialect tells of one SIS. Without habits, 1.2 tells the records as they are kept."""

    def __init__(self, sis: Sis, dialect: Dialect, habits: Habits) -> None:
        self._sis = sis
        self._teller = Teller(sis, dialect, habits)
        self._views: dict[str, _View] = {}

    def collection(self, name: str) -> Collection:
        """The records of this name as they are told now."""
        kept = self._sis.collection(name)
        return kept if self._teller.is_plain else self._view(name).collection

    def keys(self, name: str, kept: Sequence[str], role: str = "") -> Sequence[str]:
        """The sourcedIds told of these; of somebody told several times, those with the role."""
        if self._teller.is_plain:
            return kept
        view = self._view(name)
        found: list[str] = []
        for each in kept:
            _, told = view.told.get(each, (b"", []))
            found += [key for key, _, row in told if len(told) == 1 or _has(row, role)]
        return found

    def kept(self, said: Mapping[str, str]) -> dict[str, str]:
        """The parts of a path with the sourcedIds that records are kept under."""
        if self._teller.is_plain:
            return dict(said)
        people = self._view("users").sources
        return {
            name: people.get(key, key) if name in ("user", "student") else key
            for name, key in said.items()
        }

    def submitted(self, record: Record) -> Record:
        """What was submitted as it was told, in the words in which records are kept."""
        match record:
            case {"student": {"sourcedId": str(told)}} if not self._teller.is_plain:
                kept = self.kept({"student": told})["student"]
                if kept != told:
                    record = {**record, "student": reference("user", kept)}
        return self._teller.understood(record)

    def _view(self, name: str) -> _View:
        view = self._views.setdefault(name, _View())
        view.renew(
            self._sis.collection(name),
            self._teller.epoch(name),
            lambda row: self._teller.tell(name, row),
        )
        return view


def _has(row: bytes, role: str) -> bool:
    record = decode(row)
    roles = [each["role"] for each in record.get("roles", ())]
    return not role or role in (*roles, record.get("role"))
