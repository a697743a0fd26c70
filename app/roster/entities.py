"""The canonical record types, declared once (DESIGN §3); everything else is derived from here.

Names are the snake_case of OneRoster 1.2 (1EdTech, *OneRoster 1.2 Rostering, Gradebook and
Resources Service Information Models*). A reference holds a record id; a list that has parts of its
own holds keyed elements. Passwords and credentials are deliberately not part of the roster, and
children are told by the ``parent`` of each child alone.
"""

from typing import Annotated, TypeAlias

from app.roster.schema import (
    About,
    Element,
    Entity,
    EntityType,
    Field,
    Privacy,
    elements,
    fingerprint,
    read_entity,
)
from app.roster.values import (
    TEXT,
    Boolean,
    Choice,
    Date,
    Folded,
    Instant,
    Number,
    Phone,
    Reference,
    SetOf,
)
from app.text import N_

Str: TypeAlias = str | None
Bool: TypeAlias = bool | None
Num: TypeAlias = float | None
Ref: TypeAlias = int | None
Refs: TypeAlias = tuple[int, ...] | None
Words: TypeAlias = tuple[str, ...] | None

ROLE = Choice(
    (
        "administrator",
        "aide",
        "counselor",
        "districtAdministrator",
        "guardian",
        "parent",
        "principal",
        "proctor",
        "relative",
        "siteAdministrator",
        "student",
        "systemAdministrator",
        "teacher",
    )
)
CLASS_TYPE = Choice(("homeroom", "scheduled"))
GRADES = (
    *("IT", "PR", "PK", "TK", "KG"),
    *(f"{number:02}" for number in range(1, 14)),
    *("PS", "UG", "Other"),
)
"""The codes of CEDS, by which OneRoster tells grades."""
IMPORTANCE = Choice(("primary", "secondary"))
SCORE_STATUS = Choice(("exempt", "fully graded", "not submitted", "partially graded", "submitted"))
ORG = Reference("orgs")
SESSION = Reference("academic_sessions")
COURSE = Reference("courses")
CLASS = Reference("classes")
USER = Reference("users")
LINE_ITEM = Reference("line_items")
SCORE_SCALE = Reference("score_scales")
WORDS = SetOf(TEXT)
RESOURCES = SetOf(Reference("resources"))


class Org(Entity, frozen=True, kw_only=True):
    """A district, school or department."""

    about = About(
        "orgs", N_("School or organization"), N_("Schools and organizations"), ("name",), ("id",)
    )

    name: Annotated[
        Str, Field(N_("Name"), TEXT, required=True, example="Lincoln Middle School")
    ] = None
    type: Annotated[
        Str,
        Field(
            N_("Type"),
            Choice(("department", "district", "local", "national", "school", "state")),
            covers=True,
            example="school",
        ),
    ] = None
    identifier: Annotated[Str, Field(N_("Identifier"), TEXT, example="0142")] = None
    parent: Annotated[Ref, Field(N_("Part of"), ORG)] = None


class AcademicSession(Entity, frozen=True, kw_only=True):
    """A school year, semester, term or grading period."""

    about = About("academic_sessions", N_("Academic session"), N_("Academic sessions"), ("title",))

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True, example="Fall 2026")] = None
    start_date: Annotated[
        Str, Field(N_("First day"), Date(), group="dates", example="2026-08-17")
    ] = None
    end_date: Annotated[Str, Field(N_("Last day"), Date(), group="dates", example="2026-12-18")] = (
        None
    )
    type: Annotated[
        Str,
        Field(
            N_("Type"),
            Choice(("gradingPeriod", "semester", "schoolYear", "term")),
            covers=True,
            example="term",
        ),
    ] = None
    parent: Annotated[Ref, Field(N_("Part of"), SESSION)] = None
    school_year: Annotated[Str, Field(N_("School year"), TEXT, covers=True, example="2027")] = None


class Course(Entity, frozen=True, kw_only=True):
    """A course of study that classes are taught from."""

    about = About("courses", N_("Course"), N_("Courses"), ("title",), ("org",))

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True, example="Algebra I")] = None
    school_year: Annotated[Ref, Field(N_("School year"), SESSION, covers=True)] = None
    course_code: Annotated[Str, Field(N_("Course code"), TEXT, example="MA-101")] = None
    grades: Annotated[Words, Field(N_("Grades"), WORDS, example="09")] = None
    subjects: Annotated[Words, Field(N_("Subjects"), WORDS, example="Mathematics")] = None
    org: Annotated[Ref, Field(N_("School"), ORG, covers=True)] = None
    subject_codes: Annotated[Words, Field(N_("Subject codes"), WORDS)] = None
    resources: Annotated[Refs, Field(N_("Resources"), RESOURCES)] = None


