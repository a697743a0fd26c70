"""What happens to one document, student or section of the ODS: the steps that a school day takes.

Each is what a registrar's program would send: documents put, replaced and deleted, so that all
passes the one entry of the store and has its change version.
"""

from datetime import UTC, date, datetime, timedelta

from .projection.words import uri
from .shelf import Item, decode
from .store import Ods, Unresolved
from .vocabulary import RESOURCES, Document, key_of_reference

Told = tuple[str, Document]
"""A document with the resource that it belongs to."""

_SESSION_NAME = 60


class Moves:
    """Changes an ODS at one moment, in milliseconds since 1970.

    `today` is the day of that moment; after the school year has ended it is the year's last day,
    so that somebody still sits somewhere.
    """

    def __init__(self, ods: Ods, at: int) -> None:
        self.ods = ods
        self._at = at
        today = datetime.fromtimestamp(at / 1000, UTC).date()
        ends = [decode(item.body)["endDate"] for item in ods.items("sessions")]
        day = min(today, date.fromisoformat(max(ends))) if ends else today
        self.today = day.isoformat()
        self._yesterday = (day - timedelta(days=1)).isoformat()

    # Documents.

    def put(self, told: Told) -> None:
        """Keep a document, by its natural key. Raises Unresolved."""
        self.ods.put(*told, self._at)

    def change(self, resource: str, item: Item, **members: object) -> None:
        """A document with some of its members otherwise, and all others as they are."""
        document = {**decode(item.body), **members}
        self.ods.replace(resource, item.id, document, self._at)

    def remove(self, resource: str, item: Item) -> list[Told]:
        """A document goes, after all that refers to it; what went, in that order."""
        gone: list[Told] = []
        for shelf in reversed(self.ods.shelves.values()):
            for other in shelf.referring(resource, item.key):
                # Another way through the references may have taken it along already.
                if other.id != item.id and shelf.by_id(other.id) is not None:
                    gone += self.remove(shelf.resource.name, other)
        self.ods.delete(resource, item.id, self._at)
        return [*gone, (resource, decode(item.body))]

    def recreate(self, resource: str, item: Item) -> None:
        """A document goes with all that refers to it, and comes again as it was: with other ids."""
        for told in reversed(self.remove(resource, item)):
            self.put(told)

    # Students.

    def attended(self, unique: str) -> list[Item]:
        """A student's associations with schools that have not ended."""
        found = self.ods.shelves["studentSchoolAssociations"].referring("students", unique)
        return [item for item in found if "exitWithdrawDate" not in decode(item.body)]

    def seats(self, unique: str, school: int | None = None) -> list[Item]:
        """A student's associations with sections that have not ended, of one school or of all."""
        found = self.ods.shelves["studentSectionAssociations"].referring("students", unique)
        return [item for item in found if self._lasts(decode(item.body), school)]

    def _lasts(self, document: Document, school: int | None) -> bool:
        """Whether an association with a section goes on, at a school or anywhere."""
        here = school is None or document["sectionReference"]["schoolId"] == school
        return here and str(document.get("endDate", self.today)) >= self.today

    def leave(self, attended: Item) -> None:
        """A student leaves a school: yesterday was their last day there, and in its sections.

        Who was to come today or later never came: nothing is left that says so.
        """
        document = decode(attended.body)
        unique = document["studentReference"]["studentUniqueId"]
        for seat in self.seats(unique, document["schoolReference"]["schoolId"]):
            self.end("studentSectionAssociations", seat)
        if document["entryDate"] > self._yesterday:
            self.remove("studentSchoolAssociations", attended)
            return
        self.change(
            "studentSchoolAssociations",
            attended,
            exitWithdrawDate=self._yesterday,
            exitWithdrawTypeDescriptor=uri("ExitWithdrawType", "Transferred"),
        )

    def end(self, resource: str, item: Item) -> None:
        """An association with a first day ends: yesterday was its last one, or it never was."""
        if decode(item.body)["beginDate"] > self._yesterday:
            self.remove(resource, item)
        else:
            self.change(resource, item, endDate=self._yesterday)

    def forget(self, unique: str) -> None:
        """A student goes with all that says something of them; so do contacts of nobody else."""
        item = self.ods.find("students", unique)
        assert item is not None
        gone = self.remove("students", item)
        for resource, document in gone:
            if resource == "studentContactAssociations":
                self._let_go(document["contactReference"]["contactUniqueId"])

    def _let_go(self, unique: str) -> None:
        contact = self.ods.find("contacts", unique)
        others = self.ods.shelves["studentContactAssociations"].referring("contacts", unique)
        if contact is not None and not others:
            self.ods.delete("contacts", contact.id, self._at)

    def seat(self, like: Item, unique: str, section: Document) -> None:
        """A student sits in a section from today on; homeroom as it was for somebody else."""
        before = decode(like.body)
        document: Document = {
            "beginDate": self.today,
            "sectionReference": section,
            "studentReference": {"studentUniqueId": unique},
        }
        if "homeroomIndicator" in before:
            document["homeroomIndicator"] = before["homeroomIndicator"]
        self.put(("studentSectionAssociations", document))

    def sections_beside(self, seat: Item) -> list[Document]:
        """The other sections of what a student takes, as references."""
        here = decode(seat.body)["sectionReference"]
        offering = key_of_reference(here, RESOURCES["courseOfferings"])
        if offering is None:
            return []
        found = self.ods.shelves["sections"].referring("courseOfferings", offering)
        told = [self.section(item) for item in found]
        return [one for one in told if one["sectionIdentifier"] != here["sectionIdentifier"]]

    def section(self, item: Item) -> Document:
        """The reference to a section."""
        return RESOURCES["sections"].key_values(decode(item.body))

    # Keys that change.

    def rename_session(self, item: Item, number: int) -> None:
        """A session has another name; everything in it follows."""
        name = str(decode(item.body)["sessionName"])
        self.change("sessions", item, sessionName=_revised(name, number, _SESSION_NAME))

    def rename_section(self, item: Item, number: int) -> None:
        """A section has another identifier; who sits in it and teaches it follows."""
        name = str(decode(item.body)["sectionIdentifier"])
        self.change("sections", item, sectionIdentifier=_revised(name, number, 255))

    # Teaching.

    def taught(self, staff: str, school: int | None = None) -> list[Item]:
        """What somebody teaches that has not ended, at one school or at all."""
        found = self.ods.shelves["staffSectionAssociations"].referring("staffs", staff)
        return [item for item in found if self._lasts(decode(item.body), school)]

    def hand_over(self, taught: Item, to: str) -> None:
        """Somebody else teaches a section from today on, as the one before did."""
        document = decode(taught.body)
        if not self._lasts(document, None):
            return
        self.end("staffSectionAssociations", taught)
        told = {**document, "beginDate": self.today, "staffReference": {"staffUniqueId": to}}
        told.pop("endDate", None)
        self.put(("staffSectionAssociations", told))

    def team(self, school: int) -> list[str]:
        """The teachers of a school, by their unique ids."""
        found = self.ods.shelves["staffSectionAssociations"].items.values()
        told = (decode(item.body) for item in found)
        return sorted(
            {
                str(document["staffReference"]["staffUniqueId"])
                for document in told
                if self._lasts(document, school)
            }
        )

    def successors(self, taught: Item, school: int) -> list[str]:
        """The teachers of a school who were never in that section.

        Up to the Data Standard 4.0 a staff member is in a section once, whenever it began.
        """
        section = decode(taught.body)["sectionReference"]
        found = self.ods.shelves["staffSectionAssociations"].items.values()
        told = [decode(item.body) for item in found]
        here = {
            str(document["staffReference"]["staffUniqueId"])
            for document in told
            if document["sectionReference"] == section
        }
        return [one for one in self.team(school) if one not in here]

    def tried(self, told: Told) -> bool:
        """Keep a document unless it refers to what is not there; whether it was kept."""
        try:
            self.put(told)
        except Unresolved:
            return False
        return True


def _revised(name: str, number: int, longest: int) -> str:
    """A name, with the number of its latest revision."""
    plain = name.partition(" (rev. ")[0]
    told = f" (rev. {number})"
    return f"{plain[: longest - len(told)]}{told}"
