"""`connectors`: what is connected, and where its secrets are (and are not) (DESIGN §8, §9)."""

import io
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import keyring
import pytest
from keyring.backends import fail

from app.compose import PracticeSis
from tests.cli.conftest import NAME, SECRET, Ended, MemoryKeyring, settings
from tests.cli.gate import Gate

Call = Callable[..., Ended]


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts lines on standard input, which is no terminal."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


SETTINGS = ("--set", "base_url=https://sis.example", "--set", "client_id=us")


def test_kinds_tell_their_settings_and_secrets(call: Call) -> None:
    """§5: settings and secrets derive from the kind; §9: a plain array."""
    kinds = {kind["kind"]: kind for kind in call("connectors", "kinds", "--json").document}
    kind = kinds["oneroster"]
    assert kind["label"] == "OneRoster (REST)"
    assert "base_url" in [setting["name"] for setting in kind["settings"]]
    assert kind["secrets"] == [{"key": "client_secret", "label": "Client secret"}]
    assert "base_url" in call("connectors", "kinds").out


def test_an_added_connector_is_listed_with_how_it_is(connected: Call, sis: PracticeSis) -> None:
    """§9: `connectors add`, then `list`: a plain array with the badge and its reason."""
    [one] = connected("connectors", "list", "--json").document
    assert (one["connector"], one["kind"], one["badge"]) == (NAME, "oneroster", "never_synced")
    assert one["settings"]["base_url"] == sis.ready.base_url
    assert one["reason"]["code"] == "health_never"
    assert "Never synced" in connected("connectors", "list").out


def test_an_existing_connector_is_not_overwritten(connected: Call) -> None:
    """`add` is for new names: exit code 2, the settings stay, and `edit` is named."""
    before = connected("connectors", "list", "--json").document
    ended = connected("connectors", "add", NAME, "--kind", "oneroster", "--set", "base_url=x")
    assert ended.code == 2
    assert "connectors edit" in ended.err
    assert connected("connectors", "list", "--json").document == before


def test_edit_changes_what_is_named_alone(connected: Call) -> None:
    """§9: `edit` takes the same options; what is not named stays."""
    [before] = connected("connectors", "list", "--json").document
    assert connected("connectors", "edit", NAME, "--set", "client_id=other").code == 0
    [after] = connected("connectors", "list", "--json").document
    assert after["settings"] == {**before["settings"], "client_id": "other"}


def test_a_connector_syncs_by_itself_when_it_is_told_to(connected: Call) -> None:
    """The schedule is set, shown with the next sync, left alone by other changes, and ended."""
    assert connected("connectors", "edit", NAME, "--schedule", "6:30, 18:00").code == 0
    assert connected("sync", NAME).code == 0
    connected("connectors", "edit", NAME, "--set", "scope=")
    [one] = connected("connectors", "list", "--json").document
    assert one["schedule"] == "06:30 18:00"
    assert datetime.fromisoformat(one["next_sync_at"]) > datetime.now(UTC)
    refused = connected("connectors", "edit", NAME, "--schedule", "at noon")
    assert (refused.code, "06:30 12:00" in refused.err) == (2, True)
    connected("connectors", "edit", NAME, "--schedule", "off")
    [one] = connected("connectors", "list", "--json").document
    assert (one["schedule"], one["next_sync_at"]) == (None, None)


