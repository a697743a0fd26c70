"""Graded work: line items and their results, report grades, results of assessments."""

from collections.abc import Mapping

from app.connectors.contract import Asking, Change
from app.connectors.edfi.keys import parsed
from app.connectors.edfi.telling.back import WRITTEN
from app.connectors.edfi.vocabulary import BETWEEN, Document
from app.connectors.edfi.writing.answers import Refused, Waits
from app.connectors.edfi.writing.held import held
from app.connectors.edfi.writing.sorts import Making
from app.connectors.edfi.writing.standing import Standing
from app.connectors.edfi.writing.steps import Step

_LONGEST = 60
"""Characters of an identifier that is made here (Ed-Fi Data Standard 5.0, *gradebookEntry*)."""

_OF_GRADE = 5
"""So many parts of the key of a report line item name its section; what follows is the rest."""


class _OneDocument(Making):
    """A record that is one document, whose key follows from what it says."""

    entity: str
    anchors: tuple[str, ...]
    switch = "gradebook"

    def named(self, change: Change) -> Asking[tuple[str, str]]:
        """The key of the document that is to be."""
        anchor, document = yield from self._new(change)
        return anchor, self.resource(anchor).key_in(document)

    def require(self, anchor: str, natural: str) -> None:
        """Raises ``Refused`` for what is only told by other documents."""
        if anchor not in self.anchors:
            raise Refused("edfi_told_by_others")
        switch = "grades" if anchor == "grades" else self.switch
        if getattr(self._service.settings, switch) != "write":
            raise Refused("edfi_reading_alone")
        if self._service.standard < 4 and anchor in ("gradebookEntries", "studentGradebookEntries"):
            raise Refused("edfi_gradebook_too_old")

    def steps(self, change: Change, there: Standing) -> Asking[list[Step]]:
        """One document."""
        if there.head is None:
            anchor, document = yield from self._new(change)
            return [Step(self.resource(anchor), None, document)]
        values = {
            name: value for name, value in change.patch.items() if name in WRITTEN[self.entity]
        }
        return [self.changed(there.head, there.anchor, values)]

    def _made(self, anchor: str, change: Change, own: Mapping[str, str]) -> Document:
        return self.made(anchor, self.sayable(self.entity, anchor, {**change.patch, **own}))

    def _new(self, change: Change) -> Asking[tuple[str, Document]]:
        raise NotImplementedError


class LineItems(_OneDocument):
    """Writes gradebook entries; the identifier of a new one is the key it has here."""

    entity, anchors = "line_items", ("gradebookEntries",)

    def _new(self, change: Change) -> Asking[tuple[str, Document]]:
        yield from ()
        self.require("gradebookEntries", "")
        own = {"identifier": change.key[:_LONGEST], "namespace": self._service.namespace}
        return "gradebookEntries", self._made("gradebookEntries", change, own)


class Results(_OneDocument):
    """Writes the results of gradebook entries, and report grades."""

    entity, anchors = "results", ("studentGradebookEntries", "grades")

    def _new(self, change: Change) -> Asking[tuple[str, Document]]:
        of, natural = parsed(change.patch.get("line_item") or "")
        who, person = parsed(change.patch.get("student") or "")
        if who != "students":
            raise Refused("edfi_refers_elsewhere")
        if of == "grades":
            self.require("grades", "")
            seat = yield from self._seat(natural, person)
            return "grades", self._made("grades", change, {"association": seat})
        if of != "gradebookEntries":
            raise Refused("edfi_refers_elsewhere")
        self.require("studentGradebookEntries", "")
        return "studentGradebookEntries", self._made("studentGradebookEntries", change, {})

    def _seat(self, natural: str, person: str) -> Asking[str]:
        """The place of the student in the section of a report line item: the latest one."""
        section = BETWEEN.join(natural.split(BETWEEN)[:_OF_GRADE])
        query = self.resource("sections").values(section)
        query |= self.resource("students").values(person)
        known = yield from held(self._service, self.resource("studentSectionAssociations"), query)
        if not known:
            raise Waits("edfi_no_place_in_class")
        return max(known, key=lambda one: str(one.document.get("beginDate"))).key


class AssessmentResults(_OneDocument):
    """Writes the results of assessments; those of their objectives are told with them."""

    entity, anchors = "assessment_results", ("studentAssessments",)
    switch = "assessments"

    def require(self, anchor: str, natural: str) -> None:
        """Raises ``Refused`` for the result of an objective, which is part of another's."""
        super().require(anchor, natural)
        if natural and len(natural.split(BETWEEN)) > len(self.resource(anchor).names):
            raise Refused("edfi_told_by_others")

    def _new(self, change: Change) -> Asking[tuple[str, Document]]:
        yield from ()
        self.require("studentAssessments", "")
        of, _ = parsed(change.patch.get("assessment_line_item") or "")
        if of != "assessments":
            raise Refused("edfi_told_by_others")
        own = {"identifier": change.key[:_LONGEST]}
        return "studentAssessments", self._made("studentAssessments", change, own)
