"""An independent check of a set of OneRoster CSV files, from the tables of the standard alone.

It shares nothing with the program: 1EdTech *OneRoster 1.1.1 CSV Tables* and *OneRoster 1.2.1 CSV
Binding*, §§ 2-4, written down once more. ``*`` stands after a column that has to have a value, the
word after ``:`` says how it looks, ``>`` which file it refers to.
"""

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

_SESSION = "gradingPeriod|semester|schoolYear|term"
_ROLES = "administrator|aide|guardian|parent|proctor|relative|student|teacher"
_MORE_ROLES = (
    f"{_ROLES}|counselor|districtAdministrator|principal|siteAdministrator|systemAdministrator"
)
_COMMON = {
    "academicSessions": f"title* type*:{_SESSION} startDate*:date endDate*:date "
    "parentSourcedId>academicSessions schoolYear*:year",
    "classes": "title* grades courseSourcedId*>courses classCode classType*:homeroom|scheduled "
    "location schoolSourcedId*>orgs termSourcedIds*>academicSessions subjects subjectCodes periods",
    "classResources": "title classSourcedId*>classes resourceSourcedId*>resources",
    "courses": "schoolYearSourcedId>academicSessions title* courseCode grades orgSourcedId*>orgs "
    "subjects subjectCodes",
    "courseResources": "title courseSourcedId*>courses resourceSourcedId*>resources",
    "enrollments": "classSourcedId*>classes schoolSourcedId*>orgs userSourcedId*>users "
    "role*:administrator|proctor|student|teacher primary:bool beginDate:date endDate:date",
    "orgs": "name* type*:department|district|local|national|school|state identifier "
    "parentSourcedId>orgs",
    "resources": "vendorResourceId* title roles importance:primary|secondary vendorId "
    "applicationId",
}
_RACES = (
    "americanIndianOrAlaskaNative:bool asian:bool blackOrAfricanAmerican:bool "
    "nativeHawaiianOrOtherPacificIslander:bool white:bool demographicRaceTwoOrMoreRaces:bool "
    "hispanicOrLatinoEthnicity:bool countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus"
)
_USER = "userIds:pairs givenName* familyName* middleName identifier email sms phone"
TABLES: Mapping[str, Mapping[str, str]] = {
    "1.1": _COMMON
    | {
        "categories": "title*",
        "demographics": f"birthDate:date sex:male|female {_RACES}",
        "lineItems": "title* description assignDate*:date dueDate*:date classSourcedId*>classes "
        "categorySourcedId*>categories gradingPeriodSourcedId*>academicSessions "
        "resultValueMin*:number resultValueMax*:number",
        "results": "lineItemSourcedId*>lineItems studentSourcedId*>users "
        "scoreStatus*:exempt|fully+graded|not+submitted|partially+graded|submitted score*:number "
        "scoreDate*:date comment",
        "users": f"enabledUser*:bool orgSourcedIds*>orgs role*:{_ROLES} username* {_USER} "
        "agentSourcedIds>users grades password",
    },
    "1.2": _COMMON
    | {
        "categories": "title* weight:number",
        "demographics": f"birthDate:date sex:male|female|unspecified|other {_RACES}",
        "lineItemLearningObjectiveIds": "lineItemSourcedId*>lineItems source* learningObjectiveId*",
        "lineItems": "title* description assignDate*:date dueDate*:date classSourcedId*>classes "
        "categorySourcedId*>categories academicSessionSourcedId*>academicSessions "
        "resultValueMin:number resultValueMax:number schoolSourcedId*>orgs",
        "lineItemScoreScales": "title lineItemSourcedId*>lineItems "
        "scoreScaleSourcedId*>scoreScales",
        "resultLearningObjectiveIds": "resultSourcedId*>results source* learningObjectiveId* "
        "score:number textScore",
        "results": "lineItemSourcedId*>lineItems studentSourcedId*>users "
        "scoreStatus*:exempt|fully+graded|not+submitted|partially+graded|submitted score:number "
        "scoreDate*:date comment textScore classSourcedId>classes inProgress:bool incomplete:bool "
        "late:bool missing:bool",
        "resultScoreScales": "title resultSourcedId*>results scoreScaleSourcedId*>scoreScales",
        "roles": f"userSourcedId*>users roleType*:primary|secondary role*:{_MORE_ROLES} "
        "beginDate:date endDate:date orgSourcedId*>orgs userProfileSourcedId>userProfiles",
        "scoreScales": "title* type* orgSourcedId*>orgs courseSourcedId*>courses "
        "classSourcedId*>classes scoreScaleValue*:pairs",
        "userProfiles": "userSourcedId*>users profileType* vendorId* applicationId description "
        "credentialType* username* password",
        "userResources": "userSourcedId*>users orgSourcedId>orgs classSourcedId>classes "
        "resourceSourcedId*>resources",
        "users": f"enabledUser*:bool username* {_USER} agentSourcedIds>users grades password "
        "userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName "
        "primaryOrgSourcedId>orgs pronouns",
    },
}
_LOOKS = {
    "date": r"\d{4}-\d\d-\d\d",
    "year": r"\d{4}",
    "bool": "true|false",
    "number": r"-?\d+(\.\d+)?",
    "pairs": r"\{[^{}:]+:[^{}]+\}(,\{[^{}:]+:[^{}]+\})*",
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_COLUMN = re.compile(r"(\w+)(\*?)(?:([:>])(.+))?")


def read(path: Path) -> dict[str, list[list[str]]]:
    """The rows of every file of a set, the heading first, by the file's name."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            bodies = {name: archive.read(name) for name in archive.namelist()}
    else:
        bodies = {one.name: one.read_bytes() for one in path.iterdir() if one.suffix == ".csv"}
    return {
        name.removesuffix(".csv"): list(csv.reader(io.StringIO(body.decode("utf-8"), newline="")))
        for name, body in bodies.items()
    }


def complaints(path: Path) -> list[str]:
    """What is not as the standard has it, a line each."""
    files = read(path)
    heading, *told = files.pop("manifest")
    found = [] if heading == ["propertyName", "value"] else [f"manifest: {heading}"]
    said = dict(told)
    tables = TABLES[said["oneroster.version"]]
    if said["manifest.version"] != "1.0":
        found.append("manifest: manifest.version")
    kinds = {name: said.pop(f"file.{name}", "not told") for name in tables}
    found += [f"manifest: {name}" for name in said if name.startswith("file.")]
    for name, kind in kinds.items():
        if kind not in ("bulk", "delta", "absent") or (kind == "absent") is (name in files):
            found.append(f"manifest: file.{name} is {kind}")
    found += [f"{name}: no file of the standard" for name in files.keys() - tables.keys()]
    keys = {name: {row[0] for row in rows[1:]} for name, rows in files.items()}
    for name, rows in files.items():
        if name in tables:
            found += _in_file(name, rows, tables[name], kinds, keys)
    return found


def _in_file(
    name: str,
    rows: list[list[str]],
    table: str,
    kinds: Mapping[str, str],
    keys: Mapping[str, set[str]],
) -> list[str]:
    columns = [_COLUMN.fullmatch(word) for word in table.split()]
    names = [column[1] for column in columns if column]
    if rows[0] != ["sourcedId", "status", "dateLastModified", *names]:
        return [f"{name}: heading {rows[0]}"]
    found = []
    if len(keys[name]) != len(rows) - 1:
        found.append(f"{name}: a key stands twice")
    bulk = kinds[name] == "bulk"
    for line, (key, status, modified, *cells) in enumerate(rows[1:], 2):
        where = f"{name}:{line}"
        if not key or len(key) > 255:
            found.append(f"{where}: sourcedId")
        if bulk and (status or modified):
            found.append(f"{where}: status or date in a bulk file")
        if not bulk and (status not in ("active", "tobedeleted") or not _STAMP.fullmatch(modified)):
            found.append(f"{where}: {status} {modified}")
        for column, cell in zip(columns, cells, strict=True):
            assert column is not None
            if status != "tobedeleted" and not _fits(column, cell, bulk, keys):
                found.append(f"{where}: {column[1]} {cell!r}")
    return found


def _fits(column: re.Match[str], cell: str, bulk: bool, keys: Mapping[str, set[str]]) -> bool:
    _, required, how, what = column.groups()
    if not cell:
        return not required
    if how == ">":
        # Of a delta the rest is where the files before it went.
        return not bulk or all(part in keys.get(what, ()) for part in next(csv.reader([cell])))
    if how == ":":
        return re.fullmatch(_LOOKS.get(what, what.replace("+", " ")), cell) is not None
    return True
