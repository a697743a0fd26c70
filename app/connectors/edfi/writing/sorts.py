"""What the writing of every sort of record has in common: which documents a change makes of it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from app.connectors.contract import Asking, Change
from app.connectors.edfi.descriptors import Words
from app.connectors.edfi.service import Service
from app.connectors.edfi.telling import back
from app.connectors.edfi.vocabulary import Document, Resource
from app.connectors.edfi.writing.answers import Refused
from app.connectors.edfi.writing.held import Held
from app.connectors.edfi.writing.standing import Standing
from app.connectors.edfi.writing.steps import Step
from app.roster.entities import ENTITIES
from app.roster.values import Plain

BLANK, ODD, LACKING = "edfi_push_blank", "edfi_push_odd", "edfi_descriptor_missing"


class Sort(Protocol):
    """How the records of one entity are written."""

    def __init__(self, service: Service, words: Words) -> None: ...

    def named(self, change: Change) -> Asking[tuple[str, str]]:
        """The anchor and the natural key of what is to be created. Raises ``Refused``."""
        ...

    def require(self, anchor: str, natural: str) -> None:
        """Raises ``Refused`` for a record that is not written, such as one made of others."""
        ...

    def renamed(self, change: Change, anchor: str, natural: str) -> str | None:
        """The natural key that a record has once the change is written, if that is another."""
        ...

    def steps(self, change: Change, there: Standing) -> Asking[list[Step]]:
        """The documents to be written, those that others refer to first. Raises ``Refused``."""
        ...

    def says(self, field: str, found: Plain, wanted: Plain) -> bool:
        """Whether a field that is there says what is wanted."""
        ...


class Making:
    """Makes documents of values, and refuses what Ed-Fi has no document for."""

    def __init__(self, service: Service, words: Words) -> None:
        self._service = service
        self._words = words

    def resource(self, name: str) -> Resource:
        """A resource by the name that it has in the newest standard."""
        return self._service.resources[name]

    def made(self, name: str, values: Mapping[str, Plain]) -> Document:
        """A new document. Raises ``Refused`` where something is missing or cannot be said."""
        with refusing():
            return back.made(name, values, self._words, self._service.standard)

    def changed(self, held: Held, name: str, values: Mapping[str, Plain]) -> Step:
        """A document with other values in it. Raises ``Refused`` where they cannot be said."""
        with refusing():
            standard = self._service.standard
            after = back.changed(name, held.document, values, self._words, standard)
        return Step(held.resource, held, after)

    def source(self, resource: str, there: Standing, of: str) -> int | None:
        """Which of the documents that are there tells a field, or the role at a school."""
        return back.source(resource, there.documents, of, self._words)

    def sayable(self, entity: str, name: str, values: Mapping[str, Plain]) -> dict[str, Plain]:
        """What of ``values`` a new document holds that is a record of ``entity`` by itself."""
        held = back.HELD[entity][name][name]
        asked = back.required(name, self._service.standard)
        return {of: values[of] for of in (*asked, *held) if of in values}

    def renamed(self, change: Change, anchor: str, natural: str) -> str | None:
        """The natural key that a record has once the change is written, if that is another."""
        return None

    def says(self, field: str, found: Plain, wanted: Plain) -> bool:
        """Whether a field that is there says what is wanted."""
        return bool(found == wanted)


@contextmanager
def refusing() -> Iterator[None]:
    """Refuses, in words, what the way back finds missing or has no word for."""
    try:
        yield
    except back.Wanting as wanting:
        raise Refused(BLANK, fields=labels(wanting.fields)) from None
    except back.Unsayable as odd:
        if odd.lacking:
            lacking = ", ".join(f"{name}: {meaning}" for name, meaning in odd.lacking)
            raise Refused(LACKING, fields=labels(odd.fields), descriptor=lacking) from None
        raise Refused(ODD, fields=labels(odd.fields)) from None


def labels(names: Iterable[str]) -> str:
    """What people call fields, whatever entity they are of."""
    known: dict[str, Any] = {}
    for entity in ENTITIES.values():
        known |= {name: one.label for name, one in entity.by_name.items() if name not in known}
    return ", ".join(str(known.get(name, name)) for name in names)