class Class(Entity, frozen=True, kw_only=True):
    """A group of students taught together, in one or more terms."""

    about = About("classes", N_("Class"), N_("Classes"), ("title",), ("school",))

    title: Annotated[
        Str, Field(N_("Title"), TEXT, required=True, example="Algebra I, period 3")
    ] = None
    class_code: Annotated[Str, Field(N_("Class code"), TEXT, example="MA-101-03")] = None
    class_type: Annotated[Str, Field(N_("Class type"), CLASS_TYPE, example="scheduled")] = None
    location: Annotated[Str, Field(N_("Location"), TEXT, example="B 204")] = None
    grades: Annotated[Words, Field(N_("Grades"), WORDS, example="09")] = None
    subjects: Annotated[Words, Field(N_("Subjects"), WORDS, example="Mathematics")] = None
    course: Annotated[Ref, Field(N_("Course"), COURSE)] = None
    school: Annotated[Ref, Field(N_("School"), ORG, covers=True)] = None
    terms: Annotated[Refs, Field(N_("Terms"), SetOf(SESSION), covers=True)] = None
    subject_codes: Annotated[Words, Field(N_("Subject codes"), WORDS)] = None
    periods: Annotated[Words, Field(N_("Periods"), WORDS, example="3")] = None
    resources: Annotated[Refs, Field(N_("Resources"), RESOURCES)] = None


class UserId(Element, frozen=True, kw_only=True):
    """An identifier that some other system gave the person."""

    key = ("type", "identifier")

    type: Annotated[Str, Field(N_("Kind of identifier"), TEXT, example="State ID")] = None
    identifier: Annotated[Str, Field(N_("Identifier"), TEXT, privacy=Privacy.IDENTIFIER)] = None


class Role(Element, frozen=True, kw_only=True):
    """What a person is in one organization."""

    key = ("role", "org")

    role: Annotated[Str, Field(N_("Role"), ROLE, example="student")] = None
    org: Annotated[Ref, Field(N_("School"), ORG)] = None
    role_type: Annotated[Str, Field(N_("Primary or secondary"), IMPORTANCE)] = None
    begin_date: Annotated[Str, Field(N_("From"), Date())] = None
    end_date: Annotated[Str, Field(N_("Until"), Date())] = None


class Agent(Element, frozen=True, kw_only=True):
    """Another person who acts for this one, or for whom this one acts (a guardian, a student).

    The relation is no part of the key: many a SIS tells who, and not as what.
    """

    key = ("user",)

    user: Annotated[Ref, Field(N_("Person"), USER)] = None
    relation: Annotated[Str, Field(N_("Relation"), TEXT, example="mother")] = None


class User(Entity, frozen=True, kw_only=True):
    """A person: student, teacher, other staff, guardian."""

    about = About(
        "users", N_("Person"), N_("People"), ("given_name", "family_name"), ("roles.org",)
    )

    given_name: Annotated[
        Str, Field(N_("Given name"), TEXT, privacy=Privacy.NAME, required=True, example="Zoë")
    ] = None
    middle_name: Annotated[Str, Field(N_("Middle name"), TEXT, privacy=Privacy.NAME)] = None
    family_name: Annotated[
        Str, Field(N_("Family name"), TEXT, privacy=Privacy.NAME, required=True, example="Núñez")
    ] = None
    preferred_first_name: Annotated[
        Str, Field(N_("Preferred first name"), TEXT, privacy=Privacy.NAME)
    ] = None
    preferred_middle_name: Annotated[
        Str, Field(N_("Preferred middle name"), TEXT, privacy=Privacy.NAME)
    ] = None
    preferred_last_name: Annotated[
        Str, Field(N_("Preferred last name"), TEXT, privacy=Privacy.NAME)
    ] = None
    pronouns: Annotated[Str, Field(N_("Pronouns"), TEXT, privacy=Privacy.SENSITIVE)] = None
    username: Annotated[Str, Field(N_("Username"), TEXT, privacy=Privacy.IDENTIFIER)] = None
    enabled_user: Annotated[Bool, Field(N_("Enabled"), Boolean())] = None
    identifier: Annotated[
        Str, Field(N_("Local ID"), TEXT, privacy=Privacy.IDENTIFIER, identifies=True)
    ] = None
    user_master_identifier: Annotated[
        Str, Field(N_("Master ID"), TEXT, privacy=Privacy.IDENTIFIER, identifies=True)
    ] = None
    user_ids: Annotated[
        tuple[UserId, ...] | None,
        Field(
            N_("Other IDs"),
            elements(UserId),
            privacy=Privacy.IDENTIFIER,
            identifies=True,
            example='[{"type": "State ID", "identifier": "4711"}]',
        ),
    ] = None
    email: Annotated[
        Str, Field(N_("Email"), Folded(), privacy=Privacy.CONTACT, example="zoe@district.example")
    ] = None
    sms: Annotated[Str, Field(N_("Text messages"), Phone(), privacy=Privacy.CONTACT)] = None
    phone: Annotated[Str, Field(N_("Phone"), Phone(), privacy=Privacy.CONTACT)] = None
    primary_org: Annotated[Ref, Field(N_("Primary school"), ORG)] = None
    roles: Annotated[
        tuple[Role, ...] | None,
        Field(
            N_("Roles"),
            elements(Role),
            covers=True,
            example='[{"role": "teacher", "org": 12}]',
        ),
    ] = None
    grades: Annotated[Words, Field(N_("Grades"), WORDS, example="09")] = None
    agents: Annotated[
        tuple[Agent, ...] | None,
        Field(
            N_("Related people"),
            elements(Agent),
            example='[{"user": 12, "relation": "mother"}]',
        ),
    ] = None
    resources: Annotated[Refs, Field(N_("Resources"), RESOURCES)] = None


