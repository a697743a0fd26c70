"""People: a student or contact, and what is told of them by their associations.

Staff are not written. The roles of guardians are those of their students' schools, so nobody can
write those either.
"""

from app.connectors.contract import Asking, Change
from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling import back, references, students
from app.connectors.edfi.telling.fields import FIELDS
from app.connectors.edfi.telling.students import FACTS, PLACES
from app.connectors.edfi.writing.answers import Refused
from app.connectors.edfi.writing.held import held
from app.connectors.edfi.writing.person import Person, alike
from app.connectors.edfi.writing.reach import require_all_seen
from app.connectors.edfi.writing.sorts import Making
from app.connectors.edfi.writing.standing import Standing
from app.connectors.edfi.writing.steps import Step
from app.roster.values import UNSAID, Plain

GUARDIANS = frozenset({"guardian", "parent", "relative"})


class People(Making):
    """Writes users and demographics."""

    def named(self, change: Change) -> Asking[tuple[str, str]]:
        """A person goes by the local ID, demographics by the person's."""
        yield from ()
        patch = change.patch
        if change.entity == "demographics":
            anchor, natural = parsed(patch.get("user") or "")
            if anchor != "students":
                raise Refused("edfi_refers_elsewhere")
            return anchor, natural
        roles = {role[0] for role in patch.get("roles") or ()}
        anchor = "students" if "student" in roles else "contacts" if roles & GUARDIANS else ""
        if not anchor or (anchor == "contacts" and self._service.settings.guardians == "off"):
            raise Refused("edfi_person_not_made")
        unique = patch.get("identifier")
        if unique is None:
            raise Refused("edfi_no_unique_id")
        return anchor, self.resource(anchor).key_of({self.resource(anchor).names[0]: unique})

    def require(self, anchor: str, natural: str) -> None:
        """Raises ``Refused`` for whoever is not a student or a contact."""
        if anchor not in ("students", "contacts"):
            raise Refused("edfi_staff_read_only")

    def says(self, field: str, found: Plain, wanted: Plain) -> bool:
        """Whether a field says what is wanted; of a role that ended here its past may stay."""
        if field != "roles" or found is UNSAID:
            return bool(found == wanted)
        there = {role[:2]: role for role in found or ()}
        asked = {role[:2]: role for role in wanted or ()}
        left = [role for key, role in there.items() if key not in asked]
        return all(self._left(role) for role in left) and all(
            key in there and alike(there[key], role) for key, role in asked.items()
        )

    def steps(self, change: Change, there: Standing) -> Asking[list[Step]]:
        """The person first, then the schools, what organizations tell, and who is related."""
        written = back.WRITTEN[change.entity]
        values = dict(zip(FIELDS[change.entity], there.row.patch, strict=True)) if there.row else {}
        wanted = {
            name: to
            for name, to in change.patch.items()
            if name in written and not self.says(name, values.get(name), to)
        }
        if there.head is None and change.entity == "users":
            orgs = {role[1] for role in change.patch.get("roles") or () if role[1] is not None}
            yield from require_all_seen(self._service, orgs)
        made = Person(self, change, there, values, wanted, self._today, self._tells_birth)
        if change.entity == "demographics" and not there.held.get(FACTS):
            made.org = yield from self._school(there)
        return [*made.head(), *made.places(), *made.facts(), *made.family()]

    def _school(self, there: Standing) -> Asking[str | None]:
        """The primary school of a student, which tells the demographics of one of whom nobody
        tells any."""
        query = self.resource("students").values(there.natural)
        places = yield from held(self._service, self.resource(PLACES), query)
        first = students.primary_place([one.document for one in places])
        return references.school(first) if first else None

    @property
    def _tells_birth(self) -> bool:
        """Whether birth dates are sent."""
        return self._service.settings.demographics == "write"

    @property
    def _today(self) -> str:
        return self._service.io.clock().date().isoformat()

    def _left(self, role: Plain) -> bool:
        return role[4] is not None and role[4] <= self._today
