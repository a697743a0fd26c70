"""One request as far as it is known who asks: what that client sees, of which state of the ODS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .access import Client
from .generations import Generation
from .older import Standard
from .problems import denied, unknown
from .shelf import Change, Item, decode
from .store import Ods
from .switches import Switches
from .telling import told
from .visibility import Visibility
from .vocabulary import Document, Resource, key_text

_ASSOCIATIONS = {
    "StudentUniqueId": (
        "Hint: You may need to create a corresponding 'StudentSchoolAssociation' item."
    ),
    "StaffUniqueId": (
        "Hint: You may need to create corresponding "
        "'StaffEducationOrganizationEmploymentAssociation' or "
        "'StaffEducationOrganizationAssignmentAssociation' items."
    ),
    "ContactUniqueId": (
        "Hint: You may need to create a corresponding 'StudentContactAssociation' item."
    ),
}
_ACTIONS = {"POST": "create", "PUT": "update", "DELETE": "delete"}


def require_claim(client: Client, resource: Resource, method: str, standard: Standard) -> None:
    """Problem 403 where the client's claim set does not have the resource, or this action on it."""
    action = _ACTIONS.get(method, "read")
    told = (
        f"The API client's assigned claim set (currently '{client.claim_set}') must grant "
        f"permission of the 'http://ed-fi.org/odsapi/actions/{action}' action on the "
        f"resource claim: http://ed-fi.org/ods/identity/claims/{resource.singular}"
    )
    if resource.name in client.lacks:
        raise denied("resource", told)
    if action != "read" and not (client.writes and standard.takes(resource)):
        raise denied("action", told)


@dataclass(frozen=True)
class Session:
    """Who asks, of what, and how the ODS is. `touch` gives a document a new change version."""

    ods: Ods
    client: Client
    visibility: Visibility
    generation: Generation
    standard: Standard
    switches: Switches
    touch: Callable[[Resource, Item], None]

    def known(self, resource: Resource, id_: str) -> Item:
        """The document of an id; Problem 404."""
        item = self.ods.get(resource.name, id_)
        if item is None:
            raise unknown("item")
        return item

    def permitted(self, resource: Resource, id_: str) -> Item:
        """The document of an id; Problem 404, or 403 where the client may not have it."""
        item = self.known(resource, id_)
        self.require(resource, decode(item.body))
        if not self.visibility.sees(resource, item):
            raise denied("", "The item is out of the caller's reach.")
        return item

    def require(self, resource: Resource, document: dict[str, object]) -> None:
        """Problem 403 where the document has nothing to do with the client's organizations."""
        missing = self.visibility.missing(resource, document)
        if not missing:
            return
        claims = ", ".join(self.visibility.claims())
        which = (
            f"the resource item's '{missing[0]}' value"
            if len(missing) == 1
            else "one or more of the following properties of the resource item: "
            + ", ".join(f"'{name}'" for name in missing)
        )
        hint = next((_ASSOCIATIONS[name] for name in missing if name in _ASSOCIATIONS), "")
        raise denied(
            "",
            "No relationships have been established between the caller's education organization "
            f"id claims ({claims}) and {which}.",
            hint,
        )

    def knows(self, resource: str, namespace: str, code: str) -> bool:
        """Whether a descriptor is known. Where none of its sort are kept, all are."""
        shelf = self.ods.shelves.get(resource)
        if shelf is None or not shelf.items:
            return True
        return shelf.by_key(self.key((code, namespace))) is not None

    def is_there_again(self, resource: Resource, change: Change) -> bool:
        """Whether what went was created anew, so that its going is not told."""
        if "recreated-told" in self.switches:
            return False
        return self.ods.find(resource.name, resource.key_from(change.old)) is not None

    def told(self, resource: Resource, item: Item) -> Document:
        """A document as it is told to this client."""
        return told(self.ods, resource, item, self.standard, self.switches)

    def values(self, resource: Resource, body: bytes) -> Document:
        """The natural key of a document as it is told."""
        return self.standard.values(self.ods, resource, body)

    def reads(self, resource: Resource) -> Callable[[Item], Document]:
        """How documents of a resource are read where values are asked for."""
        return lambda item: self.standard.outward(self.ods, resource, decode(item.body))

    def key(self, parts: Iterable[str]) -> str:
        """The natural key of these parts."""
        return key_text(list(parts))
