"""What is known to suit the services of several vendors: data, each value with its reason.

What is not known is left out: *auto* finds the version, and *Test connection* the rest.
"""

from app.connectors.contract import N_, Chosen, Preset

_OAUTH2 = Chosen("oauth2", N_("A client ID and secret are exchanged for a token."))
_SERIAL = Chosen(1, N_("Many requests at once are slowed down, or refused."))

PRESETS = (
    Preset(
        "powerschool",
        "PowerSchool",
        {
            "auth": _OAUTH2,
            "page_size": Chosen(
                1000, N_("PowerSchool caps pages; 1,000 is the size that other programs have set.")
            ),
        },
        (
            N_("The client ID and secret are shown in Plugin Management, Data Configuration."),
            N_("Set the maximum page size to 1000 there."),
            N_("The plug-in has to be enabled, or the client ID and secret are refused."),
        ),
    ),
    Preset(
        "infinite-campus",
        "Infinite Campus",
        {
            "version": Chosen(
                "1.2",
                N_("People have other IDs in 1.1 than in 1.2, so it should not change by itself."),
            ),
            "auth": Chosen("oauth2", N_("OAuth 1 has not been accepted since June 2023.")),
            "page_size": Chosen(5000, N_("Large pages are asked for; up to 50,000 rows are sent.")),
            "concurrency": Chosen(
                1,
                N_(
                    "One request at a time is asked for while schools are open, at most 5 by night."
                ),
            ),
        },
        (
            N_("The address is like https://DISTRICT/campus/api/ims/oneroster/rostering/v1p2."),
            N_("The token address (“More settings”, or --set token_url=…) is needed too."),
            N_("It is like https://DISTRICT/campus/oauth2/token?appName=APP."),
            N_("The client ID begins with eight characters of its own: copy all of it."),
            N_("Credentials end after 13 months at most."),
            N_(
                "Infinite Campus asks for whole syncs weekly, syncs of changes nightly, all "
                "off-peak."
            ),
            N_("Choose such hours under “Sync automatically” (--schedule)."),
        ),
    ),
    Preset(
        "skyward",
        "Skyward",
        habits=(
            N_(
                "The OneRoster address is shown in District Setup, Configuration, API "
                "Configuration."
            ),
            N_("The key and secret of a Secured User (button API) are the client ID and secret."),
            N_("SMS 2.0 speaks OneRoster 1.1, Qmlativ also 1.2."),
        ),
    ),
    Preset(
        "aeries",
        "Aeries",
        {
            "version": Chosen("1.1", N_("Aeries speaks OneRoster 1.1.")),
            "auth": Chosen("oauth2", N_("The Consumer ID and Secret are exchanged for a token.")),
            "resources": Chosen("off", N_("Aeries has none.")),
        },
        (
            N_("The address is like https://DISTRICT.aeries.net/aeries, with /token below it."),
            N_("Aeries asks that whole syncs run outside of school hours."),
            N_("Choose such hours under “Sync automatically” (--schedule)."),
            N_("Aeries wants its cookies back with every request, and gets them."),
            N_("Aeries takes no grades for elementary schools without a master schedule."),
            N_("Aeries deletes nothing on request."),
        ),
    ),
    Preset(
        "synergy",
        "Synergy",
        {"auth": Chosen("oauth2", N_("OAuth 1 is still there, but should not be used any more."))},
        (
            N_("Enter the token address that Synergy shows with the client ID and secret."),
            N_("What a client ID may read is switched on in Synergy, scope by scope."),
        ),
    ),
    Preset(
        "classlink",
        "ClassLink",
        {
            "auth": Chosen("oauth1", N_("A Roster Server is asked directly by signed requests.")),
            "signature": Chosen("HMAC-SHA1", N_("ClassLink knows no other signature.")),
            "page_size": Chosen(1000, N_("ClassLink advises pages of 1,000 rows.")),
            "concurrency": _SERIAL,
        },
        (
            N_(
                "Some servers speak 1.2 under an address that says v1p1: choose version 1.2 for "
                "those."
            ),
            N_("For the ClassLink proxy, choose bearer and enter the developer console’s token."),
            N_(
                "ClassLink answers 429 where too much is asked; this program then waits as it is "
                "told."
            ),
        ),
    ),
    Preset(
        "genesis",
        "Genesis",
        {
            "version": Chosen("1.1", N_("Genesis speaks OneRoster 1.1.")),
            "auth": _OAUTH2,
        },
        (N_("The address is like https://HOST/genesis, with /token below it."),),
    ),
    Preset(
        "aspen",
        "Aspen",
        {"auth": Chosen("oauth2", N_("The OAuth Access of Aspen makes a client ID and secret."))},
        (
            N_("They are made in the District view: Admin, Security, OAuth Access."),
            N_("No new grading categories are taken; make them in Aspen."),
        ),
    ),
    Preset(
        "ed-fi",
        N_("OneRoster service on an Ed-Fi ODS"),
        {
            "version": Chosen("1.2", N_("The Ed-Fi OneRoster service speaks OneRoster 1.2 alone.")),
            "auth": _OAUTH2,
            "gradebook": Chosen("off", N_("The service has rosters and no gradebook.")),
            "resources": Chosen("off", N_("The service has none.")),
            "one_person": Chosen(
                "identifier",
                N_("A person is listed once for each school, every time with the same identifier."),
            ),
            "primary_row": Chosen(
                "primary_org", N_("The row of the primary school is the one to go by.")
            ),
        },
        (
            N_(
                "The rosters are as new as the last refresh, which the host of the service "
                "schedules."
            ),
            N_("Nobody is marked as deleted: who leaves is missing from the next whole sync."),
        ),
    ),
    Preset(
        "other",
        N_("Another vendor"),
        habits=(
            N_("Enter what the vendor gave you, then test the connection."),
            N_("The test tells what the service does, and what it does not do."),
        ),
    ),
)
