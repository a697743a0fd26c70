"""Which links have been seen."""

from hypothesis import given
from hypothesis import strategies as st

from app.engine.seen import Seen, pack, unpack


@given(st.sets(st.integers(1, 5000)))
def test_a_page_is_known_again(links: set[int]) -> None:
    """C7: what was packed is what is unpacked."""
    assert set(unpack(pack(links))) == links


@given(st.lists(st.integers(1, 3000)))
def test_each_link_counts_once(links: list[int]) -> None:
    """C4: repeated keys count as one."""
    seen = Seen()
    assert [seen.add(link) for link in links].count(True) == len(seen) == len(set(links))
    assert all(link in seen for link in links)
    assert 3001 not in seen


def test_neighbours_take_no_room() -> None:
    """A page of new links is two numbers."""
    assert len(pack(range(100_000, 105_000))) < 12
