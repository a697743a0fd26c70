"""The program in Spanish: the same rooms, the same keys."""

from pathlib import Path

from tests.e2e.program import practice_sis
from tests.tour.person import Person
from tests.tour.reader import State
from tests.tour.screen import Screen
from tests.tour.window import opened

STUDENTS = 200


def test_a_difference_is_settled_in_spanish(person: Person, shown: Screen, data_dir: Path) -> None:
    """From the first sync to a settled difference, by keys alone, as on an English one."""
    with practice_sis(data_dir / "practice", STUDENTS):
        pass
    chosen = Path(shown.environment["XDG_CONFIG_HOME"], "MindKindler/Sync.ini")
    chosen.parent.mkdir(parents=True)
    chosen.write_text("[General]\nlanguage=es\n")
    with opened(data_dir, shown, "--practice"):
        person.reads("“practice” nunca se ha sincronizado")
        person.presses("F5")
        person.reads("Todo está en orden con “practice”")
        person.keeps_picture("hoy")
        person.presses("shift+F9")
        person.reads("^La oficina de ")
        person.presses("F5")
        person.reads("decisiones pendientes")
        person.presses("F6")
        person.sees("list", "Lo que espera su decisión", State.FOCUSED)
        person.keeps_picture("decidir")
        person.presses("Return")
        person.reads("sin decidir, elija$")
        person.presses("2")
        person.keeps_picture("una-diferencia")
        person.presses("Return")
        person.reads("Deshacer")
        person.presses("ctrl+3")
        person.keeps_picture("historial")
        person.presses("ctrl+q")
