"""Every sentence a person reads, in engine, command line and window (gettext).

``_`` translates now; ``N_`` marks a word where it is declared, to be translated where it is shown.
``sentence`` says what a code with its parameters means: what happened, and what to do next.
Imports nothing of the program.
"""

import gettext as _gettext
import os
import shlex
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import NamedTuple

DOMAIN = "mindkindler"
_LOCALE = Path(__file__).parent / "locale"
_catalogue: _gettext.NullTranslations = _gettext.translation(DOMAIN, _LOCALE, fallback=True)


def use_language(language: str | None) -> None:
    """Speak ``language`` (such as ``es``) from now on; ``None`` is the system's."""
    global _catalogue
    languages = [language] if language else None
    _catalogue = _gettext.translation(DOMAIN, _LOCALE, languages, fallback=True)


def _(message: str) -> str:
    """``message`` in the language of the person; of nothing, nothing."""
    return _catalogue.gettext(message) if message else ""  # a catalogue has its header under ""


def N_(message: str) -> str:
    """Mark ``message`` for translation; it is translated where it is shown."""
    return message


class Counted(NamedTuple):
    """A sentence about ``{count}`` of something, for one and for many."""

    one: str
    many: str


class About(NamedTuple):
    """What a finding is about, and what follows from it."""

    topic: str = ""
    """Blank where it is about a record type, or about the connection."""
    means: str = ""


def NN_(one: str, many: str) -> Counted:
    """Mark a sentence for translation that speaks of ``{count}``."""
    return Counted(one, many)


def plural(one: str, many: str, number: int) -> str:
    """``one`` or ``many`` in the language of the person, with ``{n}`` filled in."""
    return _catalogue.ngettext(one, many, number).format(n=f"{number:,}")


def sentence(code: str, parameters: Mapping[str, object] | None = None) -> str:
    """The sentence of ``code``; an unknown code is shown as it is, never hidden."""
    message = SENTENCES.get(code)
    if message is None:
        told = ", ".join(f"{name}: {value}" for name, value in (parameters or {}).items())
        return f"{code} ({told})" if told else code
    return _filled(message, parameters)


def topic(code: str) -> str:
    """What a finding of *Test connection* is about, where that is no record type."""
    about = FINDINGS.get(code)
    return _(about.topic if about is not None and about.topic else N_("Connection"))


def meaning(code: str, parameters: Mapping[str, object] | None = None) -> str:
    """What follows from a finding of *Test connection*; blank where its sentence says it all."""
    about = FINDINGS.get(code)
    return _filled(about.means, parameters) if about is not None and about.means else ""


def _filled(message: str | Counted, parameters: Mapping[str, object] | None) -> str:
    count = (parameters or {}).get("count")
    if isinstance(message, Counted):
        text = _catalogue.ngettext(*message, count if isinstance(count, int) else 2)
    else:
        text = _(message)
    told = dict(parameters or {})
    if isinstance(count, int):
        told["count"] = _Count(count)
    try:
        return _WORDS.vformat(text, (), told)
    except (KeyError, IndexError, ValueError):
        return text


_MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)


def day(when: date) -> str:
    """``3 Dec 2026``, in the language of the person."""
    month = _(_MONTHS[when.month - 1])
    return _("{day} {month} {year}").format(day=when.day, month=month, year=when.year)


class _Count(int):
    """A number that reads as ``12,345``, however a sentence has it."""

    def __format__(self, spec: str) -> str:
        return super().__format__(",")


class _Words(Formatter):
    """As ``str.format``; ``{name!w}`` is a word of a command, in quotes where it needs them,
    ``{name!l}`` is what a record type is called in the middle of a sentence, ``{name!d}`` a day,
    ``{name!t}`` are words of this program with a comma between them.
    """

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion == "w":
            return shlex.quote(str(value)) if os.name == "posix" else f'"{value}"'
        if conversion == "l":
            return str(value).lower()
        if conversion == "t":
            return ", ".join(_(word) for word in str(value).split(", "))
        if conversion == "d":
            return day(date.fromisoformat(str(value)))
        return super().convert_field(value, conversion)


_WORDS = _Words()

_READABLE = N_("{entity} can be read: {count}.")
_NOT_COUNTED = N_("{entity} can be read, but the SIS does not say how many there are.")

