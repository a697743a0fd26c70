"""Windows of changes: which are read, in what order, and what older services leave out."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.connectors.edfi.documents import KeyMove
from app.connectors.edfi.feed import Deleted, KeyChange, Window
from app.connectors.edfi.moves import Moves
from app.connectors.edfi.windows import window_for
from tests.connectors.edfi.shifting_service import ShiftingService, reading
from tests.connectors.edfi.small_service import Client, client_of


@pytest.fixture
def client(shifting: ShiftingService) -> Iterator[Client]:
    with client_of(shifting) as made:
        yield made


# -- which window --


@pytest.mark.parametrize(
    ("versions", "last", "window", "news"),
    [
        ((0, 50), None, Window(None, 50), []),
        ((0, 50), 40, Window(40, 50), []),
        ((0, 50), 50, Window(50, 50), []),
        ((41, 50), 40, Window(40, 50), []),
        ((42, 50), 40, Window(None, 50), ["edfi_history_too_short"]),
        ((0, 30), 40, Window(None, 30), ["edfi_versions_went_back"]),
    ],
)
def test_window_for(
    shifting: ShiftingService,
    client: Client,
    versions: tuple[int, int],
    last: int | None,
    window: Window,
    news: list[str],
) -> None:
    """From where the last read ended to what is newest; everything where that says nothing."""
    oldest, newest = versions
    shifting.versions = (200, {"OldestChangeVersion": oldest, "NewestChangeVersion": newest})
    assert client(window_for(client.service, last)) == window
    assert [one.code for one in client.service.news] == news


def test_no_change_queries(shifting: ShiftingService, client: Client) -> None:
    """Where there are no change versions everything is read, always."""
    shifting.versions = (404, {})
    assert client(window_for(client.service, 40)) == Window(None, None)


def test_why_everything_is_read_is_told(shifting: ShiftingService, client: Client) -> None:
    """The first batch tells why everything is read though there was a read before."""
    shifting.fill(3)
    shifting.versions = (200, {"oldestChangeVersion": 0, "newestChangeVersion": 3})
    told = reading(client, client(window_for(client.service, 9)))
    assert told.batches[0].notes[0].code == "edfi_versions_went_back"
    assert not client.service.news


def test_empty_window_asks_nothing(shifting: ShiftingService, client: Client) -> None:
    """Where nothing has changed at all, there is one batch with nothing in it and no request."""
    shifting.fill(3)
    told = reading(client, Window(3, 3))
    assert ([batch.last for batch in told.batches], shifting.asked) == ([True], [])


# -- what is told of a window --


def test_lists_come_in_order(shifting: ShiftingService, client: Client) -> None:
    """Key changes, then items, then what was deleted, each bounded by the window."""
    shifting.fill(3)
    told = reading(client, Window(0, 2))
    assert [path for path, _, _ in shifting.asked] == ["/keyChanges", "", "/deletes"]
    for _, query, _ in shifting.asked:
        assert (query["minChangeVersion"], query["maxChangeVersion"]) == ("1", "2")
    assert told.keys == ["s0000", "s0002"]


def test_whole_read_has_items_alone(shifting: ShiftingService, client: Client) -> None:
    """What is read whole is not bounded, since what is edited meanwhile would leave it."""
    shifting.fill(3)
    reading(client, Window(None, 3))
    ((path, query, _),) = shifting.asked
    assert path == ""
    assert "maxChangeVersion" not in query


def test_all_of_a_window(shifting: ShiftingService, client: Client) -> None:
    """A key change, an edit and a deletion come as what they are, with ids and keys."""
    shifting.fill(4)
    begin = shifting.newest
    shifting.put("s0000", firstName="New")
    shifting.end("s0002")
    shifting.rename("s0004", "s0005")
    told = reading(client, Window(begin, shifting.newest))
    assert [one for batch in told.batches for one in batch.rekeyed] == [
        KeyChange(f"{3:032x}", "s0004", "s0005")
    ]
    assert told.keys == ["s0000", "s0005"]
    assert [one for batch in told.batches for one in batch.deleted] == [
        Deleted(f"{2:032x}", "s0002")
    ]


def test_deleted_and_made_again(shifting: ShiftingService, client: Client) -> None:
    """The entry of the deletion comes with the id that ended, beside the new document (D3)."""
    shifting.fill(2)
    begin = shifting.newest
    shifting.end("s0000")
    shifting.put("s0000")
    told = reading(client, Window(begin, shifting.newest))
    (item,) = [one for batch in told.batches for one in batch.items]
    (gone,) = [one for batch in told.batches for one in batch.deleted]
    assert item.key == gone.key == "s0000"
    assert item.id != gone.id == f"{1:032x}"


def test_deletions_without_keys(shifting: ShiftingService, client: Client) -> None:
    """Services before 5.3 tell the id of what was deleted, and nothing else."""
    shifting.fill(2)
    shifting.end("s0000")
    del shifting.gone[0]["keyValues"]
    told = reading(client, Window(2, shifting.newest))
    assert told.batches[-1].deleted == [Deleted(f"{1:032x}", "")]


@pytest.mark.parametrize("status", [400, 404])
def test_service_without_key_changes(
    shifting: ShiftingService, client: Client, status: int
) -> None:
    """A service that does not tell key changes is read all the same, at full size."""
    shifting.fill(2)
    shifting.closed["ed-fi/students/keyChanges"] = (status, {"message": "no such id"})
    told = reading(client, Window(0, 2), size=300)
    assert len(told.keys) == 2
    assert shifting.asked[-1][1]["limit"] == "300"


def test_service_without_deletions(shifting: ShiftingService, client: Client) -> None:
    """That a service does not tell what was deleted is worth a note."""
    shifting.fill(2)
    shifting.closed["ed-fi/students/deletes"] = (404, {})
    told = reading(client, Window(0, 2))
    assert len(told.keys) == 2
    assert "edfi_no_deletes" in told.notes


# -- key changes of one window (A6) --


def moved(*moves: tuple[str, int, str, str]) -> list[list[tuple[str, str]]]:
    """The groups that come of (id, version, old, new)."""
    found = Moves()
    found.add(KeyMove(*one) for one in moves)
    return [[(one.old, one.new) for one in group] for group in found.groups()]


@pytest.mark.parametrize("order", [1, -1])
def test_several_changes_of_one_document(order: int) -> None:
    """Of a document that was renamed twice, the first key and the last one matter."""
    assert moved(*[("1", 5, "a", "b"), ("1", 7, "b", "c")][::order]) == [[("a", "c")]]


def test_there_and_back_is_nothing() -> None:
    """What has got its first key again was not renamed."""
    assert moved(("1", 5, "a", "b"), ("1", 7, "b", "a")) == []


@pytest.mark.parametrize("versions", [(9, 5), (5, 9)])
def test_key_that_passes_on(versions: tuple[int, int]) -> None:
    """Who leaves a key goes before who takes it, whichever was told first."""
    first, second = versions
    groups = moved(("2", first, "a", "b"), ("1", second, "b", "c"))
    assert [one for group in groups for one in group] == [("b", "c"), ("a", "b")]


def test_swap_is_one_group() -> None:
    """Two that swap their keys can only be moved together."""
    (group,) = moved(("1", 9, "a", "b"), ("2", 8, "b", "a"))
    assert sorted(group) == [("a", "b"), ("b", "a")]


def test_two_that_had_one_key() -> None:
    """Of two that left the same key one after the other, the first comes first."""
    assert moved(("2", 9, "a", "d"), ("1", 5, "a", "b")) == [[("a", "b")], [("a", "d")]]


def test_swaps_are_never_torn(shifting: ShiftingService, client: Client) -> None:
    """Batches are filled with whole groups, and going on between them tells each once."""
    shifting.fill(12)
    begin = shifting.newest
    keys = sorted(shifting.rows)
    for one, other in zip(keys[::2], keys[1::2], strict=True):
        shifting.rename(one, "x")
        shifting.rename(other, one)
        shifting.rename("x", other)
    window = Window(begin, shifting.newest)
    whole = [batch for batch in reading(client, window, size=3).batches if batch.rekeyed]
    assert [len(batch.rekeyed) for batch in whole] == [2] * 6
    for batch in whole:
        a, b = batch.rekeyed
        assert (a.old, a.new) == (b.new, b.old)
    later = reading(client, window, whole[2].state, size=3)
    rest = [batch.rekeyed for batch in later.batches if batch.rekeyed]
    assert rest == [batch.rekeyed for batch in whole[3:]]


def test_key_change_that_says_nothing(shifting: ShiftingService, client: Client) -> None:
    """An entry without its keys is broken, and the others are told."""
    shifting.fill(3)
    shifting.rename("s0000", "s0001")
    odd: dict[str, Any] = {"id": "1", "changeVersion": 4, "newKeyValues": {}}
    shifting.renamed.append(odd)
    told = reading(client, Window(0, 4))
    assert [one.old for one in told.batches[0].rekeyed] == ["s0000"]
    assert [one.reason for one in told.batches[0].broken] == ["edfi_without_key"]
