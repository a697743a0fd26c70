"""What is known to suit the services of several vendors: data, each value with its reason.

What is not known is left out: *auto* finds the version, and *Test connection* the rest.
"""

from app.connectors.contract import Chosen, Preset

_OAUTH2 = Chosen("oauth2", "It exchanges a client ID and secret for a token.")
_SERIAL = Chosen(1, "It slows down, or refuses, where many requests come at once.")

PRESETS = (
    Preset(
        "powerschool",
        "PowerSchool",
        {
            "auth": _OAUTH2,
            "page_size": Chosen(
                1000, "It caps pages; 1,000 is the size that other programs have it set to."
            ),
        },
        (
            "The client ID and secret are shown in Plugin Management, Data Configuration.",
            "Set the maximum page size to 1000 there.",
            "The plug-in has to be enabled, or the client ID and secret are refused.",
        ),
    ),
    Preset(
        "infinite-campus",
        "Infinite Campus",
        {
            "version": Chosen(
                "1.2",
                "People have other IDs in 1.1 than in 1.2, so it should not change by itself.",
            ),
            "auth": Chosen("oauth2", "OAuth 1 has not been accepted since June 2023."),
            "page_size": Chosen(5000, "It asks for large pages, and sends up to 50,000 rows."),
            "concurrency": Chosen(
                1, "It asks for one request at a time while schools are open, at most 5 by night."
            ),
        },
        (
            "The address is like https://DISTRICT/campus/api/ims/oneroster/rostering/v1p2.",
            "The token address, https://DISTRICT/campus/oauth2/token?appName=APP, is needed too.",
            "The client ID begins with eight characters of its own: copy all of it.",
            "Credentials end after 13 months at most.",
            "It asks for whole syncs weekly, syncs of changes nightly, and all of them off-peak.",
        ),
    ),
    Preset(
        "skyward",
        "Skyward",
        habits=(
            "The OneRoster address is shown in District Setup, Configuration, API Configuration.",
            "The key and secret of a Secured User (button API) are the client ID and secret.",
            "SMS 2.0 speaks OneRoster 1.1, Qmlativ also 1.2.",
        ),
    ),
    Preset(
        "aeries",
        "Aeries",
        {
            "version": Chosen("1.1", "It speaks OneRoster 1.1."),
            "auth": Chosen("oauth2", "The Consumer ID and Secret are exchanged for a token."),
            "resources": Chosen("off", "It has none."),
        },
        (
            "The address is like https://DISTRICT.aeries.net/aeries, with /token below it.",
            "It asks that whole syncs run outside of school hours.",
            "It wants its cookies back with every request, and gets them.",
            "It takes no grades for elementary schools without a master schedule.",
            "It deletes nothing on request.",
        ),
    ),
    Preset(
        "synergy",
        "Synergy",
        {"auth": Chosen("oauth2", "OAuth 1 is still there, but should not be used any more.")},
        (
            "Enter the token address that Synergy shows with the client ID and secret.",
            "What a client ID may read is switched on in Synergy, scope by scope.",
        ),
    ),
    Preset(
        "classlink",
        "ClassLink",
        {
            "auth": Chosen("oauth1", "A Roster Server is asked directly by signed requests."),
            "signature": Chosen("HMAC-SHA1", "It knows no other signature."),
            "page_size": Chosen(1000, "It advises pages of 1,000 rows."),
            "concurrency": _SERIAL,
        },
        (
            "Some servers speak 1.2 under an address that says v1p1: choose version 1.2 for those.",
            "For the ClassLink proxy, choose bearer and enter the developer console’s token.",
            "It answers 429 where too much is asked; this program waits as long as it is told to.",
        ),
    ),
    Preset(
        "genesis",
        "Genesis",
        {
            "version": Chosen("1.1", "It speaks OneRoster 1.1."),
            "auth": _OAUTH2,
        },
        ("The address is like https://HOST/genesis, with /token below it.",),
    ),
    Preset(
        "aspen",
        "Aspen",
        {"auth": Chosen("oauth2", "Its OAuth Access makes a client ID and secret.")},
        (
            "They are made in the District view: Admin, Security, OAuth Access.",
            "It takes no new grading categories; make them in Aspen.",
        ),
    ),
    Preset(
        "ed-fi",
        "Service on an Ed-Fi ODS",
        {
            "version": Chosen("1.2", "The Ed-Fi OneRoster service speaks OneRoster 1.2 alone."),
            "auth": _OAUTH2,
            "gradebook": Chosen("off", "It has rosters and no gradebook."),
            "resources": Chosen("off", "It has none."),
            "one_person": Chosen(
                "identifier",
                "A person is listed once for each school, every time with the same identifier.",
            ),
            "primary_row": Chosen(
                "primary_org", "The row of the primary school is the one to go by."
            ),
        },
        (
            "The rosters are as new as the last refresh, which the host of the service schedules.",
            "Nobody is marked as deleted: who leaves is missing from the next whole sync.",
        ),
    ),
    Preset(
        "other",
        "Another vendor",
        habits=(
            "Enter what the vendor gave you, then test the connection.",
            "The test tells what the service does, and what it does not do.",
        ),
    ),
)