def test_a_secret_of_standard_input_is_in_the_keyring_alone(
    call: Call,
    data_dir: Path,
    secrets_kept: MemoryKeyring,
    typed: Callable[[str], None],
) -> None:
    """§8: --secret-stdin keeps it in the OS keyring; no output, log or database has it."""
    made = secrets.token_urlsafe()
    typed(f"{made}\n")
    ended = call(
        "-v", "connectors", "add", NAME, "--kind", "oneroster",
        *SETTINGS, "--secret-stdin", "client_secret",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert list(secrets_kept.kept.values()) == [made]
    assert made not in ended.out + ended.err
    assert made.encode() not in _all_bytes(data_dir)


def test_without_a_keyring_the_variable_of_a_secret_is_named(
    call: Call, typed: Callable[[str], None]
) -> None:
    """§8: nothing is saved; what to set in the environment is told by its name."""
    keyring.set_keyring(fail.Keyring())
    typed("made\n")
    add = ("connectors", "add", NAME, "--kind", "oneroster", *SETTINGS)
    ended = call(*add, "--secret-stdin", "client_secret", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "secret_not_kept")
    assert SECRET in ended.document["error"]["message"]
    assert call("connectors", "list", "--json").document == []
    assert call(*add).code == 0


def test_a_secret_is_asked_for_unseen(
    call: Call, secrets_kept: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: --secret KEY asks for it, hidden."""
    made = secrets.token_urlsafe()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(click.termui, "hidden_prompt_func", lambda _prompt: made)
    asked = (*SETTINGS, "--secret", "client_secret")
    ended = call("connectors", "add", NAME, "--kind", "oneroster", *asked)
    assert ended.code == 0, ended.err
    assert list(secrets_kept.kept.values()) == [made]
    assert made not in ended.out + ended.err


def test_nothing_is_asked_without_a_terminal(call: Call, typed: Callable[[str], None]) -> None:
    """§9: nothing prompts where nobody can answer; exit code 2 and what to do instead."""
    typed("")
    ended = call("connectors", "add", NAME, "--kind", "oneroster", "--secret", "client_secret")
    assert ended.code == 2
    assert "--secret-stdin client_secret" in ended.err
    assert call("connectors", "list", "--json").document == []


def test_a_secret_given_as_a_setting_is_refused_and_not_repeated(call: Call) -> None:
    """§8: a secret typed where others can read it is refused, with what to do."""
    made = secrets.token_urlsafe()
    pair = f"client_secret={made}"
    ended = call("connectors", "add", NAME, "--kind", "oneroster", "--set", pair)
    assert ended.code == 2
    assert "--secret client_secret" in ended.err
    assert made not in ended.out + ended.err


def test_a_blank_or_unknown_secret_saves_nothing(
    call: Call, typed: Callable[[str], None], secrets_kept: MemoryKeyring
) -> None:
    """Exit code 2, and nothing is half saved."""
    add = ("connectors", "add", NAME, "--kind", "oneroster", "--secret-stdin")
    typed("\n")
    assert call(*add, "client_secret").code == 2
    typed("something\n")
    unknown = call(*add, "password")
    assert unknown.code == 2
    assert "client_secret" in unknown.err
    assert secrets_kept.kept == {}
    assert call("connectors", "list", "--json").document == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--kind", "teletext"], "connectors kinds"),
        (["--kind", "oneroster", "--set", "colour=red"], "base_url"),
        (["--kind", "oneroster", "--set", "base_url"], "KEY=VALUE"),
        ([], "--kind"),
    ],
)
def test_what_cannot_be_saved_is_told_with_what_can(
    call: Call, arguments: list[str], told: str
) -> None:
    """Unknown kinds and settings name what there is; nothing is saved."""
    ended = call("connectors", "add", NAME, *arguments)
    assert ended.code in (1, 2)
    assert told in ended.err
    assert call("connectors", "list", "--json").document == []


def test_a_connector_without_its_secret_says_where_it_may_come_from(call: Call) -> None:
    """§8: the environment variable is named as soon as the connector is saved."""
    ended = call("connectors", "add", NAME, "--kind", "oneroster", *SETTINGS)
    assert ended.code == 0
    assert SECRET in ended.out


def test_removing_forgets_the_secret_and_keeps_the_records(
    connected: Call, secrets_kept: MemoryKeyring, typed: Callable[[str], None], sis: PracticeSis
) -> None:
    """Records and history stay when a connector goes; its secrets do not."""
    typed(f"{sis.ready.client_secret}\n")
    connected("connectors", "edit", NAME, "--secret-stdin", "client_secret")
    connected("sync", NAME)
    assert secrets_kept.kept
    assert connected("connectors", "remove", NAME).code == 0
    assert secrets_kept.kept == {}
    assert connected("connectors", "list", "--json").document == []
    assert connected("records", "list", "orgs", "--json").document
    assert [run["state"] for run in connected("runs", "list", "--json").document] == ["completed"]


def test_a_connector_is_removed_without_a_keyring(connected: Call) -> None:
    """§8: a server without a keyring holds no secrets there; that keeps nobody from removing."""
    keyring.set_keyring(fail.Keyring())
    ended = connected("connectors", "remove", NAME, "--json")
    assert ended.code == 0, ended.err
    assert ended.document == {"connector": NAME, "records_unlinked": 0, "error": None}


def test_removing_says_what_stays_without_a_connector(connected: Call, sis: PracticeSis) -> None:
    """The records that nobody updates any more are counted, and how they are known again."""
    everything = sum(sis.ready.counts.values())
    again = (NAME, "--kind", "oneroster", *settings(sis.ready.base_url))
    connected("sync", NAME)
    told = connected("connectors", "remove", NAME).out
    assert f"{everything:,} records in the roster belong to no connector now." in told
    assert connected("connectors", "add", *again).code == 0
    ended = connected("sync", NAME, "--json")
    assert sum(one["created"] for one in ended.document["streams"].values()) == 0
    document = connected("connectors", "remove", NAME, "--json").document
    assert document == {"connector": NAME, "records_unlinked": everything, "error": None}


def test_check_tells_its_findings(connected: Call) -> None:
    """§9: `connectors check` tries the settings; 0 when they work."""
    ended = connected("connectors", "check", NAME, "--json")
    assert ended.code == 0
    assert list(ended.document) == ["connector", "findings", "error"]
    assert ended.document["error"] is None
    for finding in ended.document["findings"]:
        assert set(finding) == {"code", "grade", "entity", "message", "means"}
        assert finding["code"] != finding["message"]
    headings, *rows, verdict = connected("connectors", "check", NAME).out.splitlines()
    assert verdict == f"“{NAME}” works."
    assert [word.strip() for word in re.split(r"\s{2,}", headings)] == [
        "Verdict", "What", "Found", "What it means",
    ]  # fmt: skip
    assert any("People can be read:" in row for row in rows)
    assert any("looked up before it is removed" in row for row in rows)


def test_check_of_a_wrong_secret_is_1(connected: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """§9: 1 when the settings do not work, with the finding that says why."""
    monkeypatch.setenv(SECRET, "made-up-and-wrong")
    ended = connected("connectors", "check", NAME, "--json")
    assert ended.code == 1
    assert "bad" in [finding["grade"] for finding in ended.document["findings"]]
    assert ended.document["error"]["code"]
    assert "made-up-and-wrong" not in ended.out + ended.err


def test_an_edited_address_is_read_whole(connected: Call, gate: Gate) -> None:
    """Behind it may stand another district: no cursor of the old one counts."""
    assert connected("sync", NAME, "--json").document["mode"] == "full"
    assert connected("sync", NAME, "--json").document["mode"] == "incremental"
    connected("connectors", "edit", NAME, "--set", f"base_url={gate.url}")
    ended = connected("sync", NAME, "--json").document
    assert ended["mode"] == "full"
    assert all(stream["read"] for stream in ended["streams"].values())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "base_url=https://sis.example/?token=s3cr3t"), "base_url"),
        (("--set", "token_url=https://sis.example/t?key=s3cr3t"), "token_url"),
        (("--set", "scope=one\ntwo"), "scope"),
    ],
)
def test_a_setting_that_cannot_be_kept_is_named(
    connected: Call, arguments: tuple[str, ...], told: str
) -> None:
    """Nothing is saved, and what was typed is not repeated."""
    before = connected("connectors", "list", "--json").document
    ended = connected("connectors", "edit", NAME, *arguments)
    assert (ended.code, f"“{told}”" in ended.err) == (2, True)
    assert "s3cr3t" not in ended.err
    assert connected("connectors", "list", "--json").document == before


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("version=3", "auto, 1.1, 1.2"),
        ("colour=red", "base_url"),
        ("base_url=", "base_url"),
        ("base_url=htp:/foo", "beginning with https://"),
    ],
)
def test_a_setting_that_cannot_be_is_a_mistake_in_the_command(
    connected: Call, pair: str, told: str
) -> None:
    """§9: exit code 2, and what would fit is said."""
    ended = connected("connectors", "edit", NAME, "--set", pair)
    assert (ended.code, told in ended.err) == (2, True)


def test_an_address_where_nothing_is_found_is_named_as_it_was_typed(
    connected: Call, sis: PracticeSis
) -> None:
    """Path and all, since that may be what is wrong with it."""
    address = f"{sis.ready.base_url}/wrong/path"
    connected("connectors", "edit", NAME, "--set", f"base_url={address}")
    assert f"was found at {address}." in connected("connectors", "check", NAME).out


def test_a_blank_schedule_is_told_the_word_that_ends_it(connected: Call) -> None:
    """Exit code 2, and the schedule stays."""
    connected("connectors", "edit", NAME, "--schedule", "06:30")
    ended = connected("connectors", "edit", NAME, "--schedule", "")
    assert (ended.code, "“off”" in ended.err) == (2, True)
    assert connected("connectors", "list", "--json").document[0]["schedule"] == "06:30"


@pytest.mark.parametrize(
    "arguments",
    [
        ("connectors", "add", "half \udcff", "--kind", "oneroster"),
        ("connectors", "edit", NAME, "--set", "scope=half \udcff"),
        ("connectors", "check", "half \udcff"),
        ("sync", "half \udcff"),
    ],
)
def test_bytes_that_are_no_text_are_a_usage_error(
    connected: Call, arguments: Sequence[str]
) -> None:
    """Exit code 2, in JSON too, and no fault of ours."""
    ended = connected(*arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "argument_not_text")


def test_a_name_of_two_words_is_one_word_of_the_command(call: Call) -> None:
    """The command that enters a missing secret can be copied as it is shown."""
    ended = call("connectors", "add", "North High", "--kind", "oneroster", *SETTINGS)
    assert re.search(r"connectors edit (['\"])North High\1 --secret client_secret", ended.out)


@pytest.mark.parametrize("command", ["check", "edit", "remove"])
def test_an_unknown_connector_is_2(call: Call, command: str) -> None:
    """§9: a usage error, as a document too."""
    ended = call("connectors", command, NAME, "--json")
    assert ended.code == 2
    assert ended.document["error"]["code"] == "connector_unknown"


def test_one_connector_is_shown_without_its_secrets(
    connected: Callable[..., Ended], sis: PracticeSis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, schedule, scope, switches, and which secrets are there; never what they are."""
    shown = connected("connectors", "show", NAME)
    assert shown.code == 0
    for told in (sis.ready.base_url, "Client secret", "is kept", "Schedule", "Webhooks are off"):
        assert told in shown.out
    assert sis.ready.client_secret not in shown.out
    found = connected("connectors", "show", NAME, "--json")
    assert sis.ready.client_secret not in found.out
    assert found.document["secrets"] == {"client_secret": True}
    assert (found.document["blanks"], found.document["scope"]) == ("overwrite", {})
    monkeypatch.delenv(SECRET)
    assert "is missing" in connected("connectors", "show", NAME).out
    assert connected("connectors", "show", "nobody").code == 2
