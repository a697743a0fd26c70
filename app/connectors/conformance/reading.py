"""What a connector reads, and how it goes on; what it may not write, it says."""

import json
from contextlib import closing

from app.connectors.conformance.driving import (
    Bench,
    NotConforming,
    Pulled,
    Subject,
    entities,
    read_whole,
    require,
    run,
    run_pull,
)
from app.connectors.conformance.faults import FAULTS, Between
from app.connectors.contract import (
    Change,
    Finding,
    Gone,
    Grade,
    Outcome,
    Page,
    Rolled,
    Row,
    Searched,
    State,
    Transport,
    Unreadable,
)
from app.errors import SyncError
from app.roster.entities import ENTITIES
from app.roster.values import UNSAID


def good_settings_pass(subject: Subject) -> str:
    """*Test connection* finds nothing bad with settings that work."""
    with closing(subject.transports()) as transport:
        findings: list[Finding] = run(subject.open().check(), transport)
    bad = [finding.code for finding in findings if finding.grade is Grade.BAD]
    require(findings, "Testing good settings found nothing to say.")
    require(not bad, f"Testing good settings found faults: {bad}")
    return f"Good settings pass, with {len(findings)} findings."


def bad_settings_are_found(subject: Subject) -> str:
    """Settings that cannot work are a finding, or refused when opened with a ``SyncError``."""
    for settings, secrets in subject.bad:
        with closing(subject.transports()) as transport:
            try:
                findings = run(subject.open(settings, secrets).check(), transport)
            except SyncError as error:
                require(error.category == "config", f"Bad settings raised {error}")
                continue
        require(
            any(finding.grade is Grade.BAD for finding in findings),
            f"Settings that cannot work passed the test: {findings}",
        )
    return f"{len(subject.bad)} bad settings were found out."


def pages_keep_the_contract(subject: Subject) -> str:
    """Pages say the same thing throughout, in normal form, and end once."""
    rows = 0
    with closing(subject.transports()) as transport:
        for entity, capability in subject.open().capabilities().items():
            pulled = read_whole(subject, entity, transport)
            require(pulled.pages and pulled.pages[-1].last, f"{entity} did not end.")
            for page in pulled.pages:
                _page_keeps_the_contract(page, entity, capability.fields)
            require(
                sum(page.last for page in pulled.pages) == 1, f"{entity} has several last pages."
            )
            again = read_whole(subject, entity, transport)
            require(again.rows == pulled.rows, f"{entity} read twice is not the same.")
            scopes = {page.scope for page in (*pulled.pages, *again.pages)}
            require(len(scopes) == 1, f"The scope of {entity} is not constant: {scopes}")
            rows += len(pulled.rows)
    return f"{rows} rows are in normal form, page by page."


def _page_keeps_the_contract(page: Page, entity: str, fields: tuple[str, ...]) -> None:
    declared = ENTITIES[entity].by_name
    require(page.entity == entity, f"A page of {entity} says it is of {page.entity}.")
    require(page.full, f"A whole read of {entity} has a page that is not.")
    require(page.fields == fields, f"The fields of {entity} differ from its capability.")
    require(
        len(page.keys) == len(page.digests) == len(set(page.keys)),
        f"Keys and digests of {entity} do not run side by side, or a key is repeated.",
    )
    require(not set(page.keys) & set(page.tombstones), f"{entity} has rows both dead and alive.")
    for key, row in zip(page.keys, page.read(range(len(page.keys))), strict=True):
        require(row.key == key, f"A row of {entity} has another key than its page says.")
        if isinstance(row, Unreadable):
            continue
        require(len(row.patch) == len(fields), f"A patch of {entity} has the wrong length.")
        for name, value in zip(fields, row.patch, strict=True):
            require(
                value is UNSAID or declared[name].kind.normal(value) == value,
                f"{entity}.{name} is not in normal form.",
            )


def states_resume(subject: Subject) -> str:
    """Reading on from any page, in a new connector, gives what an unbroken read gives."""
    resumed = 0
    with closing(subject.transports()) as transport:
        for entity in entities(subject):
            whole = read_whole(subject, entity, transport)
            for place, page in enumerate(whole.pages[:-1]):
                before = Pulled()
                for earlier in whole.pages[: place + 1]:
                    before.take(earlier)
                state, shelf = _stored(page.state), whole.shelves[place]
                rest = run_pull(subject.open(), entity, state, transport, shelf)
                require(rest.error is None, f"Resuming {entity} failed: {rest.error}")
                require(
                    before.rows | rest.rows == whole.rows
                    and before.tombstones | rest.tombstones == whole.tombstones,
                    f"{entity}, resumed after page {place + 1}, is not the same as unbroken.",
                )
                require(rest.pages[-1].last, f"{entity}, resumed, did not end.")
                require(
                    before.rows.keys().isdisjoint(rest.rows) or rest.pages[0].restarts,
                    f"{entity}, resumed, reads what was read before without saying so.",
                )
                resumed += 1
    require(resumed, "No stream has two pages: choose a smaller page size.")
    return f"{resumed} page boundaries resume."


def _stored(state: State) -> State:
    """The state as the database would give it back."""
    stored: State = json.loads(json.dumps(state, allow_nan=False))
    require(stored == state, "A state is not plain JSON.")
    return stored


