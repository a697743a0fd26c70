"""What a screen reader is told: the accessible tree (AT-SPI), asked for over D-Bus."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

SECONDS = 20
"""No answer may take longer."""

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ON_SCREEN = 0

Name = str | re.Pattern[str]
"""What a thing is called, or how that begins."""

Node = tuple[str, str]
"""Where to ask about a thing: the program, and the path of the thing in it."""

_EVERYTHING = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")


class State(IntFlag):
    """What matters of a thing's state, by the bits of AT-SPI."""

    CHECKED = 1 << 4
    ENABLED = 1 << 8
    FOCUSABLE = 1 << 11
    FOCUSED = 1 << 12
    SHOWING = 1 << 25


@dataclass(frozen=True)
class Thing:
    """One thing on the screen."""

    node: Node
    role: str
    name: str
    description: str
    state: State

    def __str__(self) -> str:
        return f"{self.role} {self.name!r} {self.description!r} {self.state!r}"

    def is_a(self, role: str, name: Name) -> bool:
        """True when it is this; of a name in several lines, the first counts."""
        called = self.name.partition("\n")[0]
        if isinstance(name, re.Pattern):
            return self.role == role and name.match(called) is not None
        return (self.role, called) == (role, name)

    @property
    def nameless(self) -> bool:
        """True when it can be used, but nobody can say what it is."""
        can_be_used = State.FOCUSABLE | State.ENABLED in self.state
        hands_focus_on = self.role == "filler"
        tells_nothing_yet = self.role == "label"
        return can_be_used and not (hands_focus_on or tells_nothing_yet or self.name)


@dataclass(frozen=True)
class Place:
    """Where a thing is on the screen."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """Where to click."""
        return self.x + self.width // 2, self.y + self.height // 2

    def __contains__(self, other: "Place") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


class Reader:
    """Asks the programs of the desktop session whose D-Bus has this address."""

    def __init__(self, session: str) -> None:
        with open_dbus_connection(session) as desktop:
            launcher = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            asked = new_method_call(launcher, "GetAddress")
            (told,) = desktop.send_and_get_reply(asked, timeout=SECONDS).body
        assert told.startswith("unix:"), f"{told}: install installers/apt-packages.txt"
        self._bus = open_dbus_connection(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.close()

    def things(self) -> Iterator[Thing]:
        """All that is on the screen, what holds others before these."""
        nodes: list[Node] = self._ask(_EVERYTHING, "GetChildren") or []
        while nodes:
            found = zip(nodes, self._ask_all(nodes, "GetState"), strict=True)
            states = {node: State(bits[0] & sum(State)) for node, bits in found if bits}
            nodes = [node for node, state in states.items() if State.SHOWING in state]
            roles = self._ask_all(nodes, "GetRoleName")
            names, descriptions = (
                self._ask_all(nodes, "Get", "ss", _ACCESSIBLE, what, of=_PROPERTIES)
                for what in ("Name", "Description")
            )
            told = zip(nodes, roles, names, descriptions, strict=True)
            for node, role, name, description in told:
                if None not in (role, name, description):
                    yield Thing(node, role, name[1], description[1], states[node])
            nodes = [
                child for inside in self._ask_all(nodes, "GetChildren") for child in inside or ()
            ]

    def place(self, thing: Thing) -> Place | None:
        """Where it is; ``None`` when it has gone."""
        found = self._ask(thing.node, "GetExtents", "u", _ON_SCREEN, of=_COMPONENT)
        return found and Place(*found)

    def _ask(self, node: Node, *asked: Any, of: str = _ACCESSIBLE) -> Any:
        (answer,) = self._ask_all([node], *asked, of=of)
        return answer

    def _ask_all(
        self,
        nodes: Sequence[Node],
        method: str,
        types: str = "",
        *values: Any,
        of: str = _ACCESSIBLE,
    ) -> list[Any]:
        """The answers, ``None`` of a thing that has gone; all are asked before one is awaited."""
        serials = [next(self._bus.outgoing_serial) for _ in nodes]
        for (program, path), serial in zip(nodes, serials, strict=True):
            message = new_method_call(DBusAddress(path, program, of), method, types, values)
            self._bus.send(message, serial=serial)
        answers: dict[int, Any] = {}
        while len(answers) < len(nodes):
            reply = self._bus.receive(timeout=SECONDS)
            failed = reply.header.message_type is MessageType.error
            if serial := reply.header.fields.get(HeaderFields.reply_serial):
                answers[serial] = None if failed else reply.body[0]
        return [answers[serial] for serial in serials]
