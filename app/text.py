"""Every sentence a person reads, in engine, command line and window (gettext).

``_`` translates now; ``N_`` marks a word where it is declared, to be translated where it is shown.
``sentence`` says what a code with its parameters means: what happened, and what to do next.
Imports nothing of the program.
"""

import gettext as _gettext
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "mindkindler"
_LOCALE = Path(__file__).parent / "locale"
_catalogue: _gettext.NullTranslations = _gettext.translation(DOMAIN, _LOCALE, fallback=True)


def use_language(language: str | None) -> None:
    """Speak ``language`` (such as ``es``) from now on; ``None`` is the system's."""
    global _catalogue
    languages = [language] if language else None
    _catalogue = _gettext.translation(DOMAIN, _LOCALE, languages, fallback=True)


def _(message: str) -> str:
    """``message`` in the language of the person."""
    return _catalogue.gettext(message)


def N_(message: str) -> str:
    """Mark ``message`` for translation; it is translated where it is shown."""
    return message


def plural(one: str, many: str, number: int) -> str:
    """``one`` or ``many`` in the language of the person, with ``{n}`` filled in."""
    return _catalogue.ngettext(one, many, number).format(n=f"{number:,}")


def sentence(code: str, parameters: Mapping[str, object] | None = None) -> str:
    """The sentence of ``code``; an unknown code is shown as it is, never hidden."""
    message = SENTENCES.get(code)
    if message is None:
        told = ", ".join(f"{name}: {value}" for name, value in (parameters or {}).items())
        return f"{code} ({told})" if told else code
    try:
        return _(message).format(**(parameters or {}))
    except (KeyError, IndexError, ValueError):
        return _(message)


