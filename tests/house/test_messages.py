"""Every message of the program is translated, into every language that it has a catalogue for."""

import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po

from app import text

REPOSITORY = Path(__file__).parents[2]
CATALOGUES = {path.parts[-3]: path for path in sorted((REPOSITORY / "app/locale").rglob("*.po"))}

every_language = pytest.mark.parametrize("language", CATALOGUES)


@cache
def messages() -> dict[str | tuple[str, ...], str]:
    """What the program says, and the file that says it first; gathered as `make messages` does."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    ((told),) = re.findall(r'--keywords="([^"]+)"', makefile)
    keywords = parse_keywords(["_", *told.split()])
    found: dict[str | tuple[str, ...], str] = {}
    for file, _line, message, _comments, _context in extract_from_dir(
        REPOSITORY / "app", [("**.py", "python")], keywords=keywords
    ):
        found.setdefault(message, file)
    return found


@cache
def catalogue(language: str) -> Catalog:
    """The translations into a language."""
    with CATALOGUES[language].open("rb") as file:
        return read_po(file, locale=language)


def forms(said: object) -> list[str]:
    """One text, or the texts for one and for many."""
    return list(said) if isinstance(said, list | tuple) else [str(said)]


def places(words: str) -> set[str]:
    """What is filled into a text, with its conversion."""
    return {
        f"{name}!{how}" if how else name
        for _text, name, _form, how in string.Formatter().parse(words)
        if name is not None
    }


def misfits(message: Message) -> bool:
    """Whether a translation leaves a place out or has one of its own; a count may go unsaid."""
    original = set().union(*map(places, forms(message.id)))
    return any(
        places(said) - original or original - places(said) - {"n", "count"}
        for said in forms(message.string)
    )


def test_there_is_spanish():
    """Many of those who look after rosters read Spanish first."""
    assert "es" in CATALOGUES


@every_language
def test_nothing_is_left_in_english(language: str):
    """A sentence that is new or has changed is translated before it is shipped."""
    there = catalogue(language)
    missing = [
        f"app/{file}: {message!r}"
        for message, file in messages().items()
        if (found := there.get(forms(message)[0])) is None
        or forms(found.id) != forms(message)
        or not all(forms(found.string))
    ]
    assert not missing, "not translated; `make messages` and fill in:\n" + "\n".join(missing)


@every_language
def test_nothing_is_guessed_or_left_over(language: str):
    """A catalogue has what is said and no more, and nothing that nobody has looked at."""
    known = {forms(message)[0] for message in messages()}
    odd = [
        message.id
        for message in catalogue(language)
        if message.id and (message.fuzzy or forms(message.id)[0] not in known)
    ]
    assert not odd
    assert not catalogue(language).obsolete


@every_language
def test_what_is_filled_in_stays(language: str):
    """A translation has the places of its sentence, with their conversions."""
    told = [one for one in catalogue(language) if one.id and all(forms(one.string))]
    odd = [one.string for one in told if misfits(one)]
    assert not odd


@every_language
def test_a_key_beside_a_name_stays(language: str):
    """What is reached with Alt and a letter has a letter in every language."""

    def has_letter(words: str) -> bool:
        return bool(re.search(r"&\w", words.replace("&&", "")))

    odd = [
        message.string
        for message in catalogue(language)
        if message.id and has_letter(forms(message.id)[0]) != has_letter(forms(message.string)[0])
    ]
    assert not odd


def test_nothing_is_nothing_in_every_language():
    """A catalogue keeps its own header as the translation of nothing."""
    for language in ("es", None):
        text.use_language(language)
        assert text._("") == ""
