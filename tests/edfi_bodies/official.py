"""The official documents of the resources and descriptors: what a body and a query may hold."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

DOCUMENT, DESCRIPTORS = "resources-ds-5.0.yaml", "descriptor-api-5.0.yaml"
_REFERENCE, _DEFINITION = "#/components/schemas/", "#/$defs/"
_MADE_THERE = ("id", "_etag", "_lastModifiedDate", "link")
"""What the server makes and no body may hold, though the document has it for the answers."""

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date", ValueError)
def _date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_FORMATS.checks("date-time", ValueError)
def _date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Official:
    """The documents of the Data Standard 5.0 in a folder."""

    def __init__(self, folder: Path) -> None:
        document = _read(folder / DOCUMENT)
        others = _read(folder / DESCRIPTORS)
        self._paths: Mapping[str, Any] = {**others["paths"], **document["paths"]}
        self._parameters: Mapping[str, Any] = {
            **others["components"]["parameters"],
            **document["components"]["parameters"],
        }
        text = json.dumps(document["components"]["schemas"], default=str)
        schemas: dict[str, Any] = json.loads(text.replace(_REFERENCE, _DEFINITION))
        self._schemas = {name: _strict(schema) for name, schema in schemas.items()}
        self._validator = lru_cache(maxsize=64)(self._validator_of)

    def body_faults(self, method: str, path: str, body: bytes) -> list[str]:
        """What is wrong with the body of a write; an operation that is not there is wrong."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"there is no {method} {path}"]
        if method == "DELETE":
            return ["a deletion has a body"] if body else []
        (content,) = operation["requestBody"]["content"].values()
        name = content["schema"]["$ref"].removeprefix(_REFERENCE)
        found = self._validator(name).iter_errors(json.loads(body))
        return [f"{error.json_path}: {error.message}" for error in found]

    def query_faults(self, path: str, names: set[str]) -> list[str]:
        """The parameters of a read that the document does not have."""
        operation = self._operation("GET", path)
        if operation is None:
            return [f"there is no GET {path}"]
        known = {self._parameter(one) for one in operation["parameters"]}
        return [f"there is no parameter {name}" for name in sorted(names - known)]

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._paths.get(path, {}).get(method.lower())
        return found

    def _parameter(self, told: Mapping[str, Any]) -> str:
        if "$ref" in told:
            told = self._parameters[told["$ref"].rpartition("/")[2]]
        return str(told["name"])

    def _validator_of(self, name: str) -> Draft202012Validator:
        whole = {"$ref": f"{_DEFINITION}{name}", "$defs": self._schemas}
        return Draft202012Validator(whole, format_checker=_FORMATS)


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.load(file, loader)  # noqa: S506  either loader is a safe one
    return found


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema by which a member that it does not have is a fault; extensions are none."""
    found = dict(schema)
    properties = found.get("properties")
    if properties is not None:
        told = {name: _strict(one) for name, one in properties.items() if name not in _MADE_THERE}
        found |= {"properties": {**told, "_ext": {}}, "additionalProperties": False}
    if found.pop("x-nullable", False) and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found