SENTENCES: dict[str, str | Counted] = {
    # -- network and HTTP (connectors/http.py) --
    "address_invalid": N_(
        "This is not an address that can be reached. Copy the whole address from your SIS "
        "vendor, beginning with https://, and try again."
    ),
    "address_with_login": N_(
        "The address of {host} has a user name or password in it. Remove that part; "
        "credentials have fields of their own."
    ),
    "address_not_https": N_(
        "The address of {host} is not protected: it begins with http instead of https. Ask "
        "your SIS vendor for the https address."
    ),
    "address_with_query": N_(
        "The setting “{setting}” has a part that begins with ? or #, which is not used. Remove "
        "that part: what you need to sign in has fields of its own."
    ),
    "address_with_secret": N_(
        "The setting “{setting}” seems to have a secret in it, and an address can be read by "
        "others. Remove that part: the client secret has a field of its own. If it was the real "
        "one, have it changed at your SIS."
    ),
    "host_unknown": N_(
        "No server called {host} was found. Check that this computer is online, and the address "
        "for a typing mistake."
    ),
    "host_not_found_now": N_(
        "{host} could not be found just now, probably because this computer is offline. The "
        "next sync tries again."
    ),
    "connection_refused": N_(
        "{host} does not accept connections on port {port}. The SIS may be restarting; if "
        "this lasts, check the address."
    ),
    "network_timeout": N_(
        "{host} did not answer within {seconds} seconds. The next sync tries again; if this "
        "lasts, tell your SIS vendor."
    ),
    "network_failed": N_(
        "The connection to {host} broke off. Check that this computer is online; the next "
        "sync tries again."
    ),
    "proxy_failed": N_(
        "The network’s proxy would not connect to {host}. Ask whoever looks after your "
        "network to allow it."
    ),
    "proxy_login_refused": N_(
        "The network’s proxy did not accept the user and password it was given, so {host} was not "
        "reached. Enter them again under Settings, Network."
    ),
    "proxy_unfit": N_(
        "That is no address of a proxy. Give its host and port, such as proxy.district.org:8080. "
        "Nothing was saved."
    ),
    "proxy_with_login": N_(
        "Leave user and password out of the proxy’s address: they have fields of their own, and "
        "the password goes to the keyring alone. Nothing was saved."
    ),
    "proxy_user_without_proxy": N_(
        "A user and a password belong to a proxy. Give its address as well. Nothing was saved."
    ),
    "direct_host_unfit": N_(
        "“{host}” is no host or domain, such as sis.district.org. Nothing was saved."
    ),
    "authority_unreadable": N_("The file {path} could not be read. Choose another."),
    "authority_unfit": N_(
        "That is no certificate. Ask whoever looks after your network for the certificate of their "
        "authority, as a PEM file. Nothing was saved."
    ),
    "authority_of_a_server": N_(
        "That is the certificate of a single server, not of an authority that vouches for servers. "
        "Ask whoever looks after your network for the authority’s. Nothing was saved."
    ),
    "authority_with_key": N_(
        "This file holds a private key, which belongs nowhere near here. Ask for a file with the "
        "authority’s certificate alone. Nothing was saved."
    ),
    "tls_failed": N_(
        "{host} does not speak https on port {port}. Check the address; if it is right, tell "
        "your SIS vendor."
    ),
    "tls_failed_here": N_(
        "{host} does not speak https on port {port}. It is on this computer: if it speaks plain "
        "http, begin the address with http://."
    ),
    "certificate_refused": N_(
        "The identity of {host} could not be confirmed ({reason}), so nothing was sent to it. "
        "If your network inspects https, add its authority’s certificate under Settings, "
        "Network, or install it on this computer; otherwise tell your SIS vendor."
    ),
    "rate_limited": N_(
        "{host} is busy and asks to wait for another {retry_after:.0f} seconds. What was read "
        "so far is kept; the next sync goes on from there."
    ),
    "server_error": N_(
        "The SIS reported a fault of its own. The next sync tries again; if this lasts, tell your "
        "SIS vendor: {host}, status {status}."
    ),
    "answer_cut_short": N_(
        "An answer from {host} broke off in the middle, so it was not used. The next sync "
        "tries again."
    ),
    "answer_too_long": N_(
        "An answer of the SIS was too long, so it was not used. Tell your SIS vendor that the "
        "parameter “limit” is not heeded: {path}, more than {limit} bytes."
    ),
    "answer_encoding_unknown": N_(
        "An answer of the SIS was packed in a way that this program does not know, so it was not "
        "used. Tell your SIS vendor: {path}."
    ),
    "authorization_elsewhere": N_(
        "Credentials were about to go to {host}, which they are not meant for, so nothing was "
        "sent. Check the connector’s addresses."
    ),
    "redirect_refused": N_(
        "{host} points to another address (status {status}) where credentials are asked for, "
        "and they are not sent on. Ask your SIS vendor for the final address."
    ),
    "redirect_unsafe": N_(
        "{host} points to an address that is not protected by https, so it was not followed. "
        "Ask your SIS vendor for the https address."
    ),
    "redirect_elsewhere": N_(
        "{host} points to {other} for the answer, and what another host says is not taken for the "
        "answer of the SIS. If it has moved there, enter that address."
    ),
    "redirects_too_many": N_(
        "{host} keeps pointing to other addresses. Ask your SIS vendor for the final address."
    ),
    # -- Ed-Fi (connectors/edfi) --
    "descriptor_not_read": N_(
        "The setting “{setting}” gives words of “{value}” a meaning, but no such descriptor is "
        "read. Those that are read: {known}."
    ),
    "setting_not_a_year": N_(
        "The setting “{setting}” says {value}. Enter the year that the school year ends in, such "
        "as 2027, or leave it blank."
    ),
    "edfi_not_found": N_(
        "No Ed-Fi service was found at {address}. Enter the full address of the ODS/API that its "
        "host gave you, such as https://api.example.org/v7.3/api."
    ),
    "edfi_too_old": N_(
        "The service at {address} is older than the Ed-Fi Data Standard 3, and cannot be read. Ask "
        "its host for a newer one."
    ),
    "edfi_place_open": N_(
        "The service keeps several databases apart in its address, and leaves “{part}” to you. "
        "Enter it under “{setting}”, or add it to the address."
    ),
    "edfi_key_refused": N_(
        "The service does not accept the key and secret. Check both; they may have expired or been "
        "replaced. The answer was status {status}, from {origin}."
    ),
    "edfi_token_nowhere": N_(
        "No place to sign in was found at {address} (status {status}). Check the address, or enter "
        "the token address that the host of the service gave you."
    ),
    "edfi_tokens_too_many": N_(
        "{host} gives no access token for the key {key} just now: it allows only some at a time, "
        "each for up to an hour. Try again later; if other programs use the same key, ask the host "
        "of the service for one of its own."
    ),
    "edfi_forbidden": N_(
        "The key may not read {resource}. Ask the host of the service to allow it, or switch off "
        "what needs it."
    ),
    "edfi_no_resource": N_(
        "The service has no {resource} where they should be. Ask its host where they are; they are "
        "not at {path}."
    ),
    "edfi_refused": N_(
        "The service answered “{words}” (status {status}) to {path}, which cannot be used. If this "
        "lasts, tell its host the correlation ID {correlation}."
    ),
    # -- Ed-Fi, reading (connectors/edfi/paging.py) --
    "edfi_no_list": N_(
        "An answer of the service is no list, so it was not used. Tell the host of the service: it "
        "was the answer to {path}."
    ),
    "edfi_without_key": N_(
        "Part of what identifies this document is missing, so nobody can tell which record it is. "
        "Tell the host of the service."
    ),
    "edfi_key_unusable": N_(
        "What identifies this document has characters in it that no key may have, so it cannot be "
        "told which record it is. Tell the host of the service."
    ),
    "edfi_key_not_addressable": N_(
        "One of the {resource} has a key that cannot be asked for by itself. It is read with all "
        "the others instead."
    ),
    "edfi_filter_ignored": N_(
        "Asked for some {resource} alone, the service sent others. Tell its host; until then they "
        "are read with all the others."
    ),
    "edfi_window_unstable": N_(
        "The changes of {resource} kept shifting while they were read, four times in a row, so "
        "they are read once more with the next sync. If this lasts, choose a quieter hour."
    ),
    "edfi_window_short": N_(
        "The service said that {stated} of the {resource} had changed and sent {received}, so they "
        "are read once more with the next sync. If this lasts, tell the host of the service."
    ),
    "edfi_left_out": N_(
        "The key may not read the {resource}, so nothing was changed that they would tell. Ask the "
        "host of the service to allow it, or leave it as it is."
    ),
    "edfi_kept_unseen": NN_(
        "{count} of the {resource} did not come any more, and the key may not read it: it may be "
        "there still, so it stands here as it was.",
        "{count} of the {resource} did not come any more, and the key may not read them: they may "
        "be there still, so they stand here as they were.",
    ),
    "edfi_kept_unasked": NN_(
        "{count} of the {resource} did not come. Whether it is gone is asked with the next sync of "
        "everything; until then it stands here as it was.",
        "{count} of the {resource} did not come. That is too many to believe it at once: whether "
        "they are gone is asked with the next syncs of everything; until then they stand here as "
        "they were.",
    ),
    "edfi_snapshot_gone": N_(
        "The snapshot was taken away while {resource} were read from it, so they were read again "
        "from the service itself."
    ),
    "edfi_size_given_up": N_(
        "The service would not send so many {resource} at once, so {count} were asked for at a "
        "time."
    ),
    "edfi_cursors_given_up": N_(
        "The service does not read {resource} by cursor as it should, so they were read by offset."
    ),
    "edfi_versions_went_back": N_(
        "The service now counts changes up to {newest}, and had counted them up to {last} before, "
        "as if it had been restored from a copy. So everything was read instead of changes only."
    ),
    "edfi_history_too_short": N_(
        "The service no longer knows what has changed since the last sync (it was at {last}, and "
        "the service knows of changes from {oldest}). So everything was read."
    ),
    # -- Ed-Fi, writing (connectors/edfi/writing) --
    "edfi_only_read": N_(
        "This is only read from this SIS. The change is kept here as a local correction; make it "
        "in the SIS as well."
    ),
    "edfi_reading_alone": N_(
        "This connector reads this and does not write it. The change is kept here as a local "
        "correction; make it in the SIS as well, or let the connector write it (Settings)."
    ),
    "edfi_not_permitted": N_(
        "The key may not do this at the SIS, so the change is kept here. Ask the host of the "
        "service for a claim set that allows it."
    ),
    "edfi_staff_read_only": N_(
        "Staff are only read from this SIS. The change is kept here as a local correction; make it "
        "in the SIS as well."
    ),
    "edfi_person_not_made": N_(
        "Only students are made in this SIS, and guardians where they are switched on. Make this "
        "person there; the next sync recognizes them."
    ),
    "edfi_no_unique_id": N_(
        "This SIS knows people by their local ID, and this one has none. Enter it here, and the "
        "person is sent."
    ),
    "edfi_birth_date_off": N_(
        "Ed-Fi has no student without a birth date, and this connector sends none. Let it write "
        "demographics (Settings), or make the student in the SIS."
    ),
    "edfi_no_student_there": N_("The student is not at the SIS yet. It is sent once they are."),
    "edfi_contact_without_student": N_(
        "The SIS shows a guardian to nobody as long as no student of theirs is there. It is sent "
        "once one is."
    ),
    "edfi_refers_elsewhere": N_(
        "It belongs to a person or a class that this SIS does not have as Ed-Fi needs them, so it "
        "cannot be written there. Make it in the SIS."
    ),
    "edfi_told_by_others": N_(
        "The SIS has no document for this alone: others tell it. Make the change in the SIS."
    ),
    "edfi_gradebook_too_old": N_(
        "The gradebook of this SIS is of the Data Standard 3, and is only read. Make the change in "
        "the SIS."
    ),
    "edfi_no_place_in_class": N_(
        "The student has no place in this class at the SIS yet. It is sent once there is one."
    ),
    "edfi_part_unread": N_(
        "The key may not read what would have to be changed ({field}), so nothing was sent. Ask "
        "the host of the service for a claim set that allows it."
    ),
    "edfi_push_blank": N_(
        "Ed-Fi has no such record without these: {fields}. Fill them in here, and it is sent."
    ),
    "edfi_push_odd": N_(
        "Ed-Fi has no words for what is in these: {fields}. Change them here, and it is sent."
    ),
    "edfi_descriptor_missing": N_(
        "The SIS has no descriptor that says what is in these: {fields} ({descriptor}). Say under "
        "“Descriptors” (Settings) which of its own means it, or have its host add one."
    ),
    "edfi_taken_unseen": N_(
        "The SIS took it, but does not show it to this key. Ask the host of the service what the "
        "key may see."
    ),
    "edfi_depended_on": N_(
        "Something else at the SIS depends on this, so it was not deleted there. Give it a last "
        "day instead, or delete that first. The SIS says: {words}"
    ),
    "edfi_waits_for_association": N_(
        "The SIS does not let the key touch this person as long as no school of the key has them. "
        "It is sent again with every sync. The SIS says: {words}"
    ),
    "edfi_waits_for_reach": N_(
        "The key sees {organizations}, and not the whole district of school {school}. Somebody "
        "with this ID may be there without the key seeing them, and would be written over, so "
        "nothing was sent. Enter the person in the SIS, or ask the host of the service for a key "
        "for the whole district. It is tried again with every sync."
    ),
    "edfi_waits_for_person": N_(
        "The key does not see this person at the SIS, nor what is there of them already, which "
        "would be written over. It is tried again with every sync."
    ),
    "edfi_waits_for_reference": N_(
        "Something that it refers to is not at the SIS. It is sent again with every sync. The SIS "
        "says: {words}"
    ),
    "edfi_no_snapshot": N_(
        "The service has no snapshot just now, so what was read is what stands there at the moment."
    ),
    "edfi_found": N_("The service is an ODS/API {version} with the Data Standard {standard}."),
    "edfi_found_bare": N_(
        "An Ed-Fi service was found. It does not say what it speaks, so it is taken to be the Data "
        "Standard {standard}."
    ),
    "edfi_named_otherwise": N_("The service says that it is at {host}."),
    "edfi_key_accepted": N_("Signed in."),
    "edfi_reach_untold": N_("The service does not say whose data the key sees."),
    "edfi_organizations": N_("The key is for {organizations}."),
    "edfi_no_organizations": N_("The key is for no education organization."),
    "edfi_claim_set": N_("The key has the claim set {claim_set}."),
    "edfi_profiles": N_("The key has the profile {profiles}, so records may come in part only."),
    "edfi_readable": _READABLE,
    "edfi_uncounted": _NOT_COUNTED,
    "edfi_empty": N_("{entity} can be read, but there are none."),
    "edfi_not_readable": N_(
        "{entity} are switched on, but the key may not read {resources}. Ask the host of the "
        "service to allow it."
    ),
    "edfi_part_not_readable": N_(
        "Of {entity!l} something is left out, as the key may not read {resources}."
    ),
    "edfi_may_write": N_("May be written with this key: {may!t}. Only read: {only!t}."),
    "edfi_not_writable": N_(
        "{entity} are to be written, but the key may not write {resources}. Ask the host of the "
        "service to allow it, or choose “Only read”."
    ),
    "edfi_schools_alone": N_("The key is for single schools, and does not name their district."),
    "edfi_writes_untold": N_("The service does not say what may be written with this key."),
    "edfi_change_queries": N_("The service can be asked for changes only (change queries)."),
    "edfi_change_queries_off": N_("Change queries are switched off."),
    "edfi_no_change_queries": N_("The service cannot be asked for changes only."),
    "edfi_no_deletes": N_("The service does not tell which {resources} were deleted."),
    "edfi_snapshot": N_("The service has a snapshot, and it is read from."),
    "edfi_snapshot_missing": N_("The service has no snapshot to read from."),
    "edfi_cursors": N_("Lists are read by cursor."),
    "edfi_no_cursors": N_("Lists are read by offset, as the service has no cursors."),
    "edfi_unmapped": N_("Descriptors of the SIS that have no meaning here: {words}."),
    # -- OneRoster (connectors/oneroster) --
    "setting_missing": N_("The setting “{setting}” is empty. Give it a value and try again."),
    "setting_out_of_range": N_(
        "The setting “{setting}” says {value}. Choose a number from {least:,} to {most:,}."
    ),
    "word_without_meaning": N_(
        "The setting “{setting}” says “{part}”. Write what the SIS says, then = and what it means, "
        "with ; between two of them."
    ),
    "word_means_nothing_known": N_(
        "The setting “{setting}” says that something means “{value}”. Choose one of these: {known}."
    ),
    "word_means_two_things": N_(
        "The setting “{setting}” gives two meanings to “{value}”. Keep the one that is right."
    ),
    "setting_not_supported": N_(
        "The setting “{setting}” says {value}, which this connector does not do. Choose one "
        "of these: {known}."
    ),
    "token_endpoint_missing": N_(
        "No place to sign in was found at {origin}. Enter the token address that your SIS vendor "
        "gave you. If there is none, because requests are signed there, choose oauth1 under "
        "“Signing in”."
    ),
    "token_not_understood": N_(
        "The sign-in was answered with something that is no access token. Check the token "
        "address: {origin}, status {status}."
    ),
    "credentials_refused": N_(
        "The SIS does not accept the client ID and secret. Check both; a secret may have expired "
        "or been replaced. The answer was status {status}, from {origin}."
    ),
    "tokens_not_given": N_(
        "{origin} gives no tokens for a client ID and secret. If your vendor calls them consumer "
        "key and secret, choose oauth1 under “Signing in”; if you were given a token, choose "
        "bearer."
    ),
    "scope_refused": N_(
        "{origin} knows the client ID, but does not allow it to read rosters ({scope}). Ask "
        "your SIS vendor to allow this, or enter the scope they gave you."
    ),
    "signature_refused": N_(
        "The SIS does not accept requests signed with this client ID and secret by {method}. Check "
        "both, try the other signature, and see that this computer’s clock is right. If that does "
        "not help, it may want oauth2 under “Signing in”."
    ),
    "bearer_refused": N_(
        "The SIS does not accept the token it was sent. It may have expired or been replaced: ask "
        "your SIS vendor for a new one and enter it. If you were given a client ID and a secret, "
        "choose oauth2 or oauth1 under “Signing in” instead."
    ),
    "bearer_unfit": N_(
        "What was entered as the token has blanks or other characters in it that no token has. "
        "Copy it again, on one line."
    ),
    "token_refused": N_(
        "The SIS gave an access token and then refused it twice. Check that the address and the "
        "token address belong together: {path}."
    ),
    "service_not_found": N_(
        "No OneRoster service was found at {address}. Enter the full address that your SIS "
        "vendor gave you."
    ),
    "version_not_spoken": N_(
        "The setting “OneRoster version” says {version}, but the SIS answers as {other}, at "
        "{path}. Choose auto or {other}."
    ),
    "not_in_version": N_(
        "OneRoster {version}, which the SIS speaks, has no {entity!l}, so they are left out though "
        "they are switched on."
    ),
    "posting_not_in_version": N_(
        "In OneRoster {version}, which the SIS speaks, no SIS gives new records an ID of its own. "
        "They get one of ours (put)."
    ),
    "collection_forbidden": N_(
        "The SIS does not allow this client ID to read {entity!l}. Ask your SIS vendor to allow it."
    ),
    "collection_not_found": N_(
        "The SIS has no {entity!l} where they should be. Check the address, or ask your SIS vendor "
        "where they are; they are not at {path}."
    ),
    "collection_missing": N_(
        "An answer of the SIS does not hold what it should. Tell your SIS vendor: {path} came "
        "without “{key}”."
    ),
    "unexpected_status": N_(
        "The SIS answered in a way that cannot be used. If this lasts, tell your SIS vendor: "
        "{path}, status {status}."
    ),
    "answer_is_html": N_(
        "The SIS answered with a web page instead of data, perhaps a sign-in or maintenance page. "
        "Check the address; if it is right, wait for the next sync. It was the answer to {path}."
    ),
    "answer_truncated": N_(
        "An answer of the SIS stopped in the middle, so it was not used. The next sync tries "
        "again. It was the answer to {path}."
    ),
    "answer_not_json": N_(
        "An answer of the SIS could not be read, so it was not used. Check the address; if it is "
        "right, tell your SIS vendor: {path} is no JSON."
    ),
    "another_record": N_(
        "The SIS answered with another record of {entity!l} than the one asked for, so it was "
        "not used. Tell your SIS vendor."
    ),
    "key_not_addressable": N_(
        "A record of {entity!l} has a sourcedId that cannot be asked for by itself. It is read "
        "with the whole collection instead."
    ),
    "entity_not_spoken": N_(
        "This connector does not read {entity!l}. Choose one of the record types it offers."
    ),
    "roll_not_told": N_(
        "The SIS does not tell who is in one class: it answered with other classes as well. Run a "
        "sync of everything instead."
    ),
    "rostering_is_read_only": N_(
        "OneRoster does not let anyone write rosters. The change is kept here as a local "
        "correction; make it in the SIS as well."
    ),
    "gradebook_is_read_only": N_(
        "This connector only reads the gradebook. The change is kept here as a local correction; "
        "to have it sent, set Gradebook to write in the connector’s settings."
    ),
    "assessments_are_read_only": N_(
        "This connector only reads assessments. The change is kept here as a local correction; "
        "to have it sent, set Assessments to write in the connector’s settings."
    ),
    "push_fields_blank": N_(
        "OneRoster has no such record without these: {fields}. Fill them in here, and it is sent."
    ),
    "push_fields_odd": N_(
        "OneRoster has no words for what is in these: {fields}. Change them here, and it is sent."
    ),
    "gradebook_writable": N_("The SIS allows this client ID to write the gradebook."),
    "gradebook_not_writable": N_(
        "The SIS does not allow this client ID to write the gradebook, so changes of it are kept "
        "here. Ask your SIS vendor to allow it."
    ),
    "gradebook_not_permitted": N_(
        "{entity} are not read, as this client ID may not see them. If you need them, ask your "
        "SIS vendor for {scope}."
    ),
    "gradebook_place_missing": N_(
        "The record does not say what it belongs to, so the SIS cannot take it. Give a line item "
        "its class and a result its line item."
    ),
    "write_without_effect": N_(
        "The SIS said that it took the change, but its record is as it was before. Make the change "
        "in the SIS, or tell your SIS vendor."
    ),
    "token_granted": N_("Signed in."),
    "version_found": N_("The SIS speaks OneRoster {version}."),
    "collection_readable": _READABLE,
    "collection_readable_dated": _READABLE,
    "collection_readable_sampled": _READABLE,
    "collection_not_counted": _NOT_COUNTED,
    "collection_not_counted_dated": _NOT_COUNTED,
    "collection_not_counted_sampled": _NOT_COUNTED,
    "collection_empty": N_("{entity} can be read, but there are none."),
    "demographics_not_permitted": N_(
        "Demographics are not read, as this client ID may not see them. If you need them, ask "
        "your SIS vendor for {scope}."
    ),
    "resources_not_permitted": N_(
        "Resources are not read, as this client ID may not see them. If you need them, ask your "
        "SIS vendor for {scope}."
    ),
    "sort_heeded": N_("The SIS sorts its answers."),
    "sort_not_heeded": N_("The SIS does not sort its answers."),
    "page_as_asked": N_("The SIS sends as many rows at once as it is asked for: {asked:,}."),
    "page_clamped": N_("The SIS sends at most {count} rows at once, asked for {asked:,}."),
    "page_refused": N_("The SIS refuses to send {asked:,} rows at once, and sends {count}."),
    "links_given": N_("The SIS says with each answer where the next one is."),
    "links_missing": N_("The SIS says neither how many rows there are nor where to go on."),
    "filter_heeded": N_("The SIS can be asked for changes only."),
    "filter_not_heeded": N_("The SIS cannot be asked for changes only."),
    "filter_excludes": N_(
        "Asked for changes since a moment, the SIS leaves out those of that very moment."
    ),
    "several_rows_of_one": N_(
        "{count} of the {sample} people looked at have several rows with one “{field}”."
    ),
    "by_key_works": N_("Records can be looked up one by one."),
    "by_key_fails": N_("{entity} cannot be looked up one by one."),
    "by_key_unsure": N_(
        "Asked for a record that nobody has, the SIS does not say that there is none."
    ),
    "clock_agrees": N_("The clock of the SIS agrees with that of this computer."),
    "clock_ahead": N_("The clock of the SIS is {minutes} minutes ahead of this computer’s."),
    "clock_behind": N_("The clock of the SIS is {minutes} minutes behind this computer’s."),
    "gradebook_writes_untold": N_("The SIS does not say whether the gradebook may be written."),
    "gradebook_changes_not_permitted": N_(
        "The SIS allows this client ID to make new gradebook records, and to change none."
    ),
    "gradebook_creates_not_permitted": N_(
        "The SIS allows this client ID to make no new line items and results."
    ),
    "gradebook_deletes_not_permitted": N_(
        "The SIS allows this client ID to delete nothing of the gradebook."
    ),
    "assessments_writable": N_("The SIS allows this client ID to write assessments."),
    "assessments_not_writable": N_(
        "The SIS does not allow this client ID to write assessments, so changes of them are kept "
        "here. Ask your SIS vendor to allow it."
    ),
    "assessments_writes_untold": N_("The SIS does not say whether assessments may be written."),
    "assessments_deletes_not_permitted": N_(
        "The SIS allows this client ID to delete no assessments."
    ),
    "service_moved": N_(
        "The service was no longer where it had been found, and was found at {path} instead."
    ),
    "filter_given_up": N_(
        "Asked for changes of {entity!l} alone, the SIS did not answer as it should, so everything "
        "was read. Until “Test connection” finds otherwise, everything is read every time."
    ),
    "sort_given_up": N_(
        "The SIS would not sort {entity!l}, so they were read as they came. Whether they all came "
        "is checked by other means."
    ),
    "size_given_up": N_(
        "The SIS would not send so many {entity!l} at once, so {count} were asked for at a time."
    ),
    "not_permitted": N_(
        "The SIS does not allow this client ID to read {entity!l}, so nothing of it was read "
        "and nothing is removed."
    ),
    "not_offered": N_(
        "The SIS does not offer {entity!l}, so nothing of it was read and nothing is removed."
    ),
    "total_changed": N_(
        "The SIS said there are {was}, and then {now}. Something changed while it "
        "was read, so nothing is removed for being missing."
    ),
    "total_not_met": N_(
        "The SIS said there are {stated} and sent {received}, so nothing is removed "
        "for being missing."
    ),
    "order_unproven": N_(
        "The SIS neither sorts nor counts, so it is not certain that everything "
        "came, and nothing is removed for being missing."
    ),
    "paging_unstable": N_(
        "The list kept shifting while it was read, four times in a row, so nothing "
        "is removed for being missing. Choose a quieter hour for full syncs."
    ),
    "overlap_unchecked": N_(
        "One page could not be checked against the page before it, so nothing is "
        "removed for being missing."
    ),
    "offset_ignored": N_(
        "The SIS sent the same page again instead of the next one, so it is not "
        "certain that everything came. Nothing is removed for being missing. Tell your SIS "
        "vendor."
    ),
    "resumed_unordered": N_(
        "Reading went on where it had stopped, but the SIS does not sort, so "
        "nothing is removed for being missing."
    ),
    "odd_text": N_("This was not text, so the field was left as it is."),
    "odd_phone": N_("This is no telephone number, so the field was left as it is."),
    "odd_boolean": N_("This is neither true nor false, so the field was left as it is."),
    "odd_date": N_(
        "This is no date of the calendar as OneRoster writes it, such as 2026-08-25, so the field "
        "was left as it is."
    ),
    "odd_reference": N_("This does not name another record, so the field was left as it is."),
    "odd_descriptor": N_(
        "The descriptor “{word}” has no meaning here, so the field was left as it is. Say what it "
        "means in the settings of the connector."
    ),
    "odd_length": N_("This is longer than any value of a roster, so the field was left as it is."),
    "odd_list": N_("A list was expected here, so the field was left as it is."),
    "odd_element": N_(
        "A part of this list could not be understood, so the field was left as it is."
    ),
    "odd_status": N_(
        "The record’s status is a word that the standard does not have. It is taken as active."
    ),
    "row_not_object": N_("This row is not a record. Tell your SIS vendor."),
    "row_without_key": N_(
        "This row has no sourcedId, so nobody can tell which record it is. Tell your SIS vendor."
    ),
    "row_key_unusable": N_(
        "This row’s sourcedId has characters in it that no key may have, so it cannot be told "
        "which record it is. Tell your SIS vendor."
    ),
    "row_encoding": N_(
        "This row has characters in it that are not UTF-8. It is left as it is here. Tell "
        "your SIS vendor."
    ),
    "row_not_json": N_("This row could not be decoded. Tell your SIS vendor."),
    # -- OneRoster CSV (connectors/files.py, connectors/oneroster/csv) --
    "path_missing": N_(
        "The folder or ZIP with the files is not there. If it is on another computer, see that "
        "this one can reach it: {path}."
    ),
    "path_not_absolute": N_("{path} is no whole path. Give it from the root of the disk on."),
    "path_no_file": N_("What is at {path} is neither a file nor a folder. Choose another one."),
    "file_twice": N_(
        "“{file}” stands there twice, so nobody can tell which of the two counts. Nothing was "
        "read. Have your SIS write its files again, or take one of the two away."
    ),
    "path_no_folder": N_(
        "{path} is neither a folder nor a ZIP. Choose the folder that the files are in."
    ),
    "path_without_files": N_(
        "There are no OneRoster files at {path}: no users.csv, no orgs.csv. Choose the folder or "
        "the ZIP that your SIS writes, or the folder that these are put in."
    ),
    "path_not_permitted": N_(
        "Whoever runs this program may not read {path}. Give the permission, or choose another "
        "place."
    ),
    "path_not_readable": N_(
        "{path} cannot be read just now. It is tried again; if that does not help, see that the "
        "disk or the share is there."
    ),
    "archive_broken": N_(
        "{path} is no whole ZIP: perhaps it is still being written. It is tried again; if that "
        "does not help, have your SIS export it once more."
    ),
    "archive_encrypted": N_(
        "{path} is locked with a password. Have your SIS export it without one."
    ),
    "archive_unsupported": N_(
        "{path} is packed in a way that this program does not know. Have your SIS write a plain "
        "ZIP."
    ),
    "archive_unsafe": N_(
        "{path} would unpack to far more than any roster has, so it was left alone. See where it "
        "came from."
    ),
    "folder_too_full": N_(
        "{path} has more than {limit} files in it. Choose the folder that has the rosters alone."
    ),
    "file_changed": N_(
        "{path} changed while it was read: somebody is still writing it. It is tried again."
    ),
    "file_not_told": N_(
        "The files say nothing of {entity!l}: the one that would is missing, or marked absent."
    ),
    "class_not_there": N_(
        "The class was not found there, so its list is not believed and nothing is removed."
    ),
    "roll_of_changes": N_(
        "Only changes were told, not who is in the class, so nothing is removed for being missing."
    ),
    "connector_without_files": N_("This connector reads no files, so there is nothing to examine."),
    "files_are_read_only": N_(
        "Files that the SIS has exported are read and never written. Make the change in the SIS."
    ),
    "file_without_key_column": N_(
        "{file} has no column sourcedId, so none of it was read, and nothing is removed for being "
        "missing. Its first row has to name the columns."
    ),
    "columns_missing": N_(
        "{file} lacks columns that OneRoster demands ({columns}), so nothing is removed for being "
        "missing from it."
    ),
    "keys_unreadable": NN_(
        "{file}: {count} row has no sourcedId that can be read, so nothing is removed for being "
        "missing from it. The report “Problems in the files” tells the line.",
        "{file}: {count} rows have no sourcedId that can be read, so nothing is removed for being "
        "missing from it. The report “Problems in the files” tells the lines.",
    ),
    "keys_twice": NN_(
        "{file}: {count} row has the sourcedId of another row, so nothing is removed for being "
        "missing from it. The report “Problems in the files” tells the line.",
        "{file}: {count} rows have the sourcedId of another row, so nothing is removed for being "
        "missing from it. The report “Problems in the files” tells the lines.",
    ),
    "rows_damaged": NN_(
        "{file}: {count} row is damaged, and nobody can tell whose it was, so what the file says "
        "is left as it is here. The report “Problems in the files” tells the line.",
        "{file}: {count} rows are damaged, and nobody can tell whose they were, so what the file "
        "says is left as it is here. The report “Problems in the files” tells the lines.",
    ),
    "file_not_there": N_(
        "{file} is missing from the files, or cannot be understood, so nothing is removed. Have "
        "your SIS write them again."
    ),
    "set_not_whole": N_(
        "The set {set} is newer but not whole, so the one before it was read, and nothing is "
        "removed."
    ),
    "sets_unsettled": N_(
        "{set} and {other} both have whole files, and neither their names nor their times tell "
        "which is newer. {set} was read, and nothing is removed. Put its date into the name of "
        "each export (such as 2026-08-31), or take the older one away."
    ),
    "set_older": N_(
        "{set} is older than what was read before, so it was left alone, and nothing is removed. "
        "Have your SIS export again. To go back to it on purpose, give its folder or ZIP a name "
        "with a later date; where it has no date, save the files anew."
    ),
    "set_late": N_("{set} came after {read}, but by its name it is older, so it was passed over."),
    "columns_near": N_(
        "{file}: these columns are not called exactly as in the standard, and were taken for what "
        "they are: {columns}."
    ),
    "columns_unknown": N_(
        "{file}: these columns are not in the standard, and were passed over: {columns}."
    ),
    "encoding_noticed": N_("{file} is written in {encoding}, not in UTF-8. It was read as that."),
    "semicolons_noticed": N_(
        "The columns of {file} are separated by semicolons, not by commas. It was read all the "
        "same. In Excel, save it as “CSV UTF-8 (Comma delimited)”."
    ),
    "tabs_noticed": N_(
        "The columns of {file} are separated by tabs, not by commas. It was read all the same. In "
        "Excel, save it as “CSV UTF-8 (Comma delimited)”."
    ),
    "file_absent": N_(
        "The files have no {entity!l}, so nothing of it was read and nothing is removed."
    ),
    "file_readable": _READABLE,
    "file_empty": N_("The file of {entity!l} has no rows."),
    "row_damaged": N_(
        "This row has too many or too few fields, a quotation mark that is never closed, or "
        "characters that cannot be read. It is left as it is here. Have your SIS export it once "
        "more."
    ),
    "problems_command": N_("“connectors problems {name!w}” lists the problems in the files."),
    "files_found": N_("Files of OneRoster {version}."),
    "sets_found": N_("Files of OneRoster {version}. Sets that are read: {sets}."),
    "files_newest": N_("The newest file was written at {newest}."),
    "file_missing": N_("The manifest says that this file is there, and it is not."),
    "file_called_otherwise": N_("The file’s name is not exactly that of the standard."),
    "file_said_absent": N_("The file is there, although the manifest says that it is not."),
    "file_not_in_manifest": N_("The manifest does not say whether this file is whole."),
    "manifest_heading": N_("The manifest does not begin with propertyName and value."),
    "manifest_value": N_("The manifest says something here that the standard does not have."),
    "manifest_missing": N_("There is no manifest, as in OneRoster 1.0."),
    "version_unknown": N_("The manifest names no version of OneRoster that this program knows."),
    "set_incomplete": N_("This set is newer than the one that was read, but not whole."),
    "set_rival": N_(
        "Whether this set is newer than the one named here, neither names nor times tell."
    ),
    "set_outdated": N_("This set is older than another that was read."),
    "column_missing": N_("The column is missing."),
    "column_called_otherwise": N_("The column’s name is not exactly that of the standard."),
    "column_twice": N_("Two columns have this name."),
    "column_unknown": N_("The standard has no such column."),
    "role_among_users": N_(
        "In OneRoster 1.2 roles stand in roles.csv. There is none, and this column of 1.1 has them."
    ),
    "encoding_other": N_("The file is not written in UTF-8."),
    "separated_by_semicolons": N_(
        "The columns of this file are separated by semicolons. OneRoster wants commas: in Excel, "
        "save it as “CSV UTF-8 (Comma delimited)”."
    ),
    "separated_by_tabs": N_(
        "The columns of this file are separated by tabs. OneRoster wants commas: in Excel, save it "
        "as “CSV UTF-8 (Comma delimited)”."
    ),
    "references_unexamined": N_(
        "Other files refer to this one. Where it cannot be read, nobody can tell whether what they "
        "refer to is there."
    ),
    "row_quotes": N_("A quotation mark in this row is never closed, or closed in the wrong place."),
    "row_too_long": N_("The row is longer than any row of a roster, as where line ends are lost."),
    "fields_missing": N_(
        "The row has fewer fields than the first row has columns. Often a line was cut, or a value "
        "with a line end in it stands without quotation marks."
    ),
    "fields_too_many": N_(
        "The row has more fields than the first row has columns. Often a comma inside a name "
        "stands without quotation marks."
    ),
    "value_missing": N_("The standard demands a value here."),
    "key_twice": N_("Another row before this one has the same sourcedId."),
    "filled_in_bulk": N_(
        "In a bulk file the columns status and dateLastModified have to be blank. Only the first "
        "such row is listed."
    ),
    "blank_in_delta": N_("In a file of changes this column has to be filled."),
    "day_without_time": N_(
        "The standard has a date with a time here, and the file only dates. Only the first such "
        "row is listed."
    ),
    "time_with_day": N_(
        "The standard has only a date here, and the file also a time. Only the first such row is "
        "listed."
    ),
    "word_unknown": N_(
        "This is none of the standard’s words for this column. Only the first such row is listed."
    ),
    "reference_missing": N_("No row of these files has this sourcedId."),
    "odd_instant": N_("This is no date with a time, so the field was left as it is."),
    "odd_number": N_("This is no number, so the field was left as it is."),
    "done_taken": N_("It was taken as what it means."),
    "done_read_all_the_same": N_("It was read all the same."),
    "done_kept_as_it_stands": N_("It was kept as it stands."),
    "done_grade_kept": N_(
        "It was kept as it stands. Say what it means under “Grades” in the connector’s settings."
    ),
    "done_role_kept": N_(
        "It was kept as it stands. Say what it means under “Roles” in the connector’s settings."
    ),
    "done_class_type_kept": N_(
        "It was kept as it stands. Say what it means under “Class types” in the connector’s "
        "settings."
    ),
    "done_passed_over": N_("It was passed over."),
    "done_other_taken": N_("The other one was read, and nothing is removed."),
    "done_older_taken": N_("The set before it was read, and nothing is removed."),
    "done_file_left_out": N_("The file was not read, and nothing is removed."),
    "done_nothing_ends": N_("Nothing is removed for being missing from it."),
    "done_field_unsaid": N_("The field was left as it is here."),
    "done_fields_unsaid": N_("The field of every record was left as it is here."),
    "done_file_unsaid": N_(
        "Nobody can tell whose it was, so what the whole file says was left as it is here."
    ),
    "done_first_taken": N_("The first one counts."),
    "done_first_row_counts": N_(
        "The first one counts, and nothing is removed for being missing from the file."
    ),
    "done_taken_as_bulk": N_("It was taken to be whole."),
    "done_taken_as_blank": N_("It was taken as blank."),
    "done_taken_as_active": N_("The record was taken as active."),
    "done_row_unreadable": N_("The row was not taken; its record stays as it is here."),
    "done_kept": N_("The reference was kept; it leads somewhere as soon as there is such a row."),
    "files_keep_changing": N_(
        "The files keep changing after every sync, so from now on new ones begin a sync every "
        "{minutes} minutes at most. See what writes there: it may be an export of this program."
    ),
    # -- engine --
    "connector_unknown": N_(
        "There is no connector named “{name}”. The command “connectors list” shows those there are."
    ),
    "kind_unknown": N_(
        "Nothing here speaks “{kind}”. The command “connectors kinds” shows what can be connected."
    ),
    "entity_unknown": N_("There is no record type “{entity}”. The record types are: {known}."),
    "field_unknown": N_(
        "Records of type “{entity}” have no field “{field}”. The fields are: {known}."
    ),
    "record_unknown": N_("There is no record {id} of type “{entity}”."),
    "record_ended": N_(
        "Record {id} of type “{entity}” has ended, so nothing was changed. “records restore "
        "{entity} {id}” brings it back."
    ),
    "field_required": N_(
        "“{field}” of a record of type “{entity}” cannot be blank: without it nobody could tell "
        "what it is. Give a value. Nothing was changed."
    ),
    "entity_is_role": N_(
        "“{entity}” are people in a role: “records list users --role {role}” shows them. The "
        "record type is “users”."
    ),
    "role_unknown": N_("“{role}” is no role; the roles are: {known}."),
    "role_of_people": N_("Only people have roles: give --role with “records list users”."),
    "disagreement_settled": N_(
        "What “{name}” says stands here already. The other SIS does not take it, or has not been "
        "synced since: look into “outbox list”, or ask its registrar to mend it there."
    ),
    "disagreement_gone": N_(
        "Nothing of this is left to settle for “{name}”: the systems agree by now, the record has "
        "ended here or there, or “{name}” says nothing of that field. Look at the list of "
        "disagreements again."
    ),
    "nothing_gone": N_(
        "None of these records has ended at “{name}” while another SIS still has it. Look at the "
        "list of what has ended in one system again."
    ),
    "disagreement_needs_two": N_(
        "A disagreement is between two connectors. Name both (--connector A --connector B), or "
        "none for all of them."
    ),
    "field_needs_entity": N_(
        "Which record type has the field “{field}”? Name it first, as in “disagreements list users "
        "--field {field}”."
    ),
    "unsent_gone": N_(
        "What could not be sent to “{name}” has been settled meanwhile. Nothing was changed."
    ),
    "nothing_to_stop": N_("Nothing of these is to be sent to “{name}”. Nothing was changed."),
    "outbox_unknown": N_(
        "Of record {id} nothing waits to be sent, and nothing failed. “outbox list” shows what "
        "does. Nothing was changed."
    ),
    "nothing_connected": N_(
        "Nothing is connected yet. Add a SIS with “connectors add”, or try the practice district: "
        "“mindkindler-sync --practice” opens it, “mindkindler-sync demo” shows it in a terminal."
    ),
    "remove_forgets": N_(
        "With “{name}” this would be forgotten: {what}. To remove it all the same: connectors "
        "remove {name!w} --yes. Nothing was changed."
    ),
    "school_unknown": N_(
        "There is no school called “{name}”, neither by its id nor by its name or key. “records "
        "list orgs” shows those there are."
    ),
    "school_ambiguous": N_("Several are called “{name}”. Name one of them by its id: {ids}."),
    "run_unknown": N_("There is no sync #{id}. The command “runs list” shows those there are."),
    "preview_gone": N_(
        "What preview #{id} found is kept until the next sync, for a day at most, and cannot be "
        "carried out any more. Preview again."
    ),
    "run_began_approval": N_("What waited in sync #{run} was approved, and is carried out."),
    "waiting_commands": N_(
        "“runs waiting {run}{which}” names them all; “runs approve {run}{which}” carries them out, "
        "“runs refuse {run}{which}” keeps what is here."
    ),
    "preview_carried_out": N_(
        "Preview #{id} was carried out already, by sync #{run}. Preview again to see what a sync "
        "would do now."
    ),
    "preview_unshown": NN_(
        "{count} change or removal was not in the preview, so it waits for your approval.",
        "{count} changes or removals were not in the preview, so they wait for your approval.",
    ),
    "preview_carry_out": N_("To carry it out: runs approve {run}, or sync {name!w}"),
    "preview_carry_out_approving": N_(
        "To carry all of it out: runs approve {run}. After “sync {name!w}” what needs your "
        "approval waits for it."
    ),
    "approval_released": NN_(
        "{count} that limits held back is sent with the next sync.",
        "{count} that limits held back are sent with the next sync.",
    ),
    "left_out_moved": NN_(
        "{count} would do something else by now than what was approved, so nothing was done. It "
        "waits on; look at it again.",
        "{count} would do something else by now than what was approved, so nothing was done. They "
        "wait on; look at them again.",
    ),
    "left_out_conflict": NN_(
        "{count} was changed here meanwhile. Nothing was done; it is one of the open differences.",
        "{count} were changed here meanwhile. Nothing was done; they are open differences now.",
    ),
    "left_out_protected": NN_(
        "{count} is protected, so it stays. No sync removes it.",
        "{count} are protected, so they stay. No sync removes them.",
    ),
    "left_out_still_there": NN_(
        "{count} is at the SIS after all, so it stays. What the SIS left out of its answer will be "
        "proved anew.",
        "{count} are at the SIS after all, so they stay. What the SIS left out of its answer will "
        "be proved anew.",
    ),
    "left_out_not_confirmed": NN_(
        "The SIS did not confirm that {count} is gone, so it stays and waits on. Try again later.",
        "The SIS did not confirm that {count} are gone, so they stay and wait on. Try again later.",
    ),
    "left_out_outside": NN_(
        "{count} is not among what you chose to keep in step, so it stays. The next sync takes it "
        "off the list.",
        "{count} are not among what you chose to keep in step, so they stay. The next sync takes "
        "them off the list.",
    ),
    "left_out_identity": NN_(
        "{count} may be the same person as another record. Decide that first, among the "
        "differences.",
        "{count} may be the same people as other records. Decide that first, among the "
        "differences.",
    ),
    "value_unfit": N_(
        "The value given for “{field}” does not fit: it has to be {form}. Nothing was changed."
    ),
    "setting_unknown": N_("There is no setting “{name}”. The settings are: {known}."),
    "setting_unfit": N_(
        "The setting “{setting}” is of another form than it can have. Nothing was saved."
    ),
    "rows_apart_full": N_(
        "So many rows of “{name}” are kept apart that no more can be. Mend them in the SIS, or "
        "join rows by another field. Nothing was changed."
    ),
    "setting_not_one_line": N_(
        "The setting “{setting}” is not one line of text with at most {longest:,} characters. "
        "Enter it again. Nothing was saved."
    ),
    "connector_name_unfit": N_(
        "This cannot be a connector's name. Choose one of at most {longest} letters, digits and "
        "other characters that can be seen; spaces may stand between them. Nothing was saved."
    ),
    "connector_kind_fixed": N_(
        "“{name}” exists already and speaks another language. Remove it first, or choose another "
        "name. Nothing was saved."
    ),
    "connector_name_clashes": N_(
        "“{name}” is too much like “{other}”: their secrets would share one environment variable. "
        "Choose another name. Nothing was saved."
    ),
    "undo_held": N_(
        "This goes over a safety limit:\n{told}\nNothing was undone. To undo it all the same: runs "
        "undo {of} --approve"
    ),
    "undo_left_newer": N_("Somebody changed it since, and that stands."),
    "undo_left_unfit": N_(
        "What was there before does not fit what was changed since. Edit the record by hand."
    ),
    "undo_left_elsewhere": N_("Another connector has this record too, so it stays."),
    "undo_left_moved": N_("The SIS says something else by now, and that stands."),
    "undo_left_under_way": N_(
        "Another undo has not been sent to the SIS in full yet. Sync, then undo this once more."
    ),
    "undo_left_referred": NN_(
        "{count} other record refers to it, so it stays, here and at the SIS.",
        "{count} other records refer to it, so it stays, here and at the SIS.",
    ),
    "undo_left_stays_there": N_(
        "What was done at the SIS cannot be taken back from here. Do it in the SIS."
    ),
    "undo_left_gone_there": N_("It is gone at the SIS, and is not made there again."),
    "undo_left_identity": N_(
        "Whether two records are the same person cannot be asked again by undoing. Say "
        "otherwise by editing the records."
    ),
    "undo_of_settings": N_(
        "#{of} said that syncs may end a record, and changed none. Protect it anew instead."
    ),
    "connector_busy": N_(
        "“{name}” is being synced already. Wait until that sync is over, or stop it where it runs: "
        "with Cancel in the window, with Ctrl-C in a terminal."
    ),
    "schedule_unfit": N_(
        "“{schedule}” is no schedule. Write times of day, such as 06:30 or 06:30 12:00, or an "
        "interval from 5 minutes to 24 hours, such as every 30 minutes. Nothing was saved."
    ),
    "secret_missing": N_(
        "The secret “{key}” of “{name}” is not known on this computer. Enter it: in the window "
        "with Edit…, or with “connectors edit {name!w} --secret {key}”. Where there is no "
        "keyring to keep it, set {variable} in the environment."
    ),
    "secret_still_missing": N_(
        "Its secret “{key}” is not known yet, so it cannot be synced. Give it with “connectors "
        "edit {name!w} --secret {key}”, which asks, or set {variable} in the environment."
    ),
    "keyring_absent": N_(
        "No keyring that keeps secrets safely is running on this computer, so nothing was stored. "
        "Start one and try again, or give the secret in the environment."
    ),
    "keyring_unsafe": N_(
        "The keyring set up on this computer ({backend}) does not protect what it keeps, so "
        "nothing was stored. Set up one that does and try again, or give the secret in the "
        "environment."
    ),
    "keyring_locked": N_(
        "The keyring of this computer is locked, so it neither took nor gave the secret. Unlock "
        "it and try again, or give the secret in the environment."
    ),
    "keyring_silent": N_(
        "The keyring of this computer did not answer within {seconds} seconds. It may be waiting "
        "for you to unlock it, in a window of its own. Do that and try again."
    ),
    "keyring_error": N_(
        "The keyring of this computer reported an error. Try again; if this lasts, sign out of "
        "this computer and in again."
    ),
    "keyring_forgets": N_(
        "The keyring of this computer took the secret but did not give it back, so it cannot be "
        "relied on. Try again, or give the secret in the environment."
    ),
    "cancelled": N_(
        "Stopped as you asked. What was read so far stays; the next sync goes on here."
    ),
    "run_overtaken": N_("Another process took over this connector; this sync ended."),
    "run_began_class": N_("One class is read, record {record}, and who is in it."),
    "not_at_the_sis": N_(
        "The SIS has nothing under the key {key}. It is not removed for that alone: the next whole "
        "sync finds out whether it is gone."
    ),
    "not_read_by_key": N_(
        "This connector cannot read single records of {entity!l}: what its SIS says shows itself "
        "at the next sync."
    ),
    "class_not_readable": N_(
        "“{name}” cannot read one class alone. Run a sync of everything instead."
    ),
    "class_without_link": N_(
        "“{name}” does not know class {id}, so there is nothing to read of it. Choose a connector "
        "that the class came from."
    ),
    "rows_left": NN_(
        "{count} record was never read; the next sync brings it.",
        "{count} records were never read; the next sync brings them.",
    ),
    "run_began_full": N_("The whole roster is read."),
    "run_began_incremental": N_("Only what changed since the last sync is read."),
    "stream_read": N_(
        "Read {read:,}: {created:,} new, {updated:,} changed, {unchanged:,} unchanged, {deleted:,} "
        "removed, {waiting:,} waiting, {unreadable:,} unreadable."
    ),
    "stream_proved": N_("Complete answer: what is missing from it is proved to be missing."),
    "run_resumes": N_("Goes on where sync #{run} stopped."),
    "leftovers_settled": NN_(
        "{count} change that sync #{run} had read was carried out first.",
        "{count} changes that sync #{run} had read were carried out first.",
    ),
    "resumed_late": N_(
        "This sync goes on more than an hour after it stopped, so it proves nothing."
    ),
    "total_not_reached": N_(
        "The SIS said there were {total} records, but {distinct} different ones came. Nothing is "
        "removed on such an answer."
    ),
    "rows_without_key": NN_(
        "{count} row had no readable key, so nothing is removed.",
        "{count} rows had no readable key, so nothing is removed.",
    ),
    "scope_changed": N_("What is asked of the SIS has changed since the last sync."),
    "scope_changed_midway": N_(
        "What is asked of the SIS changed in the middle of this sync, so it proves nothing."
    ),
    "rows_outside": NN_(
        "{count} row was out of this connector's scope and was passed over.",
        "{count} rows were out of this connector's scope and were passed over.",
    ),
    "links_left_behind": NN_(
        "{count} record came under another scope and was not among what was asked for now. It "
        "stays as it is, out of scope.",
        "{count} records came under another scope and were not among what was asked for now. They "
        "stay as they are, out of scope.",
    ),
    "scope_part_unknown": N_(
        "“{part}” is no part of a scope. Write PART=VALUE,VALUE with one of these parts: {known}; "
        "or “none” alone. Nothing was saved."
    ),
    "scope_unknown": N_(
        "The SIS has nothing called “{name}”, neither by its key nor by its id or name here. "
        "“records list {entity}” shows those there are. Nothing was saved."
    ),
    "scope_ambiguous": N_(
        "Several are called “{name}”. Name one of them by its key: {keys}. Nothing was saved."
    ),
    "scope_unseen": N_(
        "Nobody in the roster has “{value}” among their {part} so far. Check how it is written, "
        "unless somebody is to come who has."
    ),
    "scope_role_unknown": N_("“{role}” is no role; the roles are: {known}. Nothing was saved."),
    "scope_contradicts": N_(
        "“{key}” cannot be kept in step and left out at once. Clear one of the two, such as "
        "“--scope leave-out=”. Nothing was saved."
    ),
    "archive_nothing": N_(
        "Nothing that came from “{name}” is out of its scope yet. After a change of scope, sync "
        "first."
    ),
    "archive_held": N_(
        "This goes over a safety limit of “{name}”:\n{told}\nNothing was done. To do it all the "
        "same: connectors archive {name!w}{asked} --approve"
    ),
    "coverage_lost": NN_(
        "The answer has nothing from {count} school, term or role that was there before. Nothing "
        "is removed until a second answer says the same.",
        "The answer has nothing from {count} schools, terms or roles that were there before. "
        "Nothing is removed until a second answer says the same.",
    ),
    "row_still_there": N_(
        "Record {key} was missing from the list, yet the SIS still has it. The list was not whole, "
        "so nothing is removed."
    ),
    "row_not_read_alone": N_(
        "Record {key} could not be read by itself just now. It stays as it is."
    ),
    "row_not_confirmed": N_(
        "Record {key} was missing from the list and could not be read by itself. Nothing is "
        "removed."
    ),
    "join_suggested": N_(
        "Record {record} is new, but something that identifies it is also that of record {other}, "
        "which is still there: they may be one person, entered twice."
    ),
    "records_matched": NN_(
        "{count} record is one that another SIS tells of, too: they are one from now on.",
        "{count} records are ones that another SIS tells of, too: each is one from now on.",
    ),
    "twins_asked": NN_(
        "{count} record may be the same as one that another SIS tells of. Both stand until you say "
        "whether they are: “identity list” shows the two.",
        "{count} records may be the same as ones that another SIS tells of. All stand until you "
        "say whether they are: “identity list” shows them two by two.",
    ),
    "identity_rule_mistrusted": N_(
        "By the rule {rule}, {count} people would be somebody else: the two systems number people "
        "each in its own way. Nobody is known by that rule here any more. Switch it off, or, where "
        "the numbers are right after all, trust it again: “identity rules set {rule} on”."
    ),
    "keys_recycled": NN_(
        "{count} row tells of somebody else than before, whom another SIS still has. It is a "
        "record of its own now. If it was the same person, “identity match” offers them as a pair.",
        "{count} rows tell of somebody else than before, whom another SIS still has. Each is a "
        "record of its own now. If they were the same people, “identity match” offers them as "
        "pairs.",
    ),
    "namesake_found": N_(
        "Record {record} is new, and record {other} has the same name and birth date: they may be "
        "one person."
    ),
    "identifier_shared": NN_(
        "{count} new person was added although something that identifies them is shared: more "
        "than one record has it, so it tells nobody apart.",
        "{count} new people were added although something that identifies them is shared: more "
        "than one record has it, so it tells nobody apart.",
    ),
    "same_person_asked": NN_(
        "{count} new person may be one that we have, with a new ID. They wait for your answer, "
        "and nobody is removed for it until then.",
        "{count} new people may be people that we have, with a new ID. They wait for your answer, "
        "and nobody is removed for it until then.",
    ),
    "field_not_spoken": N_(
        "No record had a value for “{field}” any more, so the field was left as it was."
    ),
    "value_not_understood": NN_(
        "“{field}” of {count:,} record: {what}", "“{field}” of {count:,} records: {what}"
    ),
    "grades_unknown": N_(
        "Grades that OneRoster does not have were kept as they stand: {words}. If they mean one "
        "that it has, say so under “Grades” in the connector's settings."
    ),
    "roles_unknown": N_(
        "Roles that OneRoster does not have were kept as they stand: {words}. If they mean one "
        "that it has, say so under “Roles” in the connector's settings."
    ),
    "class_types_unknown": N_(
        "Class types that OneRoster does not have were kept as they stand: {words}. If they mean "
        "one that it has, say so under “Class types” in the connector's settings."
    ),
    "rows_are_people": N_("{rows:,} rows are {people:,} people."),
    "rows_are_records": N_("{rows:,} rows are {records:,} records."),
    "rows_disagree": NN_(
        "“{field}” is not the same in all rows of {count} person. The main row's was taken; mend "
        "the others in the SIS.",
        "“{field}” is not the same in all rows of {count} people. The main row's was taken; mend "
        "the others in the SIS.",
    ),
    "rows_missed": NN_(
        "{count} row of a person who is told by several did not come. What it says is kept until "
        "it does not come a second time.",
        "{count} rows of people who are told by several did not come. What they say is kept until "
        "they do not come a second time.",
    ),
    "rows_parted": NN_(
        "{count} row is joined with others no more: it stands for a person of its own.",
        "{count} rows are joined with others no more: they stand for people of their own.",
    ),
    "rows_not_joined": NN_(
        "{count} row has a value that each person should have of their own, and is not the only "
        "one, so it was not joined. Mend it in the SIS, or join rows by another field.",
        "{count} rows have the same value where each person should have one of their own, so they "
        "were not joined. Mend it in the SIS, or join rows by another field.",
    ),
    "more_warnings": NN_("{count} more kind of warning.", "{count} more kinds of warning."),
    "push_done": NN_(
        "{count} change was sent to the SIS.", "{count} changes were sent to the SIS."
    ),
    "push_moved": NN_(
        "{count} change met something else at the SIS than what was last agreed; nothing was "
        "written over it.",
        "{count} changes met something else at the SIS than what was last agreed; nothing was "
        "written over it.",
    ),
    "revert_moved": NN_(
        "What undo #{undo} was to take back of {count} record was not taken back at “{name}”: it "
        "was changed there since.",
        "What undo #{undo} was to take back of {count} records was not taken back at “{name}”: it "
        "was changed there since.",
    ),
    "revert_referred": NN_(
        "Undo #{undo} was to delete {count} record at “{name}”. It was not deleted there: other "
        "records refer to it by now.",
        "Undo #{undo} was to delete {count} records at “{name}”. They were not deleted there: "
        "other records refer to them by now.",
    ),
    "push_refused": NN_(
        "The SIS refused {count} change. The command “outbox list” shows its words; a change is "
        "sent again when it is edited here, or with “outbox retry”.",
        "The SIS refused {count} changes. The command “outbox list” shows its words; a change is "
        "sent again when it is edited here, or with “outbox retry”.",
    ),
    "push_unknown": NN_(
        "Of {count} change it is not known whether it arrived. The next sync looks before "
        "anything is sent again.",
        "Of {count} changes it is not known whether they arrived. The next sync looks before "
        "anything is sent again.",
    ),
    "push_waiting_on": NN_(
        "{count} change waits until what it refers to has arrived at the SIS.",
        "{count} changes wait until what they refer to has arrived at the SIS.",
    ),
    "push_waits_for_beginning": N_(
        "Nothing of this type is sent yet: ours and the SIS differ since the beginning. Decide "
        "those differences first."
    ),
    "push_waits_for_identity": N_(
        "It is not made there before you have said whether it is the same as another record: see "
        "{where}"
    ),
    "push_waits_for_look": N_(
        "It has just been found to be one with a record of another SIS, by what families share. "
        "Nothing of it is sent before that sync has ended; if it is wrong, part the two first."
    ),
    "push_slowed": N_(
        "The SIS asked to slow down. What is left is sent with a later sync; nothing is lost."
    ),
    "push_stopped": N_(
        "Sending failed several times in a row. What is left is sent with a later sync."
    ),
    "push_not_confirmed": N_(
        "It could not be looked up whether a change that was sent had arrived; the next sync looks "
        "again."
    ),
    "push_waits_for": N_("It is sent once {what} is there."),
    "push_waits_in_vain": N_(
        "It refers to {what}, which has ended or is never sent to this SIS. Edit it so that it "
        "refers to another one."
    ),
    "push_waits_in_vain_said": N_(
        "It refers to {what}, as “{name}” says, and that has ended or is never sent to this SIS. "
        "So it cannot be sent there as it stands; keep it here, and it is not tried again."
    ),
    "push_not_taken": N_("This SIS takes no new people with this role, so it stays here alone."),
    "push_lacks": N_(
        "This SIS does not take it without these: {fields}. Fill them in here, and it is sent."
    ),
    "push_try_again": N_("It could not be sent just now. It is tried again by itself."),
    "push_gone_there": N_(
        "The record is not found at the SIS: it has ended there, or it is out of our sight. The "
        "next whole read tells whether it has ended."
    ),
    "push_ended_there": N_("The SIS says that this record has ended there."),
    "push_not_found": N_(
        "The answer to its creation was lost, and nothing like it was found at the SIS. Look "
        "there; “outbox retry” sends it again."
    ),
    "push_not_known": N_(
        "It is not known whether it arrived, because the SIS does not show it clearly. Look there; "
        "the next sync looks again, too."
    ),
    "push_came_as_another": N_(
        "It arrived at the SIS under a key that another record here has already. End the one of "
        "the two that is not needed."
    ),
    "reference_unknown": N_(
        "“{field}” refers to a record of type “{entity}” that does not exist. Nothing was changed."
    ),
    "reference_ended": N_(
        "“{field}” refers to record {id} of type “{entity}”, and that has ended. Nothing was "
        "changed."
    ),
    "edit_moved": N_(
        "Meanwhile this was changed elsewhere: {fields}. Nothing was saved. Close this, look at "
        "what stands now, and edit it again."
    ),
    "edit_changes_nothing": N_("Record {id} of type “{entity}” has these values already."),
    "record_blank": N_("A record of type “{entity}” needs at least one value. Nothing was made."),
    "record_not_ended": N_("Record {id} of type “{entity}” has not ended, so it cannot come back."),
    "values_unfit_together": N_(
        "What was given does not fit together ({fields}), such as an end before its beginning, "
        "or two primary roles in one organization. Nothing was changed."
    ),
    "protected_already": N_("Record {id} of type “{entity}” is protected already."),
    "not_protected": N_("Record {id} of type “{entity}” is not protected."),
    "conflict_unknown": N_(
        "There is no open difference {id}; it may be decided already. The command “conflicts list” "
        "shows those there are."
    ),
    "conflict_gone": N_("It is not open any more: it was decided, or both sides agree by now."),
    "conflict_moved": N_(
        "It has changed since you looked at it, so nothing was decided. Look at it again."
    ),
    "decision_does_not_fit": N_("“{take}” is no answer to this: choose one of {known}."),
    "decision_without_base": N_(
        "Nothing was ever agreed about this. Choose one of the two sides, or a value of your own."
    ),
    "decision_unfit": N_(
        "The values would not fit together, such as an end before its beginning. Choose the other "
        "side, or values of your own."
    ),
    "decision_beside_the_point": N_(
        "The value given is for something else than what differs here. Give one for the field that "
        "differs, or for the part of the list that does."
    ),
    "decision_protected": N_(
        "The record is protected, so it does not end. Lift the protection first, or keep ours."
    ),
    "decision_while_read": N_("A sync is just reading these records. Decide when it is over."),
    "always_needs_a_side": N_(
        "From now on either the SIS or we can be right. Take “sis” or “ours”; nothing was decided."
    ),
    "rule_sis": N_(
        "Where both sides changed it, what “{name}” says is taken. What stood here stays in the "
        "history."
    ),
    "rule_ours": N_(
        "Where both sides changed it, ours stays, and is sent to “{name}” where it takes that."
    ),
    "rule_newest": N_(
        "Where both sides changed it, the newer change is taken. Where it cannot be told which one "
        "is newer, you are asked."
    ),
    "rule_ask": N_("Where both sides changed it, you are asked."),
    "rule_sis_alive": N_(
        "Where “{name}” ends a record that was changed here, it ends here, too. It can be brought "
        "back."
    ),
    "rule_ours_alive": N_("Where “{name}” ends a record that was changed here, it stays here."),
    "rule_newest_alive": N_(
        "Where “{name}” ends a record that was changed here, the newer of the two holds. Where it "
        "cannot be told which one is newer, you are asked."
    ),
    "rule_ask_alive": N_("Where “{name}” ends a record that was changed here, you are asked."),
    "policy_unknown": N_(
        "Nothing like this is laid down for “{entity}” of “{name}”. The command “policy list” "
        "shows what is."
    ),
    "policy_leaves_open": NN_(
        "{count} open difference is asked as before. Decide about it with “conflicts resolve”.",
        "{count} open differences are asked as before. Decide about them with “conflicts "
        "resolve”; --like takes all that are alike.",
    ),
    "policy_will_decide": NN_(
        "{count} open difference will be decided so when a sync reads its record again, at "
        "the latest with “sync {name!w} --full”. What is thrown away stands in “records history”.",
        "{count} open differences will be decided so when a sync reads their records again, "
        "at the latest with “sync {name!w} --full”. What is thrown away stands in “records "
        "history”.",
    ),
    "key_unfit": N_(
        "The connector gave a key that no database can hold ({entity}). Please report it."
    ),
    "fields_unknown": N_("The connector speaks of fields nobody knows: {fields}."),
    "fields_changed": N_(
        "The connector changed what it speaks of ({entity}) in the middle of a sync. Sync again."
    ),
    "request_failed": N_("The request failed in an unexpected way. Try again."),
    "unexpected": N_(
        "Something went wrong in this program, not at your SIS. Your data is as it was before. "
        "Please report it with the log."
    ),
    "practice_not_started": N_("The practice district did not start. Try again."),
    "practice_refused": N_("The practice district answered with status {status}. Start it again."),
    "practice_used_up": N_(
        "Nobody is in a class any more at the practice SIS, so there is nothing left to take "
        "away. Whatever else can be practiced works as before."
    ),
    "health_syncing": N_("“{name}” is being synced."),
    "health_paused": N_("“{name}” is paused. It is not synced until you resume it."),
    "health_failing": N_(
        "The last sync of “{name}” failed; the earlier data is untouched. See sync #{run}."
    ),
    "health_waiting": NN_(
        "“{name}”: {count} removal or change waits for your approval; it was not made.",
        "“{name}”: {count} removals or changes wait for your approval; none of them was made.",
    ),
    "health_conflicts": NN_(
        "“{name}”: {count} difference needs your decision.",
        "“{name}”: {count} differences need your decision.",
    ),
    "health_unsent": NN_(
        "“{name}”: {count} change could not be sent.",
        "“{name}”: {count} changes could not be sent.",
    ),
    "health_unreadable": NN_(
        "“{name}”: {count} row could not be read; its record is kept.",
        "“{name}”: {count} rows could not be read; their records are kept.",
    ),
    "health_never": N_("“{name}” has never been synced. Run the first sync."),
    "health_cut_off": N_("The first sync of “{name}” was cut off. Run it again; it goes on there."),
    "known_day_unfit": N_(
        "Something can be known from today on and for a year at most, not until {until!d}. Choose "
        "another day."
    ),
    "known_because_missing": N_("Say why it is known: whoever looks next will ask."),
    "known_not_said": N_("Say until when it is known and why: --until, --because; or --off alone."),
    "day_unfit": N_("“{text}” is no day. Write it like “2026-12-03”."),
    "known_of_nothing": N_("Nothing is wrong with “{name}” that could be known."),
    "health_known": N_("{what} Known until {until!d}: {because}"),
    "health_refused": N_(
        "The SIS no longer accepts the credentials of “{name}”; the earlier data is untouched. "
        "Enter the secret again."
    ),
    "health_expired": N_(
        "The credentials of “{name}” expired on {until!d}. Enter new ones, and until when they "
        "hold."
    ),
    "health_outlived": N_(
        "The credentials of “{name}” were to expire on {until!d}, but the SIS still takes them. "
        "Say until when they hold."
    ),
    "health_expiring": N_(
        "The credentials of “{name}” expire on {until!d}. Ask your SIS for new ones before then."
    ),
    "health_missed": N_(
        "A scheduled sync of “{name}” was missed: neither this window nor “serve” was running. "
        "Sync it now."
    ),
    "health_still": N_(
        "“{name}” answers, but nothing in it has changed since {since!d}. Ask whether the SIS "
        "still gets its daily data."
    ),
    "health_incomplete": N_(
        "The last answer of “{name}” was not whole, so nothing was removed. Sync again."
    ),
    "health_doubtful": NN_(
        "“{name}” was not read whole. {why}",
        "“{name}” was not read whole, for {count} reasons. {why}",
    ),
    "health_late": N_("“{name}” has not been synced for {days} days. Sync it now."),
    "health_resumable": N_("The last sync of “{name}” was cut off. The next one goes on there."),
    "health_asked_again": NN_(
        "{records} here differs from “{name}” since the answer in #{of} was undone. The next sync "
        "reads it anew, and asks you where a safety limit holds it.",
        "{records} here differ from “{name}” since the answer in #{of} was undone. The next sync "
        "reads them anew, and asks you where a safety limit holds them.",
    ),
    "health_undone": NN_(
        "{records} here differs from “{name}” since #{of} was undone. The next syncs leave it so.",
        "{records} here differ from “{name}” since #{of} was undone. The next syncs leave them so.",
    ),
    "kept_otherwise": NN_(
        "{records} here differs from “{name}”, as it was decided.",
        "{records} here differ from “{name}”, as it was decided.",
    ),
    "kept_undone": NN_(
        "{records} here differs from “{name}” since #{of} was undone.",
        "{records} here differ from “{name}” since #{of} was undone.",
    ),
    "health_good": N_("All is well with “{name}”."),
    "health_no_connector": N_("Nothing is connected yet. Try the practice district first."),
    # -- why a class is empty (engine/verdict.py) --
    "class_has_ended": N_("This class has ended. It is not used any more."),
    "class_filled_there": NN_(
        "Empty here, but “{name}” lists {count} student right now. Sync this class to get them.",
        "Empty here, but “{name}” lists {count} students right now. Sync this class to get them.",
    ),
    "class_waits": NN_(
        "Empty because {count} enrollment from “{name}” waits for your approval.",
        "Empty because {count} enrollments from “{name}” wait for your approval.",
    ),
    "class_emptied_by_sync": NN_(
        "Empty because its {count} enrollment ended in sync #{set} ({when}): “{name}” no longer "
        "lists it.",
        "Empty because all {count} enrollments ended in sync #{set} ({when}): “{name}” no longer "
        "lists them.",
    ),
    "class_emptied_by_approval": NN_(
        "Empty because its {count} enrollment ended in #{set} ({when}): “{name}” no longer lists "
        "it, and {who} approved that.",
        "Empty because all {count} enrollments ended in #{set} ({when}): “{name}” no longer lists "
        "them, and {who} approved that.",
    ),
    "class_emptied_by_person": NN_(
        "Empty because {who} ended its {count} enrollment in #{set} ({when}).",
        "Empty because {who} ended all {count} enrollments in #{set} ({when}).",
    ),
    "class_last_left_by_sync": NN_(
        "Empty since {when}: the last enrollment ended in sync #{set}, because “{name}” no longer "
        "lists it. The others had ended before.",
        "Empty since {when}: the last {count} enrollments ended in sync #{set}, because “{name}” "
        "no longer lists them. The others had ended before.",
    ),
    "class_last_left_by_approval": NN_(
        "Empty since {when}: the last enrollment ended in #{set}, because “{name}” no longer lists "
        "it and {who} approved that. The others had ended before.",
        "Empty since {when}: the last {count} enrollments ended in #{set}, because “{name}” no "
        "longer lists them and {who} approved that. The others had ended before.",
    ),
    "class_last_left_by_person": NN_(
        "Empty since {when}: {who} ended the last enrollment in #{set}. The others had ended "
        "before.",
        "Empty since {when}: {who} ended the last {count} enrollments in #{set}. The others had "
        "ended before.",
    ),
    "class_left": NN_(
        "Empty because the enrollment of its only student reached its last day, {day!d}.",
        "Empty because all {count} enrollments of students have reached their last day, at the "
        "latest {day!d}.",
    ),
    "class_unreadable": NN_(
        "Empty because {count} row of its roll could not be read. Have it corrected in the SIS.",
        "Empty because {count} rows of its roll could not be read. Have them corrected in the SIS.",
    ),
    "class_outside": N_(
        "Empty because this class is out of the scope of “{name}”: its roll is not read. The scope "
        "is set with the connector."
    ),
    "class_read_in_part": N_(
        "Perhaps not all of its roll is here: “{name}” did not tell all enrollments when it was "
        "last read ({when}). Sync this class to be sure."
    ),
    "class_term_ahead": N_("Empty because its term has not begun: that is on {day!d}."),
    "class_of_our_own_empty": N_(
        "Empty because nobody has enrolled anybody: the class was made here by {who}, and no SIS "
        "knows it."
    ),
    "class_empty_there_too": N_("Empty here and in {names}: no students are enrolled in it there."),
    "class_never_read": N_(
        "Empty because the enrollments of {names} have not been read yet. Sync this class."
    ),
    "class_never_filled": N_("Empty because it has never had students in {names}."),
    "class_misses": NN_(
        "{students} students are here; “{name}” right now lists {count} more. Sync this class to "
        "bring them together.",
        "{students} students are here; “{name}” right now lists {count} more. Sync this class to "
        "bring them together.",
    ),
    "class_exceeds": NN_(
        "{students} students are here, of whom “{name}” right now does not list {count}. Sync this "
        "class to bring them together.",
        "{students} students are here, of whom “{name}” right now does not list {count}. Sync this "
        "class to bring them together.",
    ),
    "class_exceeds_kept": NN_(
        "{students} students are here, of whom “{name}” right now does not list {count}. That one "
        "stays because of #{set}, which can be undone.",
        "{students} students are here, of whom “{name}” right now does not list {count}. They stay "
        "because of #{set}, which can be undone.",
    ),
    "class_let_go_there": NN_(
        "Of {students} students who are enrolled here, {count} was no longer in this class when "
        "“{name}” was last read.",
        "Of {students} students who are enrolled here, {count} were no longer in this class when "
        "“{name}” was last read.",
    ),
    "class_kept_here": NN_(
        "Of {students} students who are enrolled here, {count} was no longer in this class when "
        "“{name}” was last read. That one stays because of #{set}, which can be undone.",
        "Of {students} students who are enrolled here, {count} were no longer in this class when "
        "“{name}” was last read. They stay because of #{set}, which can be undone.",
    ),
    "class_dropped_asked_again": NN_(
        "{count} of {students} students was dropped by “{name}”. The answer to that was undone in "
        "#{set}, and the next sync asks again.",
        "{count} of {students} students were dropped by “{name}”. The answer to that was undone in "
        "#{set}, and the next sync asks again.",
    ),
    "class_changes_asked_again": NN_(
        "{students} students are here. The answer to {count} change to its roll from “{name}” was "
        "undone in #{set}, and the next sync asks again.",
        "{students} students are here. The answer to {count} changes to its roll from “{name}” was "
        "undone in #{set}, and the next sync asks again.",
    ),
    "class_differs": NN_(
        "{students} students are here; “{name}” right now lists {count} more, and {fewer} of them "
        "not. Sync this class to bring them together.",
        "{students} students are here; “{name}” right now lists {count} more, and {fewer} of them "
        "not. Sync this class to bring them together.",
    ),
    "class_keeps_out": NN_(
        "{students} students are here. “{name}” lists {count} more, whom somebody took out here; "
        "that stays so until they are restored.",
        "{students} students are here. “{name}” lists {count} more, whom somebody took out here; "
        "that stays so until they are restored.",
    ),
    "class_changes_wait": NN_(
        "{students} students are here; {count} change to its roll from “{name}” waits for your "
        "approval.",
        "{students} students are here; {count} changes to its roll from “{name}” wait for your "
        "approval.",
    ),
    "class_told_in_part": NN_(
        "{count} student is here. “{name}” did not tell all of the roll so that it could be read "
        "just now, so nobody is taken for missing.",
        "{count} students are here. “{name}” did not tell all of the roll so that it could be read "
        "just now, so nobody is taken for missing.",
    ),
    "class_told_otherwise": NN_(
        "The students are the same here and in “{name}”. Of {count} person in this class it says "
        "something else; the line stands first.",
        "The students are the same here and in “{name}”. Of {count} people in this class it says "
        "something else; their lines stand first.",
    ),
    "class_not_told": NN_(
        "{students} students are here, of whom no SIS has told of {count} yet.",
        "{students} students are here, of whom no SIS has told of {count} yet.",
    ),
    "class_people_missing": NN_(
        "{count} of {students} students is not in the roster any more: {people}.",
        "{count} of {students} students are not in the roster any more: {people}.",
    ),
    "class_rows_unreadable": NN_(
        "{students} students are here; {count} more row of its roll could not be read. Have it "
        "corrected in the SIS.",
        "{students} students are here; {count} more rows of its roll could not be read. Have them "
        "corrected in the SIS.",
    ),
    "class_without_teacher": NN_(
        "{count} student, and nobody who teaches the class.",
        "{count} students, and nobody who teaches the class.",
    ),
    "class_term_over": NN_(
        "{count} student. The last of its terms ended on {day!d}.",
        "{count} students. The last of its terms ended on {day!d}.",
    ),
    "class_agrees_now": NN_(
        "All is well: {count} student, the same here and in {names} right now.",
        "All is well: {count} students, the same here and in {names} right now.",
    ),
    "class_in_order": NN_(
        "All is well: {count} student, as “{name}” said when it was last read ({when}).",
        "All is well: {count} students, as “{name}” said when it was last read ({when}).",
    ),
    "class_in_order_here": NN_(
        "{count} student is enrolled here. No SIS has told of it.",
        "{count} students are enrolled here. No SIS has told of them.",
    ),
    # -- what a registrar should mend (engine/quality.py): the rules, and what should be --
    "quality_teacher_missing": N_("Class without a teacher"),
    "mend_teacher_missing": N_("A teacher, or an end of the class"),
    "quality_class_missing": N_("Student or teacher without a class"),
    "mend_class_missing": N_("A place in a class, or no role at the school any more"),
    "quality_role_missing": N_("Person without a role at any school"),
    "mend_role_missing": N_("A role that has not ended, or no enabled person any more"),
    "quality_email_missing": N_("No email address"),
    "mend_email_missing": N_("An address of their own"),
    "quality_username_missing": N_("No username"),
    "mend_username_missing": N_("A username of their own"),
    "quality_email_shared": N_("Email address of several people"),
    "mend_email_shared": NN_(
        "One of their own: {other} has it, too",
        "One of their own: {other} has it, too, as have {count} in all",
    ),
    "quality_username_shared": N_("Username of several people"),
    "mend_username_shared": NN_(
        "One of their own: {other} has it, too",
        "One of their own: {other} has it, too, as have {count} in all",
    ),
    "quality_local_id_shared": N_("Local ID of several people"),
    "mend_local_id_shared": NN_(
        "One of their own, or one record: {other} has it, too",
        "One of their own, or one record: {other} has it, too, as have {count} in all",
    ),
    "quality_master_id_shared": N_("Master ID of several people"),
    "mend_master_id_shared": NN_(
        "One of their own, or one record: {other} has it, too",
        "One of their own, or one record: {other} has it, too, as have {count} in all",
    ),
    "quality_person_several": N_("Perhaps one person in several records"),
    "mend_person_several": N_(
        "One record, or one of their own: {other} has it and the same name. Rows of one person are "
        "joined by “One person, several rows” in the connector's settings"
    ),
    "quality_word_unknown": N_("Grade, role or class type that OneRoster does not have"),
    "mend_word_unknown": NN_(
        "One that it has, or its meaning in the connector's settings; {count:,} more has it",
        "One that it has, or its meaning in the connector's settings; {count:,} more have it",
    ),
    "quality_school_differs": N_("Enrollment in another school than its class"),
    "mend_school_differs": N_("{wanted}, where the class is"),
    "quality_reference_ended": N_("Refers to what has ended"),
    "mend_reference_ended": N_("One that has not ended, or none"),
    "quality_reference_unknown": N_("Refers to what the SIS does not have"),
    "mend_reference_unknown": N_("One that is there, or none"),
    "quality_value_missing": N_("Something needed is blank"),
    "mend_value_missing": N_("A value"),
    "quality_range_reversed": N_("Beginning and end the wrong way round"),
    "mend_range_reversed": N_("An end that is not before the beginning"),
    "quality_session_outside": N_("Session outside the one it is part of"),
    "mend_session_outside": N_("Within {wanted} ({other})"),
    "quality_primaries_several": N_("Several primary roles"),
    "mend_primaries_several": N_("One primary role in each organization"),
    "quality_local_correction": N_("Corrected here, not in the SIS"),
    "mend_local_correction": N_("{wanted}"),
    "quality_student_missing": N_("Class without students"),
    "mend_student_missing": N_("Students, or an end of the class"),
    "quality_terms_over": N_("Class whose terms are over"),
    "mend_terms_over": N_("A term that goes on, or an end of the class"),
    "quality_rule_unknown": N_("There is no rule “{rule}”; the rules are: {known}."),
    # -- the history, person by person (engine/stories.py) --
    "story_new": N_("New: {what}"),
    "story_changed": N_("Changed: {what}"),
    "story_removed": N_("Removed: {what}"),
    "story_returned": N_("Back: {what}"),
    "story_stays": N_("Stays here, though the SIS says otherwise"),
    "story_stays_in": N_("Stays in {classes}"),
    "story_kept": N_("Kept as it was: {what}"),
    "story_joined": N_("Became one with another: {what}"),
    "story_parted": N_("Taken apart: {what}"),
    "story_is_new": N_("New here"),
    "story_is_new_in": N_("New: {role} at {school}"),
    "story_is_removed": N_("No longer in the roster"),
    "story_is_returned": N_("Back in the roster"),
    "story_is_kept": N_("{fields} kept as here, whatever the SIS said"),
    "story_is_joined": N_("Became one with #{id}"),
    "story_is_parted": N_("Taken apart from #{id}"),
    "set_about": N_("{what}: {about}"),
    "set_by": N_("{what} by {who}"),
    "set_of_by": N_("{what} of #{of} by {who}"),
    "story_value": N_("{field}: {before} → {after}"),
    "story_fields": N_("{fields} changed"),
    "story_of": N_("{record}: {fields} changed"),
    "story_moved": N_("Moved {before} → {after}"),
    "story_moved_with": N_("Moved {before} → {after} ({what})"),
    "story_role": N_("Now {role} at {school}"),
    "story_no_role": N_("No longer {role} at {school}"),
    "story_related": N_("{relation} added: {name}"),
    "story_unrelated": N_("{relation} removed: {name}"),
    "story_joins": N_("Joined {classes}"),
    "story_leaves": N_("Left {classes}"),
    "story_teaches": N_("Now teaches {classes}"),
    "story_teaches_no_more": N_("No longer teaches {classes}"),
    "story_classes_joined": NN_("{count} class joined", "{count} classes joined"),
    "story_classes_left": NN_("{count} class left", "{count} classes left"),
    "story_scores_kept": NN_("{count} score kept", "{count} scores kept"),
    # -- what waits for a person (engine/inbox.py) --
    "inbox_gone": N_("{records} would be removed"),
    "inbox_less": N_("{records} would be disabled, end, or leave their school"),
    "inbox_login": N_("{records} would get other names to sign in with"),
    "inbox_staff": N_("{records} would turn from students into staff"),
    "inbox_blank": N_("{records} would lose values"),
    "inbox_change": N_("{records} would be changed"),
    "inbox_untied": N_("{records} would no longer be tied to “{name}”"),
    "inbox_join": N_("{records} would be joined with others of the same person"),
    "inbox_part": N_("{records} would be taken apart"),
    "inbox_come": N_("{records} would be added"),
    "inbox_same": N_("{records}: new, or here already under another key?"),
    "inbox_unsent": N_("{records} could not be sent"),
    "inbox_unreadable": NN_(
        "{count} row of {what} could not be read", "{count} rows of {what} could not be read"
    ),
    "inbox_held": N_("{records} would be changed at the SIS"),
    "inbox_made": N_("{records} would be made in “{name}”"),
    # -- safety limits (engine/limits.py) --
    "limit_removals": N_("{school} would lose {count:,} of {of:,} {what}{beside}{limit}."),
    "limit_untied": N_(
        "“{name}” would no longer know {count:,} of its {of:,} {what} in {school}{limit}. Nothing "
        "is removed here: they are still in {still}."
    ),
    "limit_removals_beyond": N_(
        "{school} would lose {count:,} {what}; when they were counted last it had {of:,}."
    ),
    "limit_shrink": N_(
        "{school} would lose {count:,} of {of:,} {what}{beside}, and be left with {left:,} of the "
        "{high:,} that it had in the last seven days."
    ),
    "limit_emptied_school": N_("{school} would lose all of its {of:,} {what}."),
    "limit_school_gone": N_("{school} itself would go."),
    "limit_emptied_class": N_("A class of {school} would lose all of its {of:,} students."),
    "limit_emptied_class_rest": NN_(
        "A class of {school} would lose its last student, after {earlier:,} in the last 24 hours.",
        "A class of {school} would lose its last {count:,} students, after {earlier:,} in the last "
        "24 hours.",
    ),
    "limit_empty_answer": N_(
        "The SIS sent no {what} at all; {school} would lose {count:,} of {of:,}."
    ),
    "limit_changes": N_("{count:,} of {of:,} {what} of {school} would change{limit}."),
    "limit_blanks": N_(
        "“{field}” would go blank in {count:,} of the {of:,} {what} of {school} that have it"
        "{limit}."
    ),
    "limit_logins": N_(
        "{count:,} of {of:,} {what} of {school} would get another username, email or ID to sign in "
        "with{limit}."
    ),
    "limit_staff": N_(
        "{count:,} of the {what} of {school} would turn from students into staff{limit}."
    ),
    "limit_additions_only": NN_(
        "Only additions are let in: {count:,} change or removal of {what} of {school} was kept "
        "back.",
        "Only additions are let in: {count:,} changes or removals of {what} of {school} were kept "
        "back.",
    ),
    "limit_blackout": NN_(
        "This is a time of additions only: {count:,} change or removal of {what} of {school} was "
        "kept back.",
        "This is a time of additions only: {count:,} changes or removals of {what} of {school} "
        "were kept back.",
    ),
    "limit_tripped": N_(
        "A safety limit was reached: {count:,} of {of:,} records of {place}. What it holds waits "
        "for your approval."
    ),
    "push_limit_tripped": N_(
        "A safety limit was reached: {count:,} of {of:,} records of {place} would change at the "
        "SIS. What it holds is not sent before you approve it."
    ),
    "push_creates_many": N_(
        "{count:,} records that only other SIS know would be made at this one. That is not done "
        "before you approve it."
    ),
    "limit_holds": N_("{told} That waits for your approval."),
    "limit_holds_back": N_("At the SIS: {told} That is not sent before you approve it."),
    "proof_passes": N_(
        "What is missing is taken as gone without you once the next whole answer lacks it, too, "
        "unless you decide before."
    ),
    "limit_stays": N_("They stay as they are until you decide, or the SIS takes it back."),
    "untied_stays": N_(
        "Until then they count as known to it, and stay here even if the other systems lose them, "
        "too."
    ),
    "records_untied": NN_(
        "{count:,} record is no longer tied to this SIS, and stays: another one still has it.",
        "{count:,} records are no longer tied to this SIS, and stay: another one still has them.",
    ),
    "refusal_means": N_(
        "What you keep stays here though “{name}” says otherwise, and the next syncs do not ask "
        "again."
    ),
    "refusal_undone": N_("The next sync reads it anew, and then you are asked again."),
    "approval_undone": N_(
        "“{name}” still says otherwise; the next syncs leave it as it is here now."
    ),
    "limit_means_removals": N_(
        "At most {share} of a school’s {what} may go in a day without your approval: {passing} of "
        "{of} at {school}."
    ),
    "limit_means_shrink": N_(
        "At least {share} of the highest number of the last seven days has to be left: {passing} "
        "of {of} {what} at {school}."
    ),
    "limit_means_changes": N_(
        "At most {share} of a school’s {what} may change in a day without your approval: {passing} "
        "of {of} at {school}."
    ),
    "limit_means_blanks": N_(
        "Of the {what} that have a field, at most {share} may lose it in a day without your "
        "approval: {passing} of {of} at {school}, where all have it."
    ),
    "limit_means_logins": N_(
        "At most {share} of a school’s {what} may get another username, email or ID in a day "
        "without your approval: {passing} of {of} at {school}."
    ),
    "limit_means_staff": N_(
        "At most {share} of a school’s {what} may turn from students into staff without your "
        "approval: {passing} of {of} at {school}."
    ),
    "limit_means_emptied_class": NN_(
        "A class with a student does not lose its last one without your approval.",
        "A class of {count} or more does not lose all its students at once without your approval.",
    ),
    "limit_means_emptied_school": NN_(
        "A school with a record of a type does not lose its last one without your approval.",
        "A school of {count} or more does not lose all its records of a type at once without your "
        "approval.",
    ),
    "limit_means_least": NN_(
        "Every record counts for the percentages.",
        "Fewer than {count} records at once never wait for a percentage.",
    ),
    "limit_unknown": N_("There is no limit “{name}”; the limits are: {known}. Nothing was saved."),
    "limit_share_unfit": N_(
        "“{name}” is a share from 0% to 100%: write 40% or 40, or 0.4. A bare 1 could be either "
        "end: write 1% or 100%. Nothing was saved."
    ),
    "limit_count_unfit": N_(
        "“{name}” is a number of records: give a whole number. Nothing was saved."
    ),
    "limit_dates_unfit": N_(
        "“{name}” needs a first and a last day, such as 2027-05-03..2027-05-14. Nothing was saved."
    ),
    "limit_day_unfit": N_("“{name}” needs a day, such as 2027-05-03. Nothing was saved."),
    "limit_not_a_pair": N_(
        "A limit is given as KEY=VALUE, such as removals=15%. Nothing was saved."
    ),
    "limit_window_too_long": N_(
        "The change of the school year is the time in which one year makes way for the next, "
        "{most} days at most. {days} days were given. Nothing was saved."
    ),
    "limit_until_outside": N_(
        "“additions-only-until” has to be a day in the change of the school year, which is from "
        "{first} to {last}. Nothing was saved."
    ),
    "limit_switch_unfit": N_("“{name}” is either on or off. Nothing was saved."),
    "limit_allowed_anyway": N_(
        "{share} of “{name}” is let through as it is; an allowance can only raise that. Nothing "
        "was saved."
    ),
    "limit_allowed_nothing": N_(
        "0% of “{name}” allows nothing. “--{name} off” ends an allowance. Nothing was saved."
    ),
    "limit_not_allowed": N_(
        "No such allowance of “{name}” is in force, so there is none to end. Nothing was saved."
    ),
    "limit_allowed_waiting": N_(
        "What waits already goes with the next sync that reads it again, at the latest with “sync "
        "{name!w} --full”; “runs approve” carries it out at once."
    ),
    "limit_let_through": N_("{what} went through by the allowance of {by} until {until}."),
    "limit_unshown": N_(
        "It was saved, but it cannot be shown just now. The command “limits show” shows it."
    ),
    "limit_allows_nothing": N_("Say what to allow, such as --removals 40%. Nothing was saved."),
    "limit_without_school_year": N_(
        "There is no school-year window yet. Give its first and last day as well: "
        "school-year=2027-06-15..2027-09-15. Nothing was saved."
    ),
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
    "disk_full": N_(
        "The disk that holds {path} is full. Make room, then try again; what is there stays."
    ),
    "disk_failing": N_(
        "The disk that holds {path} cannot be read or written just now. Check that it is connected "
        "and in order, then try again."
    ),
    "database_busy": N_("Another program keeps the database {path} busy. Try again in a minute."),
    "database_damaged": N_(
        "The file {path} is damaged or not a database. Restore a copy; nothing was changed."
    ),
    "database_error": N_("The database {path} reported an error. Please report it with the log."),
    "counts_do_not_close": N_(
        "The counts of sync #{run} do not add up ({streams}), so it is marked as failed. Please "
        "report it with the log."
    ),
    # -- the desktop (ui/desktop) --
    "autostart_refused": N_(
        "The system does not let this program start by itself: {path} cannot be written. Ask "
        "whoever looks after this computer."
    ),
    # -- webhooks (server) --
    "webhook_unsigned": N_(
        "This request is not signed, so it was not accepted. Have the sender sign its webhooks "
        "with the secret that was made for it (Standard Webhooks)."
    ),
    "webhook_headers_unfit": N_(
        "The headers webhook-id, webhook-timestamp and webhook-signature of this request cannot be "
        "understood, so it was not accepted. Standard Webhooks says how they are written."
    ),
    "webhook_stale": N_(
        "This request was signed more than five minutes ago or from now, so it was not accepted. "
        "Set the clocks of sender and receiver right, then send it anew."
    ),
    "webhook_signature_wrong": N_(
        "The signature of this request is not that of our secret, so it was not accepted. Give "
        "the sender the newest secret of this connector."
    ),
    "webhook_unknown": N_(
        "No connector receives webhooks at this address. Copy the address once more from the "
        "connector's webhooks."
    ),
    "webhook_too_long": N_(
        "This request is longer than {most} bytes, so it was not accepted. Have the sender say "
        "that something changed, not what."
    ),
    "webhook_slow": N_("The request did not come to its end in time. Send it again."),
    "webhook_elsewhere": N_(
        "Only requests to this computer itself are answered. Have the relay name 127.0.0.1 as the "
        "host."
    ),
    "webhook_not_ready": N_(
        "The secret of this connector's webhooks is not known just now, so nothing can be "
        "accepted. Send it again in a minute."
    ),
    "webhook_not_kept": N_(
        "The webhook could not be written down, so it is not accepted. Send it again in a minute."
    ),
    "address_unknown": N_("There is nothing at this address. Check how it is spelt."),
    "method_unknown": N_("This address does not take this method. Webhooks are sent with POST."),
    "webhook_only_here": N_(
        "The address can be reached only from this computer. A SIS elsewhere needs a relay or a "
        "tunnel that ends here and names 127.0.0.1 as the host."
    ),
    "webhooks_off_need_no_secret": N_(
        "A new secret is made only where webhooks are on. Give --rotate alone or with --on; "
        "nothing was changed."
    ),
    "port_unfit": N_("{port} is no port. Choose one from {first} to {last}."),
    "webhook_port_taken": N_(
        "Webhooks cannot be received: another program uses port {port}, perhaps a second copy of "
        "this one, or the system keeps it for itself. Close that program, or choose another port "
        "for webhooks."
    ),
    "webhook_secret_missing": N_(
        "Webhooks of “{name}” cannot be received: their secret is not known on this computer. "
        "Make a new one, and give it to your SIS."
    ),
    "webhook_secret_unfit": N_(
        "The secret of a connector's webhooks is not one: it begins with whsec_ and goes on in "
        "Base64. Make a new one, and give it to your SIS."
    ),
    "webhook_secret_of_environment": N_(
        "The webhook secret of “{name}” comes from the environment. Change {variable} there; "
        "nothing was changed here."
    ),
    # -- command line --
    "usage": N_("{problem} “{see}” shows how to use it."),
    "stopped": N_("Stopped as you asked."),
    "fault_of_ours": N_(
        "Something went wrong in this program ({what}), not in what you typed and not at your SIS. "
        "Please report it with the log file {path}"
    ),
    "json_needs_command": N_("The window does not speak JSON. Name a command after --json."),
    "sync_one_or_all": N_("Name one connector to sync, or give --all; not both."),
    "sync_class_alone": N_(
        "--class syncs one class of one connector: name that connector, and leave --all, --full "
        "and --preview out."
    ),
    "demo_not_so_many": N_(
        "The practice district did not start. If there is one in {folder} already, leave "
        "--students out, or choose another folder."
    ),
    "connector_not_named": N_(
        "Name the connector to try. The command “connectors list” shows those there are."
    ),
    "connector_exists": N_(
        "There is a connector named “{name}” already; nothing was changed. Change it with "
        "“connectors edit {name!w}”, or choose another name."
    ),
    "argument_not_text": N_(
        "“{argument}” holds bytes that are no text. Set this terminal to UTF-8 and type it again. "
        "Nothing was changed."
    ),
    "schedule_blank": N_("The schedule was left blank. Give “off” to end it. Nothing was saved."),
    "edit_says_nothing": N_(
        "Say what to change, such as --set email=ana@example.org. Nothing was changed."
    ),
    "identity_rule_unknown": N_(
        "There is no rule “{name}” for who is whom. The command “identity rules” shows those there "
        "are. Nothing was changed."
    ),
    "identity_gone": N_(
        "One of the two has ended, or they are one record already. Nothing was changed."
    ),
    "identity_apart": N_(
        "Somebody said meanwhile that these are two. To have them compared again: identity forget"
    ),
    "identity_both_there": N_(
        "One SIS tells of both of them, so they cannot be one record. If it has somebody twice, "
        "that has to be mended there."
    ),
    "identity_both_at": NN_(
        "“{names}” tells of both of them, so they cannot be one record. If it has somebody twice, "
        "that has to be mended there.",
        "{names} tell of both of them, so they cannot be one record. If these have somebody "
        "twice, that has to be mended there.",
    ),
    "identity_one_already": N_("These are one record already."),
    "identity_needs_two": N_("Name two records, by their ids."),
    "identity_two_types": N_("These are records of two types. Only two of one type can be one."),
    "record_id_unknown": N_("There is no record {id}."),
    "not_told_apart": N_(
        "Nobody has said that #{one} and #{other} are different. “identity list --different” shows "
        "of which that was said. Nothing was changed."
    ),
    "row_not_of_record": N_(
        "“{key}” is none of several rows that this record is made of ({known}). Nothing was "
        "changed."
    ),
    "row_key_spaced": N_(
        "“{key}” has a space in it, so it cannot be named among those to be kept apart. Split off "
        "the other rows instead. Nothing was changed."
    ),
    "row_alone": N_(
        "One row alone tells of this record, so there is nothing to split. Nothing was changed."
    ),
    "row_not_apart": N_(
        "“{key}” is not among the rows that are kept apart ({known}). Nothing was changed."
    ),
    "row_none_apart": N_(
        "No row is kept apart, so there is nothing to join again. Nothing was changed."
    ),
    "field_not_a_pair": N_("A value is given as --set FIELD=VALUE. Nothing was changed."),
    "value_not_json": N_(
        "The value of “{field}” begins like JSON and is none. Check its brackets and quotes. "
        "Nothing was changed."
    ),
    "decide_one_way": N_(
        "Give either --take or a value of your own with --set FIELD=VALUE. Nothing was decided."
    ),
    "revision_of_one": N_(
        "--revision belongs to one difference: name one, without --like. Nothing was decided."
    ),
    "policy_incomplete": N_(
        "Name a record type and who decides, such as “policy set NAME users sis”, or give --blanks "
        "or --deletes. Nothing was changed."
    ),
    "settings_unreadable": N_("The file {path} could not be read. Choose another."),
    "settings_unfit": N_(
        "{path} is no file of settings ({what}). Choose one that “settings export” has written. "
        "Nothing was changed."
    ),
    "settings_newer": N_(
        "{path} was written by a newer version of this program. Install that version here, too. "
        "Nothing was changed."
    ),
    "settings_with_secret": N_(
        "This file holds “{key}” of “{name}”, which is a secret and belongs in no file. Take it "
        "out, and have it changed at your SIS. Nothing was changed."
    ),
    "settings_limits_unfit": N_(
        "What the file says of the safety limits of “{name}” could not be understood. Choose one "
        "that “settings export” has written. Nothing was changed."
    ),
    "settings_hosts_new": N_(
        "What “{name}” signs in with would go to {hosts}. If that address is right, import with "
        "--accept-hosts. Nothing was changed."
    ),
    "connector_set_meanwhile": N_(
        "“{name}” was changed elsewhere since this was opened. Close this and open it again. "
        "Nothing was saved."
    ),
    "set_meanwhile": N_(
        "Something else was set here meanwhile. Nothing was saved, and what you have chosen still "
        "stands here. Discard your changes to see what is set now."
    ),
    "settings_set_meanwhile": N_(
        "The settings here have changed since you looked. Import the file again, to see what it "
        "would change now. Nothing was changed."
    ),
    "settings_hosts": N_(
        "“{name}” will speak to {hosts} from now on, and what it signs in with goes there. What "
        "the keyring holds is forgotten first; a secret in the environment is not."
    ),
    "settings_scope_unknown": N_(
        "The school “{key}” of “{name}” is not known yet. What is said of it counts once a sync "
        "has read it; look whether it is written rightly."
    ),
    "settings_school_unknown": N_(
        "The school “{key}” of “{name}” is not known yet, so what was said of it was left out. "
        "Import the file again after a sync."
    ),
    "settings_exported": NN_(
        "The settings of {count} connector are in {path}; secrets are not.",
        "The settings of {count} connectors are in {path}; secrets are not.",
    ),
    "nothing_set_by_it": N_("Nothing is set by an IT department; its file would be {path}."),
    "set_by_it": N_(
        "Your IT department has set this, so it cannot be changed here. Ask them. Nothing was "
        "changed."
    ),
    "rotate_nothing": N_(
        "Name the secret to renew, with --secret KEY or --secret-stdin KEY. Nothing was changed."
    ),
    "network_says_nothing": N_(
        "Say what to change, such as --proxy system or --authority FILE. Nothing was saved."
    ),
    "network_nobody": N_(
        "No connector has an address, so there is nobody to reach. Add a connector first."
    ),
    "proxy_password_missing": N_(
        "The proxy’s password is not there. “network set --password” asks for it."
    ),
    "preset_unknown": N_("There is no preset “{name}”. The presets are: {known}."),
    "preset_of_another_kind": N_(
        "The preset “{name}” is for connectors of kind {kind}. Leave --kind out, or the preset. "
        "Nothing was saved."
    ),
    "kind_not_named": N_(
        "Say what the connector speaks, with --kind or --preset. “connectors kinds” and "
        "“connectors presets” show those there are. Nothing was saved."
    ),
    "secret_not_kept": N_(
        "Nothing on this computer keeps secrets safely, so nothing was saved. Leave {key} out here "
        "and set {variable} in the environment, or start a keyring and try again."
    ),
    "setting_not_a_pair": N_("A setting is given as --set KEY=VALUE. Nothing was saved."),
    "secret_unknown": N_(
        "There is no secret “{key}” in this kind of connector; it has: {known}. Nothing was saved."
    ),
    "secret_as_setting": N_(
        "“{key}” is a secret and must not be an argument, where others on this computer can read "
        "it. Give it with --secret {key}, which asks. Nothing was saved; if it was the real one, "
        "have it changed at your SIS."
    ),
    "secret_not_asked": N_(
        "There is no terminal to ask for “{key}” on. Give it with --secret-stdin {key}, or in the "
        "environment. Nothing was saved."
    ),
    "secret_blank": N_("The secret “{key}” was left blank. Nothing was saved."),
    "export_written": NN_(
        "{count} record was exported to {path}.", "{count} records were exported to {path}."
    ),
    "export_stopped": N_(
        "The program ended before the export to {path} was written; what was there stays. The "
        "next good sync writes it."
    ),
    "export_into_source": N_(
        "No export was written to {path}: the connector “{name}” reads {source}, and would take "
        "the export for what its SIS says. Choose a place that no connector reads."
    ),
    "export_withheld_removals": NN_(
        "No export was written: {count} removal waits for approval. It follows the next good sync "
        "after that is decided.",
        "No export was written: {count} removals wait for approval. It follows the next good sync "
        "after they are decided.",
    ),
    "export_withheld_joins": NN_(
        "No export was written: {count} record waits for approval to be joined with another of the "
        "same person. It follows the next good sync after that is decided.",
        "No export was written: {count} records wait for approval to be joined with others of the "
        "same people. It follows the next good sync after that is decided.",
    ),
    "export_before_removals": NN_(
        "{count} removal waits for approval; what it would remove is in the files.",
        "{count} removals wait for approval; what they would remove is in the files.",
    ),
    "export_before_joins": NN_(
        "{count} record waits for approval to be joined with another of the same person; both are "
        "in the files.",
        "{count} records wait for approval to be joined with others of the same people; all are in "
        "the files.",
    ),
    "export_withheld": NN_(
        "No export was written: {count} record waits for approval. It follows the next good sync "
        "after that is decided.",
        "No export was written: {count} records wait for approval. It follows the next good sync "
        "after they are decided.",
    ),
    "export_records_left_out": NN_(
        "{entity}: {count} record is not in the files; OneRoster CSV {version} has no file for it.",
        "{entity}: {count} records are not in the files; OneRoster CSV {version} has no file for "
        "them.",
    ),
    "export_demographics_further": NN_(
        "{count} further record of a person's demographics is not in the files, which have one a "
        "person: that under the person's own key.",
        "{count} further records of people's demographics are not in the files, which have one a "
        "person: that under the person's own key.",
    ),
    "export_field_left_out": NN_(
        "{entity}, {field}: {count} value is not in the files; OneRoster CSV {version} has no "
        "column for it.",
        "{entity}, {field}: {count} values are not in the files; OneRoster CSV {version} has no "
        "column for them.",
    ),
    "export_relation_left_out": NN_(
        "How {count} person is related to others is not in the files; OneRoster CSV tells only to "
        "whom.",
        "How {count} people are related to others is not in the files; OneRoster CSV tells only "
        "to whom.",
    ),
    "export_roles_left_out": NN_(
        "{count} person has further roles that are not in the files; OneRoster CSV {version} has "
        "one role a person. Version 1.2 has them all.",
        "{count} people have further roles that are not in the files; OneRoster CSV {version} has "
        "one role a person. Version 1.2 has them all.",
    ),
    "export_value_left_out": NN_(
        "{entity}, {field}: {count} value is not in the files; OneRoster CSV {version} cannot say "
        "it.",
        "{entity}, {field}: {count} values are not in the files; OneRoster CSV {version} cannot "
        "say them.",
    ),
    "export_time_left_out": NN_(
        "{entity}, {field}: {count} value is in the files without its time of day; OneRoster CSV "
        "has dates there.",
        "{entity}, {field}: {count} values are in the files without their time of day; OneRoster "
        "CSV has dates there.",
    ),
    "export_value_missing": NN_(
        "{file}: {count} row has nothing under {column}, which OneRoster CSV {version} demands. "
        "Mend it in the SIS.",
        "{file}: {count} rows have nothing under {column}, which OneRoster CSV {version} demands. "
        "Mend them in the SIS.",
    ),
    "export_needs_form_and_out": N_(
        "Say with --format and --out what to write and where to, or with --after-sync what follows "
        "every sync."
    ),
    "export_follows_alone": N_(
        "--after-sync is for the syncs to come: leave out the record type, --all and --out. "
        "Nothing was changed."
    ),
    "export_follows_whole": N_(
        "What follows every sync is the whole roster: leave out --since. Nothing was changed."
    ),
    "export_option_of_sets": N_(
        "--format-version, --since, --connector, --demographics and --after-sync belong to a set "
        "of files, such as --format oneroster-csv."
    ),
    "export_set_is_whole": N_(
        "This form is a set of files of the whole roster: give --all and no record type, and a "
        "folder or a zip with --out."
    ),
    "export_as_of_records": N_(
        "--as-of is for records as csv or json: a set of files tells how it is now."
    ),
    "as_of_unreadable": N_(
        "“{when}” is no date. Write it as 2026-03-01, as “2026-03-01 18:30”, or as “#812” for "
        "what stood after that sync."
    ),
    "export_form_unknown": N_(
        "There is no form “{form}”. Choose csv or json, or for a set of files {known}."
    ),
    "export_version_unknown": N_("This form has no version “{version}”. Choose one of {known}."),
    "export_one_or_all": N_("Name one record type to export, or give --all; not both."),
    "export_all_needs_folder": N_("--all writes a file for each record type: give --out a folder."),
    "export_is_not_json": N_(
        "CSV cannot go to standard output together with --json. Give --out a file."
    ),
    "export_is_no_file": N_(
        "{path} is neither a file nor a pipe, so nothing was written to it. Give --out a file, or "
        "- for standard output."
    ),
    "file_not_written": N_("The file {path} could not be written: {why}. Choose another place."),
}

