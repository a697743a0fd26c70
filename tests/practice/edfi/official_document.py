"""The official OpenAPI documents of the Ed-Fi Data Standard 5.0: whether a document is valid.

They may not be copied here; the tests that need them are skipped where they are not at hand, and
where there is no reader of YAML.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4] / "shared" / "spec" / "edfi"
_RESOURCES, _DESCRIPTORS = "resources-ds-5.0.yaml", "descriptor-api-5.0.yaml"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TYPES: dict[str, Any] = {"boolean": bool, "integer": int, "number": (int, float), "string": str}


def require_documents() -> None:
    """Skips the test where the documents cannot be read."""
    if not FOLDER.is_dir():
        pytest.skip("the official documents are not beside the checkout")
    pytest.importorskip("yaml")


@lru_cache(maxsize=2)
def _read(name: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (FOLDER / name).open(encoding="utf-8") as file:
        read: dict[str, Any] = yaml.load(file, loader)  # noqa: S506  either loader is a safe one
    return read


def _document(resource: str) -> dict[str, Any]:
    return _read(_DESCRIPTORS if resource.endswith("Descriptors") else _RESOURCES)


def paths() -> set[str]:
    """Every path of the resources document, such as `/ed-fi/students/{id}`."""
    return set(_read(_RESOURCES)["paths"])


def schema_of(resource: str) -> str:
    """The name of the type that a resource has, such as `edFi_student`."""
    post = _document(resource)["paths"][f"/ed-fi/{resource}"]["post"]
    [content] = post["requestBody"]["content"].values()
    return _named(content["schema"]["$ref"])


def schema(resource: str) -> dict[str, Any]:
    """The type of a resource, as the document has it."""
    found: dict[str, Any] = _document(resource)["components"]["schemas"][schema_of(resource)]
    return found


def parameters(resource: str) -> set[str]:
    """What a list of the resource may be asked for, paging included."""
    document = _document(resource)
    shared = document["components"]["parameters"]
    told = document["paths"][f"/ed-fi/{resource}"]["get"]["parameters"]
    return {shared[_named(one["$ref"])]["name"] if "$ref" in one else one["name"] for one in told}


def is_updatable(resource: str) -> bool:
    """Whether a PUT may change the natural key."""
    put = _document(resource)["paths"][f"/ed-fi/{resource}/{{id}}"]["put"]
    return bool(put.get("x-Ed-Fi-isUpdatable"))


def faults(document: Any, resource: str) -> list[str]:
    """What keeps a document from being a valid one of this resource.

    Required members, no members that the document does not have, types, lengths and bounds; in all
    the parts of it too.
    """
    schemas = _document(resource)["components"]["schemas"]
    return list(_faults(document, {"$ref": f"#/{schema_of(resource)}"}, schemas, resource))


def _faults(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = schemas[_named(schema["$ref"])]
    if value is None:
        if not (schema.get("x-nullable") or schema.get("nullable")):
            yield f"{at} is null"
        return
    kind = schema.get("type", "object")
    if kind == "object":
        yield from _object_faults(value, schema, schemas, at)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, each in enumerate(value):
            yield from _faults(each, schema["items"], schemas, f"{at}[{number}]")
    else:
        yield from _plain_faults(value, schema, at)


def _object_faults(
    value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str
) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is no object"
        return
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, each in value.items():
        if name in known:
            yield from _faults(each, known[name], schemas, f"{at}.{name}")
        else:
            yield f"{at}.{name} is not in the document"


def _plain_faults(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{at} is {value!r}, no {kind}"
        return
    if len(str(value)) > schema.get("maxLength", 10_000) and kind == "string":
        yield f"{at} is longer than {schema['maxLength']}"
    if kind in ("integer", "number") and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        yield f"{at} is {value}"
    form = schema.get("format")
    if form == "int32" and abs(value) >= 2**31:
        yield f"{at} is too large"
    if form == "date" and not _DATE.fullmatch(value):
        yield f"{at} is no date: {value}"
    if form == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{at} is no moment: {value}"


def _named(reference: str) -> str:
    return reference.rsplit("/", 1)[1]