def _sensitive(label: str) -> Field:
    return Field(label, Boolean(), privacy=Privacy.SENSITIVE)


class Demographics(Entity, frozen=True, kw_only=True):
    """Demographic facts about one person; read only where switched on."""

    about = About("demographics", N_("Demographics"), N_("Demographics"), ("user",), ("user",))

    user: Annotated[Ref, Field(N_("Person"), USER, required=True)] = None
    birth_date: Annotated[Str, Field(N_("Birth date"), Date(), privacy=Privacy.SENSITIVE)] = None
    sex: Annotated[
        Str,
        Field(
            N_("Sex"),
            Choice(("male", "female", "unspecified", "other")),
            privacy=Privacy.SENSITIVE,
        ),
    ] = None
    american_indian_or_alaska_native: Annotated[
        Bool, _sensitive(N_("American Indian or Alaska Native"))
    ] = None
    asian: Annotated[Bool, _sensitive(N_("Asian"))] = None
    black_or_african_american: Annotated[Bool, _sensitive(N_("Black or African American"))] = None
    native_hawaiian_or_other_pacific_islander: Annotated[
        Bool, _sensitive(N_("Native Hawaiian or other Pacific Islander"))
    ] = None
    white: Annotated[Bool, _sensitive(N_("White"))] = None
    demographic_race_two_or_more_races: Annotated[Bool, _sensitive(N_("Two or more races"))] = None
    hispanic_or_latino_ethnicity: Annotated[
        Bool, _sensitive(N_("Hispanic or Latino ethnicity"))
    ] = None
    country_of_birth_code: Annotated[
        Str, Field(N_("Country of birth"), TEXT, privacy=Privacy.SENSITIVE)
    ] = None
    state_of_birth_abbreviation: Annotated[
        Str, Field(N_("State of birth"), TEXT, privacy=Privacy.SENSITIVE)
    ] = None
    city_of_birth: Annotated[Str, Field(N_("City of birth"), TEXT, privacy=Privacy.SENSITIVE)] = (
        None
    )
    public_school_residence_status: Annotated[
        Str, Field(N_("Public school residence status"), TEXT, privacy=Privacy.SENSITIVE)
    ] = None


class Enrollment(Entity, frozen=True, kw_only=True):
    """A person's place in a class, as student or teacher."""

    about = About(
        "enrollments", N_("Enrollment"), N_("Enrollments"), ("user", "class"), ("school",)
    )

    user: Annotated[Ref, Field(N_("Person"), USER, required=True)] = None
    class_: Annotated[Ref, Field(N_("Class"), CLASS, required=True)] = None
    school: Annotated[Ref, Field(N_("School"), ORG, covers=True)] = None
    role: Annotated[Str, Field(N_("Role"), ROLE, covers=True, example="student")] = None
    primary: Annotated[Bool, Field(N_("Primary teacher"), Boolean())] = None
    begin_date: Annotated[Str, Field(N_("From"), Date(), group="dates")] = None
    end_date: Annotated[Str, Field(N_("Until"), Date(), group="dates")] = None


class Category(Entity, frozen=True, kw_only=True):
    """A kind of graded work."""

    about = About("categories", N_("Category"), N_("Categories"), ("title",))

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True, example="Homework")] = None
    weight: Annotated[Num, Field(N_("Weight"), Number())] = None