SENTENCES: dict[str, str] = {
    # -- network and HTTP (connectors/http.py) --
    # -- OneRoster (connectors/oneroster) --
    # -- engine --
    "connector_unknown": N_(
        "There is no connector named “{name}”. The command “connectors list” shows those there are."
    ),
    "kind_unknown": N_(
        "Nothing here speaks “{kind}”. The command “connectors kinds” shows what can be connected."
    ),
    "entity_unknown": N_("There is no record type “{entity}”."),
    "field_unknown": N_("Records of type “{entity}” have no field “{field}”."),
    "record_unknown": N_("There is no live record {id} of type “{entity}”."),
    "run_unknown": N_("There is no sync #{id}. The command “runs list” shows those there are."),
    "value_unfit": N_("The value given for “{field}” does not fit it. Nothing was changed."),
    "setting_unknown": N_("There is no setting “{name}”. The settings are: {known}."),
    "setting_unfit": N_("A setting does not fit: {what}. Nothing was saved."),
    "connector_name_unfit": N_("“{name}” cannot be a connector's name. Nothing was saved."),
    "connector_kind_fixed": N_(
        "“{name}” exists already and speaks another language. Remove it first, or choose another "
        "name. Nothing was saved."
    ),
    "connector_busy": N_(
        "“{name}” is being synced already. Wait until that sync is over, or cancel it first."
    ),
    "secret_missing": N_(
        "The secret “{key}” of “{name}” is not known. Store it with “connectors edit {name} "
        "--secret {key}”, or set {variable} in the environment."
    ),
    "secret_not_storable": N_("Secrets of the environment are not stored. Set {name} there."),
    "keyring_absent": N_(
        "This computer has no keyring that can keep secrets safely, so nothing was stored. Unlock "
        "or install one, or give the secret in the environment."
    ),
    "keyring_locked": N_("The keyring of this computer is locked. Unlock it, then try again."),
    "keyring_error": N_("The keyring of this computer did not answer. Try again."),
    "keyring_forgets": N_(
        "The keyring of this computer took the secret but did not give it back, so nothing was "
        "stored."
    ),
    "cancelled": N_(
        "Stopped as you asked. What was read so far stays; the next sync goes on here."
    ),
    "run_overtaken": N_("Another process took over this connector; this sync ended."),
    "run_resumes": N_("Goes on where sync #{run} stopped."),
    "leftovers_settled": N_("{count} changes that sync #{run} had read were carried out first."),
    "resumed_late": N_(
        "This sync goes on more than an hour after it stopped, so it proves nothing."
    ),
    "total_not_reached": N_(
        "The SIS said there were {total} records, but {distinct} different ones came. Nothing is "
        "removed on such an answer."
    ),
    "rows_without_key": N_("{count} rows had no readable key, so nothing is removed."),
    "scope_changed": N_("What is asked of the SIS has changed since the last sync."),
    "coverage_lost": N_(
        "The answer has nothing from {count} schools, terms or roles that were there before. "
        "Nothing is removed until a second answer says the same."
    ),
    "row_still_there": N_(
        "Record {key} was missing from the list, yet the SIS still has it. The list was not whole, "
        "so nothing is removed."
    ),
    "row_not_confirmed": N_(
        "Record {key} was missing from the list and could not be read by itself. Nothing is removed."
    ),
    "field_not_spoken": N_(
        "No record had a value for “{field}” any more, so the field was left as it was."
    ),
    "value_not_understood": N_(
        "“{field}” could not be understood in {count} records ({what}); it was left as it was."
    ),
    "more_warnings": N_("{count} more kinds of warning."),
    "fields_unknown": N_("The connector speaks of fields nobody knows: {fields}."),
    "request_failed": N_("The request failed in an unexpected way. Try again."),
    "unexpected": N_(
        "Something went wrong in this program, not at your SIS. Your data is as it was before. "
        "Please report it with the log."
    ),
    "practice_not_started": N_("The practice district did not start. Try again."),
    "practice_refused": N_("The practice district answered with status {status}. Start it again."),
    "health_syncing": N_("“{name}” is being synced."),
    "health_paused": N_("“{name}” is paused. It is not synced until you resume it."),
    "health_failing": N_(
        "The last sync of “{name}” failed; the earlier data is untouched. See sync #{run}."
    ),
    "health_waiting": N_("“{name}”: {count} removals wait for your approval; nothing was removed."),
    "health_conflicts": N_("“{name}”: {count} differences need your decision."),
    "health_unreadable": N_("“{name}”: {count} rows could not be read; their records are kept."),
    "health_never": N_("“{name}” has never been synced. Run the first sync."),
    "health_cut_off": N_("The first sync of “{name}” was cut off. Run it again; it goes on there."),
    "health_incomplete": N_(
        "The last answer of “{name}” was not whole, so nothing was removed. Sync again."
    ),
    "health_late": N_("“{name}” has not been synced for {days} days. Sync it now."),
    "health_resumable": N_("The last sync of “{name}” was cut off. The next one goes on there."),
    "health_good": N_("All is well with “{name}”."),
    "health_no_connector": N_("Nothing is connected yet. Try the practice district first."),
    # -- store --
    "database_url_unreadable": N_(
        "The database address cannot be read. Example: sqlite:///roster.db"
    ),
    "database_url_unsupported": N_(
        "Databases of type “{backend}” are not supported. Use an address such as "
        "sqlite:///roster.db"
    ),
    "database_newer": N_(
        "The database {path} was made by a newer version of this program (revision {revision}). "
        "Install that version; nothing was changed."
    ),
    "database_foreign": N_(
        "The file {path} is a database of some other program. Choose another folder; nothing was "
        "changed."
    ),
    "database_not_opened": N_("The database {path} could not be opened. Check that it exists."),
    "folder_not_writable": N_(
        "Nothing can be written to {path}. Choose another folder, or ask for the permission."
    ),
    "disk_full": N_("The disk that holds {path} is full. Make room, then try again."),
    "database_busy": N_("Another program keeps the database {path} busy. Try again in a minute."),
    "database_damaged": N_(
        "The file {path} is damaged or not a database. Restore a copy; nothing was changed."
    ),
    "database_error": N_("The database {path} reported an error. Please report it with the log."),
    "counts_do_not_close": N_(
        "The counts of sync #{run} do not add up ({streams}), so it is marked as failed. Please "
        "report it with the log."
    ),
}
