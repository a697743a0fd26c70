"""What did not come in a whole read is gone, where that is made sure (SEMANTICS D1)."""

from collections.abc import Mapping

import msgspec

from app.connectors.contract import Asking, Doubt, Gone, Page, Row, row_digest
from app.connectors.oneroster.joining.position import REKEYING, Work
from app.connectors.oneroster.joining.shelved import Seen
from app.connectors.oneroster.joining.telling import Telling
from app.errors import AuthError, ContractError

BY_KEY = 200
"""So many rows that did not come are looked up by their keys in one reading."""


def swept(work: Work) -> Asking[Page]:
    """The next rows of the shelf, without those that are gone."""
    at, rows = work.at, work.rows
    batch = rows.seen_after(at.after, work.count)
    missed = {key: one for key, one in batch if one.number != at.number}
    gone, doubts = yield from _gone(work, missed)
    rows.end({key: missed[key] for key in gone}, "missed")
    stay = {key: one for key, one in missed.items() if key not in gone}
    at.stays = at.stays or bool(stay)
    for key, one in stay.items():
        rows.came(key, one)
    for key, kept in rows.kept(stay).items():
        # It may have been put there by another rule.
        if not kept.silent:
            group = work.rule.group(key, kept.told(), stay[key].group)
            now = msgspec.structs.replace(stay[key], group=group)
            rows.put(key, kept, stay[key], now, at.number)
    rows.keep_touched()
    at.go_on(batch, len(batch) < work.count, REKEYING)
    waiting = [one for one in stay.values() if one.missed and len(rows.members(one.group, 2)) > 1]
    notes = [Doubt("rows_missed", {"count": len(waiting)})] if waiting else []
    return Telling(notes=notes).page(work, doubts=doubts)


def _gone(work: Work, missed: Mapping[str, Seen]) -> Asking[tuple[set[str], list[Doubt]]]:
    """Which of the rows that did not come are gone, and what casts a doubt on that.

    A look by the key decides. Where that is not possible, or of very many, they have to be
    missing from another whole reading, too, without a doubt on either.
    """
    at, gone = work.at, set[str]()
    absent = {
        key: one.missed
        for key, one in missed.items()
        if at.certain and one.scope == at.scope_digest
    }
    for one in missed.values():
        one.missed = b""
    if work.fetch is None or at.asked + len(absent) > BY_KEY:
        mark = row_digest((at.evidence or str(at.number)).encode(), b"")
        for key in absent:
            missed[key].missed = mark
        return {key for key, before in absent.items() if before not in (b"", mark)}, []
    for key in absent:
        at.asked += 1
        try:
            found = yield from work.fetch(key)
        except (AuthError, ContractError):
            found = None
        if not isinstance(found, Gone):
            at.certain = False
            code = "row_still_there" if isinstance(found, Row) else "row_not_confirmed"
            return gone, [Doubt(code, {"key": key})]
        gone.add(key)
    return gone, []