def nothing_changed_means_nothing_new(subject: Subject) -> str:
    """A pull of changes right after a whole read says nothing that the whole read did not."""
    with closing(subject.transports()) as transport:
        for entity in entities(subject):
            whole = read_whole(subject, entity, transport)
            state = _stored(whole.pages[-1].state)
            since = run_pull(subject.open(), entity, state, transport, whole.shelves[-1])
            require(since.error is None, f"Changes of {entity} failed: {since.error}")
            require(since.pages[-1].last, f"Changes of {entity} did not end.")
            require(
                since.rows.items() <= whole.rows.items() and since.tombstones <= whole.tombstones,
                f"Changes of {entity} have news although nothing changed.",
            )
    return "A pull of changes has no news when there are none."


def records_are_read_by_key(subject: Subject) -> str:
    """Where offered, a record read by its key is the row that the collection had."""
    read = 0
    with closing(subject.transports()) as transport:
        for entity, capability in subject.open().capabilities().items():
            if not capability.by_key:
                continue
            for key, row in list(read_whole(subject, entity, transport).rows.items())[:3]:
                found = run(subject.open().fetch(entity, key, Bench()), transport)
                require(found == row, f"{entity}, read by key, differs from the collection.")
                read += 1
            missing = run(subject.open().fetch(entity, "no such/key?", Bench()), transport)
            require(missing is Gone.NOT_FOUND, f"{entity} has a record nobody made: {missing}")
    return f"{read} records were read by their key."


def records_are_found_by_going_through(subject: Subject) -> str:
    """Where offered, what a search finds under a key is the row that the collection has."""
    found = 0
    with closing(subject.transports()) as transport:
        connector = subject.open()
        if not isinstance(connector, Searched):
            return "No record is searched for."
        for entity in entities(subject):
            rows = dict(list(read_whole(subject, entity, transport).rows.items())[:3])
            if not rows:
                continue  # and maybe nothing is told of it at all
            keys = [*rows, "no such/key?"]
            told = run(connector.search(entity, keys, Bench()), transport)
            require(
                told == {**rows, "no such/key?": Gone.NOT_FOUND},
                f"{entity}, searched for, differs from the collection.",
            )
            found += len(rows)
    require(found, "Nothing could be searched for: are there any rows?")
    return f"{found} records were found."


def rolls_are_of_one_class(subject: Subject) -> str:
    """Where offered, the roll of a class is what the list of all enrollments has of that class."""
    if not isinstance(subject.open(), Rolled):
        return "The roll of a class is not offered."
    entity = "enrollments"
    place = subject.open().capabilities()[entity].fields.index("class")
    with closing(subject.transports()) as transport:
        listed: dict[str, dict[str, Row]] = {}
        whole = read_whole(subject, entity, transport)
        for key, row in whole.rows.items():
            if isinstance(row, Row) and row.patch[place]:
                listed.setdefault(row.patch[place], {})[key] = row
        require(listed, "No enrollment says of what class it is.")
        for class_key, rows in list(listed.items())[:3]:
            told = _rolled(subject, class_key, transport)
            require(told.rows == rows, "A roll differs from the list of all enrollments.")
            require(told.error is None and not _doubtful(told), "A good roll is doubted.")
            require(not any(page.full for page in told.pages), "A roll passes for a whole read.")
            require(
                {page.scope for page in told.pages} == {page.scope for page in whole.pages},
                "A roll has another scope than the list of all enrollments.",
            )
        missing = _rolled(subject, "no such/class?", transport)
        require(
            not missing.rows and (missing.error or _doubtful(missing)),
            "A class nobody made has an empty roll that nothing casts a doubt on.",
        )
    class_key, rows = max(listed.items(), key=lambda one: len(one[1]))
    for what, (fault, spoils) in FAULTS.items():
        with closing(subject.transports()) as inner:
            told = _rolled(subject, class_key, Between(inner, fault, spoils))
        require(
            told.error or _doubtful(told) or told.rows == rows,
            f"A roll looks whole in spite of {what}.",
        )
    return "A roll has the enrollments of one class."


def _rolled(subject: Subject, class_key: str, transport: Transport) -> Pulled:
    """What the roll of a class yields, driven to its end or its error."""
    told, connector = Pulled(), subject.open()
    if not isinstance(connector, Rolled):
        raise NotConforming("The roll of a class is offered at one time only.")
    try:
        run(connector.roll(class_key, Bench()), transport, told.take)
    except SyncError as error:
        told.error = error
    return told


def _doubtful(told: Pulled) -> bool:
    """Whether somebody who is not on a roll may be in the class nevertheless."""
    ended = bool(told.pages) and told.pages[-1].last
    unsure = any(page.doubts or page.unreadable for page in told.pages)
    return unsure or not ended


def refused_writes_say_so(subject: Subject) -> str:
    """Where nothing can be written, a push is refused with words, not attempted."""
    for entity, capability in subject.open().capabilities().items():
        for action in {"create", "update", "delete"} - capability.writes:
            with closing(subject.transports()) as transport:
                result = run(
                    subject.open().push(Change(entity, action, "1", {}), Bench()), transport
                )
            require(
                result.outcome is Outcome.REFUSED and result.words,
                f"{action} of {entity} is not offered, and not refused either.",
            )
    return "What cannot be written is refused."
