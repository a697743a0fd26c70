"""Places in classes: the associations of students and of staff with sections."""

from app.connectors.contract import Asking, Change
from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling.one_person import STAFF
from app.connectors.edfi.writing.answers import Refused
from app.connectors.edfi.writing.held import held
from app.connectors.edfi.writing.reach import require_seen
from app.connectors.edfi.writing.sorts import Making
from app.connectors.edfi.writing.standing import Standing
from app.connectors.edfi.writing.steps import Step

_BY_PERSON = {"students": "studentSectionAssociations", "staffs": "staffSectionAssociations"}


class Places(Making):
    """Writes enrollments. A place that says no first day begins on the day it is sent."""

    def named(self, change: Change) -> Asking[tuple[str, str]]:
        """The association of the person with the section: an open one, where no day is said."""
        patch = change.patch
        who, person = parsed(patch.get("user") or "")
        what, section = parsed(patch.get("class") or "")
        if who not in _BY_PERSON or what != "sections":
            raise Refused("edfi_refers_elsewhere")
        anchor = _BY_PERSON[who]
        resource = self.resource(anchor)
        if patch.get("begin_date") is None and "beginDate" in resource.names:
            query = self.resource("sections").values(section) | self.resource(who).values(person)
            known = yield from held(self._service, resource, query)
            open_ = [one for one in known if not self._ended(one.document.get("endDate"))]
            if open_:
                return anchor, max(one.key for one in open_)
        return anchor, resource.key_in(self._document(anchor, change))

    def require(self, anchor: str, natural: str) -> None:
        """Every association may be written."""

    def renamed(self, change: Change, anchor: str, natural: str) -> str | None:
        """The first day is a part of the key."""
        resource, begin = self.resource(anchor), change.patch.get("begin_date")
        try:
            values = resource.values(natural)
        except ValueError:
            return None
        if begin is None or values.get("beginDate", begin) == begin:
            return None
        return resource.key_of({**values, "beginDate": begin})

    def steps(self, change: Change, there: Standing) -> Asking[list[Step]]:
        """One document."""
        if there.head is None:
            who, person = parsed(change.patch.get("user") or "")
            if who == STAFF:
                yield from require_seen(self._service, who, person)
            new = self._document(there.anchor, change)
            return [Step(self.resource(there.anchor), None, new)]
        values = {
            name: value
            for name, value in change.patch.items()
            if name in ("begin_date", "end_date", "role", "primary")
            and (name, value) != ("begin_date", None)
            and value != change.base.get(name)
        }
        return [self.changed(there.head, there.anchor, values)]

    def says(self, field: str, found: object, wanted: object) -> bool:
        """No first day is any: the service always has one."""
        return found == wanted or (field == "begin_date" and wanted is None)

    def _document(self, anchor: str, change: Change) -> dict[str, object]:
        begin = change.patch.get("begin_date") or self._today
        told = {**change.patch, "begin_date": begin}
        values = self.sayable("enrollments", anchor, told)
        if "role" in told:
            values["role"] = told["role"]
        return dict(self.made(anchor, values))

    @property
    def _today(self) -> str:
        return self._service.io.clock().date().isoformat()

    def _ended(self, end: object) -> bool:
        return isinstance(end, str) and end[:10] < self._today