class ScoreScaleValue(Element, frozen=True, kw_only=True):
    """One step of a score scale: what the left side reads as."""

    key = ("item_value_lhs",)

    item_value_lhs: Annotated[Str, Field(N_("Value"), TEXT, example="A")] = None
    item_value_rhs: Annotated[Str, Field(N_("Means"), TEXT, example="90-100")] = None


class ScoreScale(Entity, frozen=True, kw_only=True):
    """How scores read in a class."""

    about = About("score_scales", N_("Score scale"), N_("Score scales"), ("title",), ("class",))

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True)] = None
    type: Annotated[Str, Field(N_("Type"), TEXT)] = None
    course: Annotated[Ref, Field(N_("Course"), COURSE)] = None
    class_: Annotated[Ref, Field(N_("Class"), CLASS)] = None
    score_scale_value: Annotated[
        tuple[ScoreScaleValue, ...] | None, Field(N_("Values"), elements(ScoreScaleValue))
    ] = None


class LearningObjectives(Element, frozen=True, kw_only=True):
    """A learning objective that work is meant for."""

    key = ("source", "learning_objective_id")

    source: Annotated[Str, Field(N_("Source"), TEXT, example="case")] = None
    learning_objective_id: Annotated[Str, Field(N_("Learning objective"), TEXT)] = None


class LearningObjectiveResult(Element, frozen=True, kw_only=True):
    """How far a learning objective was met."""

    key = ("source", "learning_objective_id")

    source: Annotated[Str, Field(N_("Source"), TEXT, example="case")] = None
    learning_objective_id: Annotated[Str, Field(N_("Learning objective"), TEXT)] = None
    score: Annotated[Num, Field(N_("Score"), Number())] = None
    text_score: Annotated[Str, Field(N_("Score in words"), TEXT)] = None


class LineItem(Entity, frozen=True, kw_only=True):
    """A piece of graded work in a class."""

    about = About("line_items", N_("Line item"), N_("Line items"), ("title",), ("school",))

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True, example="Quiz 3")] = None
    description: Annotated[Str, Field(N_("Description"), TEXT)] = None
    assign_date: Annotated[Str, Field(N_("Assigned"), Instant(), group="dates")] = None
    due_date: Annotated[Str, Field(N_("Due"), Instant(), group="dates")] = None
    class_: Annotated[Ref, Field(N_("Class"), CLASS)] = None
    school: Annotated[Ref, Field(N_("School"), ORG, covers=True)] = None
    category: Annotated[Ref, Field(N_("Category"), Reference("categories"))] = None
    grading_period: Annotated[Ref, Field(N_("Grading period"), SESSION, covers=True)] = None
    academic_session: Annotated[Ref, Field(N_("Term"), SESSION, covers=True)] = None
    score_scale: Annotated[Ref, Field(N_("Score scale"), SCORE_SCALE)] = None
    result_value_min: Annotated[Num, Field(N_("Lowest score"), Number(), group="range")] = None
    result_value_max: Annotated[Num, Field(N_("Highest score"), Number(), group="range")] = None
    learning_objectives: Annotated[
        tuple[LearningObjectives, ...] | None,
        Field(N_("Learning objectives"), elements(LearningObjectives)),
    ] = None


class Result(Entity, frozen=True, kw_only=True):
    """A student's score for a line item."""

    about = About("results", N_("Result"), N_("Results"), ("line_item", "student"), ("line_item",))

    line_item: Annotated[Ref, Field(N_("Line item"), LINE_ITEM, required=True)] = None
    student: Annotated[Ref, Field(N_("Student"), USER, required=True)] = None
    class_: Annotated[Ref, Field(N_("Class"), CLASS)] = None
    score_scale: Annotated[Ref, Field(N_("Score scale"), SCORE_SCALE)] = None
    score_status: Annotated[Str, Field(N_("Status"), SCORE_STATUS, group="score")] = None
    score: Annotated[
        Num, Field(N_("Score"), Number(), group="score", privacy=Privacy.SENSITIVE)
    ] = None
    text_score: Annotated[
        Str, Field(N_("Score in words"), TEXT, group="score", privacy=Privacy.SENSITIVE)
    ] = None
    score_date: Annotated[Str, Field(N_("Date"), Date())] = None
    comment: Annotated[Str, Field(N_("Comment"), TEXT, privacy=Privacy.SENSITIVE)] = None
    learning_objectives: Annotated[
        tuple[LearningObjectiveResult, ...] | None,
        Field(N_("Learning objectives"), elements(LearningObjectiveResult)),
    ] = None
    in_progress: Annotated[Bool, Field(N_("In progress"), Boolean())] = None
    incomplete: Annotated[Bool, Field(N_("Incomplete"), Boolean())] = None
    late: Annotated[Bool, Field(N_("Handed in late"), Boolean())] = None
    missing: Annotated[Bool, Field(N_("Missing"), Boolean())] = None


