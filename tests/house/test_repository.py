"""Rules about the files themselves: no machine's traces, no room without a sign, no vague names."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
APP = REPOSITORY / "app"

# One letter of each word stands in brackets, so that this file does not find itself.
TRACES = {
    "a package registry": r"py[p]i\.org|pythonhoste[d]|npmj[s]|deb\.debia[n]|pkg\.de[v]/",
    "where packages were fetched": r"(?<!emit-)(?:extra-)?index-ur[l]|(?<!emit-)find-link[s]",
    "a path of one machine": r"(?<![\w.~])/(?:wor[k]|roo[t]|tm[p]|hom[e]/\w+|User[s]/\w+)/\w",
}
VAGUE = {"utils", "util", "helpers", "helper", "misc", "manager", "common"}
PURE = {"reconcile", "limits", "health", "schedule"}


def files() -> Iterator[Path]:
    """What belongs to the repository; walked, so that a copy without git is judged too."""
    made = {"build", "dist", "__pycache__", "node_modules"}
    for folder, names, inside in os.walk(REPOSITORY):
        names[:] = [
            name
            for name in names
            if name not in made
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name == ".ci")
        ]
        for name in inside:
            if name != ".git":  # a file of that name stands in a linked work tree
                yield Path(folder, name)


@pytest.mark.parametrize("what", TRACES)
def test_no_file_tells_where_it_was_made(what: str):
    """A checkout works anywhere and gives nobody's machine away."""
    pattern = re.compile(TRACES[what].encode())
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what} stands in {found}"


def test_the_lock_pins_every_package_by_hash_and_names_no_address():
    """Nothing but pins, markers, hashes and comments: no option, no address, no path."""
    lines = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pin = re.compile(r"[a-z0-9-]+==[\w.!+]+(?: ; [^/@]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    comment = re.compile(r"#[^/@]*")
    strange = [line for line in lines if not any(p.fullmatch(line) for p in (pin, digest, comment))]
    assert not strange


def test_the_lock_holds_what_the_project_asks_for():
    """Also on other systems than the one that made it: whoever adds a need makes the lock again."""
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[; ]", need)[0].lower() for need in needs}
    assert names <= set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))


def test_every_room_says_what_lives_there():
    """A folder's `__init__` docstring: what lives here, what may not, who may import it."""
    rooms = {path.parent for path in APP.rglob("*.py")}
    silent = [
        str(room.relative_to(REPOSITORY))
        for room in sorted(rooms)
        if not (room / "__init__.py").exists()
        or not ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert not silent


def test_no_module_has_a_name_that_says_nothing():
    """A reader finds a thing by its name alone."""
    modules = [*APP.rglob("*.py"), *(REPOSITORY / "tests").rglob("*.py")]
    vague = [
        str(path.relative_to(REPOSITORY))
        for path in modules
        if VAGUE & {path.stem, path.parent.name} or path.stem.endswith(("_utils", "_helpers"))
    ]
    assert not vague


def test_every_pure_module_is_under_its_contract():
    """A pure module that is written later is listed among the import contracts that day."""
    tool = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    [contract] = [c for c in tool["importlinter"]["contracts"] if "pure modules" in c["name"]]
    written = {f"app.engine.{name}" for name in PURE if list((APP / "engine").glob(f"{name}*"))}
    assert written <= set(contract["source_modules"])
