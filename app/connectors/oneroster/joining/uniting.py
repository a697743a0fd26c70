"""One row of the several that a person has; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.connectors.contract import Row
from app.connectors.oneroster.joining.rule import PEOPLE, PLACES, Rule
from app.roster.values import UNSAID, Elements, Plain, Unfit, parse_instant, sorted_set


def joined(rows: Sequence[Row], rule: Rule) -> Row:
    """One row of those of one person, under the key of the first.

    Lists are united. What a person has once is the primary row's; that another says something else
    is a warning, but for the primary school. What they are joined by is said by any of them.
    """
    if len(rows) == 1:
        return rows[0]
    main = min(rows, key=lambda row: (_RANKS[rule.primary](row), row.key))
    others = sorted((row for row in rows if row is not main), key=lambda row: row.key)
    patch: list[Plain] = []
    warnings = [warning for row in (main, *others) for warning in row.warnings]
    for one in PEOPLE.fields:
        told = [row.patch[one.index] for row in (main, *others)]
        if one.name == rule.field:
            patch.append(next((value for value in told if value not in (None, UNSAID)), told[0]))
        elif not one.kind.is_list:
            patch.append(told[0])
            # Of a user a school each row has its own primary one: there is nothing to mend.
            if one.name != "primary_org" and any(
                value not in (None, UNSAID, told[0]) for value in told[1:]
            ):
                warnings.append((one.name, "rows_disagree"))
        elif UNSAID in told:
            patch.append(UNSAID)  # of one row it is not known what it adds
        else:
            parts = [part for value in told for part in value or ()]
            kind = one.kind
            if one.name == "roles":
                parts = _one_primary_each(parts)
            patch.append(kind.ordered(parts) if isinstance(kind, Elements) else sorted_set(parts))
    versions = [row.version for row in rows if row.version is not None]
    newest = max(versions, key=_moment, default=None)
    return Row(rows[0].key, tuple(patch), newest, tuple(dict.fromkeys(warnings)))


def _one_primary_each(roles: Iterable[tuple[Plain, ...]]) -> list[tuple[Plain, ...]]:
    """Of the primary roles in one organization the first stays the primary one."""
    kind = PEOPLE.by_name["roles"].kind
    assert isinstance(kind, Elements)
    org, importance = kind.names.index("org"), kind.names.index("role_type")
    taken: dict[Plain, Plain] = {}
    told = []
    for part in roles:
        if part[importance] == "primary" and taken.setdefault(part[org], kind.key_of(part)) != (
            kind.key_of(part)
        ):
            part = (*part[:importance], "secondary", *part[importance + 1 :])
        told.append(part)
    return told


def _moment(version: str | None) -> float:
    try:
        return parse_instant(version or "").timestamp()
    except (Unfit, OverflowError):
        return float("-inf")


def _by_school(row: Row) -> int:
    """How surely a row is that of the person's own school; less is surer."""
    roles = PEOPLE.by_name["roles"]
    assert isinstance(roles.kind, Elements)
    org, importance = roles.kind.names.index("org"), roles.kind.names.index("role_type")
    told, home = row.patch[roles.index], row.patch[PLACES["primary_org"]]
    held = () if told is UNSAID else told or ()
    mine = [role for role in held if home not in (None, UNSAID) and role[org] == home]
    if any(role[importance] == "primary" for role in mine):
        return 0
    if mine:
        return 1
    return 2 if any(role[importance] == "primary" for role in held) else 3


_RANKS: Mapping[str, Callable[[Row], float]] = {
    "primary_org": _by_school,
    "newest": lambda row: -_moment(row.version),
    "first": lambda row: 0,
}
"""How far a row is from being the primary one; where two are as far, the smaller key wins."""