_SIGNING_IN, _ORDER, _PAGES = N_("Signing in"), N_("Order"), N_("Rows at once")
_END = N_("The last page")
_CHANGES, _CLOCK, _LOOKING_UP = N_("Changes only"), N_("Clock"), N_("Looking up")
_GRADEBOOK, _ASSESSMENTS = N_("Writing the gradebook"), N_("Writing assessments")
_WHOSE = N_("Organizations")
_KEPT_HERE = N_("Such changes are kept here. Ask your SIS vendor to allow it if you need them.")
_TRIED_THEN = N_(
    "It is taken to be allowed. What the SIS does not take after all is shown, and kept here."
)

_IN_FILES = N_("{count} of these. The report “Problems in the files” tells where they are.")
FILE_RULES = (
    *("file_missing", "file_called_otherwise", "file_said_absent", "file_not_in_manifest"),
    *("manifest_heading", "manifest_value", "manifest_missing", "version_unknown"),
    *("set_incomplete", "set_rival", "set_outdated", "role_among_users"),
    *("column_missing", "column_called_otherwise", "column_twice", "column_unknown"),
    *("encoding_other", "separated_by_semicolons", "separated_by_tabs", "references_unexamined"),
    *("row_quotes", "row_encoding", "fields_missing", "fields_too_many", "row_too_long"),
    *("row_without_key", "row_key_unusable", "value_missing", "key_twice", "filled_in_bulk"),
    *("blank_in_delta", "day_without_time", "time_with_day", "word_unknown", "reference_missing"),
    *("odd_status", "odd_text", "odd_phone", "odd_boolean", "odd_number", "odd_date"),
    *("odd_instant", "odd_reference", "odd_list", "odd_element", "odd_length"),
)
"""What the report “Problems in the files” tells (``connectors/oneroster/csv/examining.py``)."""
_UNDATED = N_("They do not say when they were changed, so changes are found by full syncs alone.")

