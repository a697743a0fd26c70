"""What is known to suit Ed-Fi services: data, each value with its reason.

Most of what differs from one service to the next, the service itself tells.
"""

from app.connectors.contract import N_, Chosen, Preset

_KEY = N_("Key and secret are made by the host of the service, for one program and one district.")
_CLAIMS = N_(
    "Ask for a claim set that may read everything you need, and write what you want to write."
)

PRESETS = (
    Preset(
        "ods-api",
        N_("Ed-Fi ODS/API 7.3 or newer"),
        {
            "paging": Chosen(
                "auto", N_("Lists are read by cursor, so that nothing is missed while rows move.")
            ),
            "change_queries": Chosen("auto", N_("A sync reads only what has changed.")),
        },
        (
            N_("The address is like https://HOST/v7.3/api; a browser shows text in braces there."),
            _KEY,
            _CLAIMS,
            N_("The key has to be for the district, or only what its schools have is seen."),
        ),
    ),
    Preset(
        "ods-api-older",
        N_("Ed-Fi ODS/API 5 to 7.2"),
        {
            "paging": Chosen("offset", N_("There are no cursors before 7.3.")),
            "concurrency": Chosen(1, N_("Many requests at once end in lock errors.")),
        },
        (
            N_("The address is like https://HOST/v5.3/api; a browser shows text in braces there."),
            _KEY,
            _CLAIMS,
            N_("Guardians are called parents there; that makes no difference here."),
            N_("Who was deleted is not always told; a full sync now and then finds it."),
        ),
    ),
    Preset(
        "ods-api-years",
        N_("Ed-Fi with a database for each school year"),
        {},
        (
            N_("The school year (“More settings”, or --set school_year=…) is needed too."),
            N_("It is the year that the school year ends in, such as 2027."),
            N_("Change it when the new school year begins: everything is read anew then."),
            _KEY,
        ),
    ),
    Preset(
        "other",
        N_("Another Ed-Fi service"),
        habits=(
            N_("Enter what its host gave you, then test the connection."),
            N_("The test tells what the service does, and what it does not do."),
        ),
    ),
)
