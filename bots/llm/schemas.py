"""What an answer has to look like, as JSON Schema that endpoints take. Pure.

msgspec writes the schema; endpoints that hold a model to one take a part of JSON Schema only, in which every object
names all its fields and allows no other (https://platform.openai.com/docs/guides/structured-outputs). What is left
out here is checked all the same when the answer is read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

LEFT_OUT = frozenset({"default", "discriminator", "title", "minLength", "maxLength", "examples"})
MAPS = frozenset({"properties", "$defs"})  # their keys are names, not words of the schema


class Schema(Struct, frozen=True):
    """`strict`: an endpoint may promise it; a map with free keys cannot be promised."""

    name: str
    body: dict[str, Any]
    strict: bool

    @property
    def text(self) -> str:
        return msgspec.json.encode(self.body).decode()


def schema_of(kind: type[object]) -> Schema:
    """Of a Struct. Raises TypeError for a type whose JSON is no object."""
    (root,), definitions = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    name = str(root.get("$ref", "")).rpartition("/")[2]
    if definitions.get(name, {}).get("type") != "object":
        raise TypeError(f"an answer is a Struct, not {kind!r}")
    body = _closed(definitions[name])
    others = {key: _closed(value) for key, value in definitions.items() if key != name or _refers(body, name)}
    if others:
        body["$defs"] = others
    return Schema(name[:64], body, strict=not _has_free_keys([body, others]))


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: {name: _closed(each) for name, each in value.items()} if key in MAPS else _closed(value)
        for key, value in node.items()
        if key not in LEFT_OUT
    }
    if "properties" in found:
        found["required"] = list(found["properties"])
        found["additionalProperties"] = False
    return found


def _refers(node: Any, name: str) -> bool:
    if isinstance(node, dict):
        return node.get("$ref") == f"#/$defs/{name}" or any(_refers(each, name) for each in node.values())
    return isinstance(node, list) and any(_refers(each, name) for each in node)


def _has_free_keys(node: Any) -> bool:
    if isinstance(node, dict):
        free = node.get("type") == "object" and node.get("additionalProperties") is not False
        return free or any(_has_free_keys(each) for each in node.values())
    return isinstance(node, list) and any(_has_free_keys(each) for each in node)