FINDINGS: dict[str, About] = {
    # -- Ed-Fi (connectors/edfi/checking.py) --
    "edfi_found": About(N_("Version"), N_("It is found at {path}.")),
    "edfi_found_bare": About(N_("Version"), N_("It is found at {path}.")),
    "edfi_named_otherwise": About(N_("Version"), N_("It is asked at the address entered here.")),
    **dict.fromkeys(("edfi_key_accepted", "edfi_claim_set"), About(_SIGNING_IN)),
    "edfi_organizations": About(
        _WHOSE, N_("Records of other organizations stay out of sight, and are not removed.")
    ),
    "edfi_no_organizations": About(
        _WHOSE, N_("Most lists will be empty. Ask the host of the service to add yours.")
    ),
    "edfi_reach_untold": About(
        _WHOSE, N_("What the key does not see is missing, and nobody says so.")
    ),
    "edfi_profiles": About(_SIGNING_IN, N_("What does not come changes nothing here.")),
    "edfi_empty": About(
        means=N_("If there should be some, ask the host of the service what the key may see.")
    ),
    "edfi_part_not_readable": About(means=N_("What it would tell stays as it is here.")),
    "edfi_schools_alone": About(
        N_("Writing"),
        N_("New students and guardians are sent only if these are all schools of the district."),
    ),
    "edfi_may_write": About(
        N_("Writing"), N_("By the settings here, changes are sent of: {sent!t}.")
    ),
    "edfi_writes_untold": About(
        N_("Writing"),
        N_("It shows when something is sent. By the settings here, changes are sent of: {sent!t}."),
    ),
    "edfi_change_queries": About(
        _CHANGES, N_("A sync reads what has changed since the last one, deletions among it.")
    ),
    **dict.fromkeys(
        ("edfi_change_queries_off", "edfi_no_change_queries"),
        About(_CHANGES, N_("Every sync reads everything.")),
    ),
    "edfi_no_deletes": About(_CHANGES, N_("Who is gone is noticed by full syncs alone.")),
    "edfi_snapshot": About(N_("Snapshots"), N_("Nothing moves while it is read.")),
    "edfi_snapshot_missing": About(
        N_("Snapshots"), N_("What moves while it is read is read again by the next sync.")
    ),
    "edfi_cursors": About(_PAGES, N_("Nothing is missed when rows move meanwhile.")),
    "edfi_no_cursors": About(_PAGES, N_("Pages overlap, so that it shows when rows move.")),
    "edfi_unmapped": About(
        N_("Words"),
        N_("Such values are left as they are here. Give them a meaning under Descriptors."),
    ),
    **dict.fromkeys(
        ("edfi_key_refused", "edfi_token_nowhere", "edfi_tokens_too_many"), About(_SIGNING_IN)
    ),
    # -- OneRoster (connectors/oneroster/checking.py) --
    "token_granted": About(_SIGNING_IN, N_("The SIS allows: {scopes}.")),
    "version_found": About(N_("Version"), N_("It is found at {path}.")),
    "collection_readable": About(means=_UNDATED),
    "collection_readable_dated": About(
        means=N_("They say when they were changed, the last of them: {newest}.")
    ),
    "collection_readable_sampled": About(
        means=N_("The newest change among the first {sample:,}: {newest}; others may be newer.")
    ),
    "collection_not_counted": About(means=_UNDATED),
    "collection_not_counted_dated": About(
        means=N_("Each sync checks by other means that it has them all. Newest change: {newest}.")
    ),
    "collection_not_counted_sampled": About(
        means=N_(
            "Each sync checks by other means that it has them all. The newest change among the "
            "first {sample:,}: {newest}; others may be newer."
        )
    ),
    "collection_empty": About(
        means=N_("If there should be some, ask your SIS vendor what this client ID may see.")
    ),
    "sort_heeded": About(_ORDER, N_("A missing record is noticed.")),
    "sort_not_heeded": About(
        _ORDER, N_("Each sync checks by other means that it has every record.")
    ),
    "page_as_asked": About(_PAGES),
    "page_clamped": About(_PAGES, N_("Each sync asks for {count} at a time.")),
    "page_refused": About(_PAGES, N_("Each sync asks for {count} at a time.")),
    "links_given": About(_END, N_("Each sync knows when it has read all of it.")),
    "links_missing": About(
        _END, N_("Each sync asks on until nothing new comes, which is one request more.")
    ),
    "filter_heeded": About(_CHANGES, N_("Syncs between full ones are quick.")),
    "filter_not_heeded": About(_CHANGES, N_("Every sync reads everything.")),
    "filter_excludes": About(
        _CHANGES, N_("Each sync asks from five minutes earlier on, so nothing is missed.")
    ),
    "several_rows_of_one": About(
        means=N_("Set “One person, several rows” to {field}, and each of them is one person.")
    ),
    "by_key_works": About(
        _LOOKING_UP, N_("What is missing from a list is looked up before it is removed here.")
    ),
    "by_key_fails": About(
        means=N_("What is missing is removed here only when a second full sync misses it as well.")
    ),
    "by_key_unsure": About(
        _LOOKING_UP,
        N_("What is missing is removed here only when a second full sync misses it as well."),
    ),
    "clock_agrees": About(_CLOCK),
    "clock_ahead": About(_CLOCK, N_("Each sync goes by the slower clock, so nothing is missed.")),
    "clock_behind": About(_CLOCK, N_("Each sync goes by the slower clock, so nothing is missed.")),
    **dict.fromkeys(("grades_unknown", "roles_unknown", "class_types_unknown"), About(N_("Words"))),
    "gradebook_writable": About(_GRADEBOOK),
    "gradebook_not_writable": About(_GRADEBOOK),
    "gradebook_writes_untold": About(_GRADEBOOK, _TRIED_THEN),
    "gradebook_changes_not_permitted": About(_GRADEBOOK, _KEPT_HERE),
    "gradebook_creates_not_permitted": About(_GRADEBOOK, _KEPT_HERE),
    "gradebook_deletes_not_permitted": About(_GRADEBOOK, _KEPT_HERE),
    "assessments_writable": About(_ASSESSMENTS),
    "assessments_not_writable": About(_ASSESSMENTS),
    "assessments_writes_untold": About(_ASSESSMENTS, _TRIED_THEN),
    "assessments_deletes_not_permitted": About(_ASSESSMENTS, _KEPT_HERE),
    # -- OneRoster CSV (connectors/oneroster/csv/checking.py) --
    "files_found": About(N_("Version")),
    "sets_found": About(N_("Version")),
    "files_newest": About(N_("Files")),
    "file_readable": About(means=N_("Read again whenever a file has changed.")),
    **dict.fromkeys(FILE_RULES, About(N_("Files"), _IN_FILES)),
    # -- other errors that are found while trying --
    "credentials_refused": About(_SIGNING_IN),
    "scope_refused": About(_SIGNING_IN),
    "token_refused": About(_SIGNING_IN),
    "bearer_refused": About(_SIGNING_IN),
    "tokens_not_given": About(_SIGNING_IN),
    "version_not_spoken": About(N_("Version")),
    "signature_refused": About(_SIGNING_IN),
    "posting_not_in_version": About(_GRADEBOOK),
    "token_endpoint_missing": About(_SIGNING_IN),
    "token_not_understood": About(_SIGNING_IN),
}
"""What findings of *Test connection* are about and what they mean, by their codes.

``SENTENCES`` says what was found.
"""
