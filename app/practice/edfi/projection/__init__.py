"""The practice district told as Ed-Fi documents: the same people, schools and marks once more.

The two services are two systems. What is told here is what the OneRoster side held when the Ed-Fi
side was first asked for anything; from then on neither hears of what is written in the other.
"""

from collections.abc import Mapping

from ...collection import Collection
from ...district import District
from .classes import Classes
from .marks import Marks
from .people import People
from .places import Documents, Places
from .schools import Schools
from .words import standard


def documents(district: District, books: Mapping[str, Collection]) -> Documents:
    """Every document, each after all that it refers to, with the resource it belongs to.

    Data Standard 5.0, in the names of its resources. ``books`` are the collections of the
    gradebook. Deterministic: the same district and books give the same documents in the same order.
    """
    places = Places(district)
    yield from standard()
    yield from Schools(places).documents()
    yield from Classes(places).documents()
    yield from People(district, places).documents()
    yield from Marks(district, places, books).documents()
