"""Where two values differ, inside them."""

import pytest

from app.engine.intraline import LONGEST, characters, compared


def marked(one: str, other: str) -> tuple[str, str]:
    """Both values, with what differs in brackets."""
    left, right = (
        "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)
        for pieces in compared(one, other)
    )
    return left, right


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("555-0100", "5550100", "555[-]0100", "5550100"),
        ("Sam", "Samuel", "Sam", "Sam[uel]"),
        ("Ann", "Ann", "Ann", "Ann"),
        ("2026-08-17", "2026-09-01", "2026-0[8]-[17]", "2026-0[9]-[01]"),
        ("Ana", "Bill", "[Ana]", "[Bill]"),
        ("Ana", "", "[Ana]", ""),
        ("Zoé", "Zoe", "Zo[é]", "Zo[e]"),
        ("Zoe\u0301", "Zoe\u0300", "Zo[e\u0301]", "Zo[e\u0300]"),
        ("👩‍👧 x", "👩‍👦 x", "[👩‍👧] x", "[👩‍👦] x"),
        ("🇩🇪 Zürich", "🇩🇰 Zürich", "[🇩🇪] Zürich", "[🇩🇰] Zürich"),
    ],
)
def test_what_differs_is_marked_and_nothing_else(
    one: str, other: str, left: str, right: str
) -> None:
    """Marks stand around what the other side has otherwise, never inside a reader's character."""
    assert marked(one, other) == (left, right)


def test_what_agrees_by_chance_is_part_of_the_change() -> None:
    """One letter in common between two changes would only scatter the marks."""
    assert marked("Jonathan", "Johnathon") == ("Jonath[a]n", "Jo[h]nath[o]n")
    assert marked("xxabaxx", "xxcbdxx") == ("xx[aba]xx", "xx[cbd]xx")


def test_a_long_value_differs_as_a_whole() -> None:
    """To look inside costs the square of the length, and shows nobody anything."""
    text = "word " * LONGEST
    assert [piece.differs for piece in compared(text, text + "more")[0]] == [True]


def test_pieces_are_the_value_again() -> None:
    """Nothing is lost or changed by looking."""
    for one, other in (("a 👩‍👧 b", "a 👩 b"), ("", "x"), ("x" * 400, "y")):
        for value, pieces in zip((one, other), compared(one, other), strict=True):
            assert "".join(piece.text for piece in pieces) == value


def test_a_character_is_what_a_reader_sees() -> None:
    """Marks, joiners and the second half of a flag belong to what they stand with."""
    assert list(characters("e\u0301🇩🇪🇫🇷👍🏽a")) == ["e\u0301", "🇩🇪", "🇫🇷", "👍🏽", "a"]
