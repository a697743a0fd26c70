"""The documents that a change of one person touches.

A role as student is an association with a school: made, changed and, where the role ends here,
given its last day; what was there stays in the history of the SIS, and only what would have begun
later is deleted. What organizations tell goes where it is told now. A related person is an
association of student and contact.
"""

from collections.abc import Iterator, Mapping

from app.connectors.contract import Change
from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling import back, references, students
from app.connectors.edfi.telling.people import FAMILY
from app.connectors.edfi.telling.students import FACTS, PLACES
from app.connectors.edfi.writing.answers import Refused, Waits
from app.connectors.edfi.writing.held import Held
from app.connectors.edfi.writing.sorts import BLANK, ODD, Making, labels
from app.connectors.edfi.writing.standing import Standing
from app.connectors.edfi.writing.steps import Step
from app.roster.values import Plain

_ROLE = ("role", "org", "role_type", "begin_date", "end_date")
"""The parts of a role, in their order."""

_Values = dict[str, Plain]


class Person:
    """The documents of one change of one person, as steps."""

    def __init__(
        self,
        making: Making,
        change: Change,
        there: Standing,
        values: Mapping[str, Plain],
        wanted: _Values,
        today: str,
        tells_birth: bool,
    ) -> None:
        self._making = making
        self._there = there
        self._values = values
        self._wanted = wanted
        self._today = today
        self._tells_birth = tells_birth
        self._beside = change.beside
        self._patch = change.patch
        homes = back.HELD[change.entity].get(there.anchor, {})
        self._homes = {name: resource for resource, names in homes.items() for name in names}
        self._entity = change.entity
        self.org: str | None = None
        """The school that tells what no organization tells yet, where no role says it."""
        odd = [name for name in wanted if name not in self._homes]
        if odd and change.action != "create":
            raise Refused("edfi_told_by_others" if "roles" in odd else ODD, fields=labels(odd))

    # -- the document of the person --

    def head(self) -> Iterator[Step]:
        """The person's own document; a new one says all that it can hold."""
        anchor = self._there.anchor
        if self._there.head is None:
            if self._entity == "demographics":
                raise Waits("edfi_no_student_there")
            if anchor == "students" and not self._patch.get("roles"):
                raise Refused(BLANK, fields=labels(["roles"]))
            if anchor == "contacts" and not self._patch.get("agents"):
                # Nobody sees a contact of no student: it would seem to have ended at once.
                raise Waits("edfi_contact_without_student")
            values = self._all()
            if anchor == "students" and "birth_date" not in values and not self._tells_birth:
                raise Refused("edfi_birth_date_off")
            document = self._making.made(anchor, values)
            yield Step(self._making.resource(anchor), None, document, hidden=True)
        elif values := self._at_home(anchor):
            yield self._making.changed(self._there.head, anchor, values)

    def _all(self) -> _Values:
        """All that the document of a new person can hold, that of their demographics too."""
        anchor = self._there.anchor
        own = {"identifier": self._patch.get("identifier"), **self._at_home(anchor)}
        for entity, values in self._beside.items() if self._tells_birth else ():
            held = back.HELD[entity].get(anchor, {}).get(anchor, ())
            own |= {name: values[name] for name in held if name in values}
        return own

    def _at_home(self, resource: str) -> _Values:
        return {n: to for n, to in self._wanted.items() if self._homes.get(n) == resource}

    # -- schools --

    def places(self) -> Iterator[Step]:
        """The associations of a student with schools, each once for all that changes of it."""
        if "roles" not in self._homes:
            return
        changes: dict[str, _Values] = {}
        made: list[_Values] = []
        ended: list[tuple[Held, str]] = []
        if "roles" in self._wanted:
            made, ended = self._roles(changes)
        if "grades" in self._wanted and self._there.held.get(PLACES):
            self._place(changes, None)["grades"] = self._grades()
        by_id = {one.id: one for one in self._parts(PLACES, "roles")} if changes or ended else {}
        for values in made:
            document = self._making.made(PLACES, values)
            yield Step(self._making.resource(PLACES), None, document)
        for id_, values in changes.items():
            yield self._making.changed(by_id[id_], PLACES, values)
        for place, begin in ended:
            if begin >= self._today:
                yield Step(place.resource, place, None)
            else:
                yield self._making.changed(place, PLACES, {"end_date": self._today})

    def _roles(self, changes: dict[str, _Values]) -> tuple[list[_Values], list[tuple[Held, str]]]:
        """What is to be made and to be ended of the roles; ``changes`` gets what is changed."""
        there = {role[:2]: role for role in self._values.get("roles") or ()}
        asked = {role[:2]: role for role in self._wanted["roles"] or ()}
        made: list[_Values] = []
        for key, role in asked.items():
            if key in there and alike(there[key], role):
                continue
            if role[0] != "student":
                raise Refused(ODD, fields=labels(["roles"]))
            values: _Values = {"begin_date": role[3], "end_date": role[4]}
            if role[2] is not None:
                values["role_type"] = role[2]
            if key in there:
                if values["begin_date"] is None:
                    del values["begin_date"]
                self._place(changes, role[1]).update(values)
            else:
                values |= {"user": self._there.key, "org": role[1], "role": role[0]}
                values["grades"] = self._grades()
                values["begin_date"] = role[3] or self._today
                made.append(values)
        ended = []
        for key, role in there.items():
            if key not in asked and not (role[4] is not None and role[4] <= self._today):
                place = self._source(PLACES, role[1], "roles")
                if place is not None:
                    ended.append((place, role[3] or ""))
        return made, ended

    def _place(self, changes: dict[str, _Values], school: str | None) -> _Values:
        """What changes of the association that tells the role at a school, or the grade."""
        place = self._source(PLACES, school or "grades", "grades" if school is None else "roles")
        if place is None:
            raise Refused(BLANK, fields=labels(["roles"]))
        return changes.setdefault(place.id, {})

    def _grades(self) -> Plain:
        return self._patch.get("grades", self._values.get("grades"))

    # -- what organizations tell --

    def facts(self) -> Iterator[Step]:
        """The documents in which organizations tell what is not in the student's own."""
        values = self._at_home(FACTS)
        if self._there.anchor != "students" or not values:
            return
        if self._there.head is None:
            yield self._new_facts(values)
            return
        groups: dict[str, tuple[Held, _Values]] = {}
        new: _Values = {}
        for name, to in values.items():
            told = self._source(FACTS, name, name) or self._first_facts()
            if told is None:
                new[name] = to
            else:
                groups.setdefault(told.id, (told, {}))[1][name] = to
        for told, some in groups.values():
            yield self._making.changed(told, FACTS, some)
        if new:
            yield self._new_facts(new)

    def _first_facts(self) -> Held | None:
        """The document that is asked first, where none tells a field yet."""
        first = next(iter(students.in_order(self._there.documents)), None)
        told = self._parts(FACTS, "email")
        return next((one for one in told if one.document is first), None)

    def _new_facts(self, values: _Values) -> Step:
        roles = self._patch.get("roles") or self._values.get("roles") or ()
        first = sorted(roles, key=lambda role: (role[2] != "primary", str(role[1])))
        org = first[0][1] if first else self.org
        if org is None:
            raise Refused(BLANK, fields=labels(["roles"]))
        told = {**values, "user": self._there.key, "org": org}
        return Step(self._making.resource(FACTS), None, self._making.made(FACTS, told))

    # -- related people --

    def family(self) -> Iterator[Step]:
        """The associations of students and contacts, whichever of the two the change is of."""
        if self._homes.get("agents") != FAMILY or "agents" not in self._wanted:
            return
        of_student = self._there.anchor == "students"
        expected = "contacts" if of_student else "students"
        other = references.contact if of_student else references.student
        there = {other(one.document): one for one in self._family()}
        asked = dict(self._wanted["agents"] or ())
        for user, relation in asked.items():
            if user is None or parsed(user)[0] != expected:
                raise Refused(ODD, fields=labels(["agents"]))
            if user in there:
                yield self._making.changed(there[user], FAMILY, {"relation": relation})
                continue
            pair = (self._there.key, user) if of_student else (user, self._there.key)
            values = {"user": pair[0], "agent": pair[1], "relation": relation}
            document = self._making.made(FAMILY, values)
            yield Step(self._making.resource(FAMILY), None, document)
        for user, one in there.items():
            if user not in asked:
                yield Step(one.resource, one, None)

    def _family(self) -> list[Held]:
        return [] if self._there.head is None else self._parts(FAMILY, "agents")

    # -- what was read --

    def _parts(self, resource: str, field: str) -> list[Held]:
        if resource not in self._there.held:
            raise Refused("edfi_part_unread", field=labels([field]))
        return list(self._there.held[resource])

    def _source(self, resource: str, of: str, field: str) -> Held | None:
        """The document that tells a field, or the role at a school."""
        parts = self._parts(resource, field)
        place = self._making.source(resource, self._there, of)
        return None if place is None else parts[place]


def alike(found: Plain, wanted: Plain) -> bool:
    """Whether a role that is there says what is wanted.

    It always has a first day, and a rank only as long as it lasts.
    """
    sides = dict(zip(_ROLE, zip(found, wanted, strict=True), strict=True))
    if found[4] is not None:
        del sides["role_type"]
    return all(a == b or (b is None and part != "end_date") for part, (a, b) in sides.items())
