"""What endpoints are told about the form of an answer is in the part of JSON Schema that they take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from bots.llm.schemas import schema_of
from tests.bots.llm.rig import Fact


class Name(Struct, frozen=True, tag="name"):
    title: str
    default: str = "x"


class Number(Struct, frozen=True, tag="number"):
    n: Annotated[int, Meta(ge=0, le=5)] = 0


class Tree(Struct, frozen=True):
    label: Annotated[str, Meta(min_length=1, max_length=20)]
    branches: tuple[Tree, ...] = ()
    what: Name | Number | None = None
    mood: Literal["yes", "no"] = "yes"


class Loose(Struct, frozen=True):
    by_name: dict[str, int]


def objects(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for each in node for found in objects(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == "object" else []
    return own + [found for each in node.values() for found in objects(each)]


@pytest.mark.parametrize("kind", [Fact, Tree, Name])
def test_every_object_names_all_its_fields_and_allows_no_other(kind: type[Struct]) -> None:
    schema = schema_of(kind)
    assert schema.strict
    assert schema.body["type"] == "object"
    assert objects(schema.body)
    for each in objects(schema.body):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


def test_a_field_may_be_called_like_a_word_of_the_schema() -> None:
    assert set(schema_of(Name).body["properties"]) == {"type", "title", "default"}


def test_what_endpoints_do_not_take_is_left_out() -> None:
    text = schema_of(Tree).text
    for word in ('"default":"yes"', "minLength", "maxLength", "discriminator", '"title":"Tree"'):
        assert word not in text
    assert '"enum":["no","yes"]' in text


def test_what_refers_to_itself_keeps_its_definition() -> None:
    body = schema_of(Tree).body
    assert body["properties"]["branches"]["items"] == {"$ref": "#/$defs/Tree"}
    assert {"Tree", "Name", "Number"} <= set(body["$defs"])
    assert "$defs" not in schema_of(Fact).body


def test_free_keys_cannot_be_promised() -> None:
    assert not schema_of(Loose).strict


@pytest.mark.parametrize("kind", [int, list[int], dict[str, int]])
def test_an_answer_is_a_struct(kind: type[object]) -> None:
    with pytest.raises(TypeError):
        schema_of(kind)


def test_what_the_schema_asks_for_is_what_is_read() -> None:
    """An answer with every field that was asked for decodes."""
    full = {"label": "a", "branches": [], "what": {"type": "number", "n": 3}, "mood": "no"}
    assert set(full) == set(schema_of(Tree).body["required"])
    assert msgspec.json.decode(msgspec.json.encode(full), type=Tree) == Tree("a", (), Number(3), "no")