class Resource(Entity, frozen=True, kw_only=True):
    """Something to learn with, offered by a vendor."""

    about = About("resources", N_("Resource"), N_("Resources"), ("title",))

    title: Annotated[Str, Field(N_("Title"), TEXT)] = None
    roles: Annotated[Words, Field(N_("Roles"), SetOf(ROLE))] = None
    importance: Annotated[Str, Field(N_("Importance"), IMPORTANCE)] = None
    vendor_resource_id: Annotated[Str, Field(N_("Vendor's ID of the resource"), TEXT)] = None
    vendor_id: Annotated[Str, Field(N_("Vendor's ID"), TEXT)] = None
    application_id: Annotated[Str, Field(N_("Application's ID"), TEXT)] = None


class AssessmentLineItem(Entity, frozen=True, kw_only=True):
    """An assessment that results are reported for."""

    about = About(
        "assessment_line_items",
        N_("Assessment"),
        N_("Assessments"),
        ("title",),
        ("class",),
    )

    title: Annotated[Str, Field(N_("Title"), TEXT, required=True)] = None
    description: Annotated[Str, Field(N_("Description"), TEXT)] = None
    class_: Annotated[Ref, Field(N_("Class"), CLASS)] = None
    parent_assessment_line_item: Annotated[
        Ref, Field(N_("Part of"), Reference("assessment_line_items"))
    ] = None
    score_scale: Annotated[Ref, Field(N_("Score scale"), SCORE_SCALE)] = None
    result_value_min: Annotated[Num, Field(N_("Lowest score"), Number(), group="range")] = None
    result_value_max: Annotated[Num, Field(N_("Highest score"), Number(), group="range")] = None
    learning_objectives: Annotated[
        tuple[LearningObjectives, ...] | None,
        Field(N_("Learning objectives"), elements(LearningObjectives)),
    ] = None


class AssessmentResult(Entity, frozen=True, kw_only=True):
    """A student's result in an assessment."""

    about = About(
        "assessment_results",
        N_("Assessment result"),
        N_("Assessment results"),
        ("assessment_line_item", "student"),
        ("assessment_line_item",),
    )

    assessment_line_item: Annotated[
        Ref, Field(N_("Assessment"), Reference("assessment_line_items"), required=True)
    ] = None
    student: Annotated[Ref, Field(N_("Student"), USER, required=True)] = None
    score_scale: Annotated[Ref, Field(N_("Score scale"), SCORE_SCALE)] = None
    score_status: Annotated[Str, Field(N_("Status"), SCORE_STATUS, group="score")] = None
    score: Annotated[
        Num, Field(N_("Score"), Number(), group="score", privacy=Privacy.SENSITIVE)
    ] = None
    text_score: Annotated[
        Str, Field(N_("Score in words"), TEXT, group="score", privacy=Privacy.SENSITIVE)
    ] = None
    score_percentile: Annotated[
        Num, Field(N_("Percentile"), Number(), group="score", privacy=Privacy.SENSITIVE)
    ] = None
    score_date: Annotated[Str, Field(N_("Date"), Date())] = None
    comment: Annotated[Str, Field(N_("Comment"), TEXT, privacy=Privacy.SENSITIVE)] = None
    learning_objectives: Annotated[
        tuple[LearningObjectiveResult, ...] | None,
        Field(N_("Learning objectives"), elements(LearningObjectiveResult)),
    ] = None
    in_progress: Annotated[Bool, Field(N_("In progress"), Boolean())] = None
    incomplete: Annotated[Bool, Field(N_("Incomplete"), Boolean())] = None
    late: Annotated[Bool, Field(N_("Handed in late"), Boolean())] = None
    missing: Annotated[Bool, Field(N_("Missing"), Boolean())] = None


STRUCTS: tuple[type[Entity], ...] = (
    Org,
    AcademicSession,
    Course,
    Class,
    User,
    Demographics,
    Enrollment,
    Category,
    ScoreScale,
    LineItem,
    Result,
    Resource,
    AssessmentLineItem,
    AssessmentResult,
)
ENTITIES: dict[str, EntityType] = {of.about.name: read_entity(of) for of in STRUCTS}
"""Every entity by name, in the order in which streams are read (those referred to first)."""

FINGERPRINT = fingerprint(ENTITIES)
