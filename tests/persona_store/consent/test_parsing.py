"""A record has one meaning and limits, or it is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.consent.parsing import parse
from persona_store.errors import Refused


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as refused:
        parse(raw)
    assert refused.value.code == "CONSENT_SCHEMA"
    assert "\n" not in str(refused.value)
    return refused.value.what


def changed(record: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(record)
    change(value)
    return json.dumps(value).encode()


def test_a_good_record_is_read_whole(record: bytes) -> None:
    consent = parse(record)
    assert consent.owner.id == "slack:U1"
    assert consent.facets.work_knowledge
    assert not consent.facets.name_avatar
    assert consent.effective_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inner for found in [(*path, key), *_paths(item, (*path, key))]]


def test_every_field_is_required_and_no_other_exists(record: bytes) -> None:
    """Taking away any member anywhere, or adding one to any object, is refused: no facet is granted by absence."""
    whole = json.loads(record)
    objects = 0
    for path in [(), *_paths(whole)]:
        value = copy.deepcopy(whole)
        place: Any = value
        for key in path[:-1]:
            place = place[key]
        if path and isinstance(place, dict):
            removed = copy.deepcopy(value)
            target: Any = removed
            for key in path[:-1]:
                target = target[key]
            del target[path[-1]]
            assert "missing required field" in refusal(json.dumps(removed).encode())
        here = place[path[-1]] if path else value
        if isinstance(here, dict):
            here["surprise"] = True
            objects += 1
            assert "unknown field" in refusal(json.dumps(value).encode())
    assert objects > 12


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 200_000, b'"\\ud800"', b'{"schema_version":"2"}'],
)  # fmt: skip
def test_what_is_no_record_is_refused_in_one_line(raw: bytes) -> None:
    refusal(raw)


def test_the_same_key_twice_is_refused(record: bytes) -> None:
    assert "twice" in refusal(record.replace(b'"name_avatar": false', b'"name_avatar": false, "name_avatar": true'))


def test_half_a_surrogate_in_a_text_is_refused(record: bytes) -> None:
    assert "surrogate" in refusal(record.replace(b'"Answer teammates', b'"\\ud800 Answer teammates'))


def scope(value: dict[str, Any]) -> Any:
    return value["scope"]["sources"][0]


BLANKETS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no source": lambda v: v["scope"].update(sources=[]),
    "any kind of source": lambda v: scope(v).update(kind="*"),
    "no purpose": lambda v: v.update(purposes=[]),
    "every purpose": lambda v: v.update(purposes=["*"]),
    "any purpose": lambda v: v.update(purposes=["any purpose"]),
    "another purpose": lambda v: v.update(purposes=["evaluate_people"]),
    "no audience": lambda v: v.update(audiences=[]),
    "every platform": lambda v: v["audiences"][0].update(platform="*"),
    "platform with a line break": lambda v: v["audiences"][0].update(platform="slack\n"),
    "empty chat": lambda v: v["audiences"][0].update(chat=""),
    "no use": lambda v: v.update(uses=[]),
    "star as a use": lambda v: v.update(uses=["*"]),
    "all lawful purposes": lambda v: v.update(uses=["Use for all lawful  PURPOSES"]),
    "blanket hidden by width": lambda v: v.update(uses=["ａｎｙ ｐｕｒｐｏｓｅ"]),
    "任何目的": lambda v: v.update(uses=["可用于任何 目的"]),
    "a second, blanket use": lambda v: v["uses"].append("any use"),
    "term without end": lambda v: v["term"].update(end=None),
    "for ever": lambda v: v["term"].update(end="forever"),
    "the year 9999": lambda v: v["term"].update(end="9999-12-31"),
    "more than three years": lambda v: v["term"].update(end="2029-03-03"),
    "end before start": lambda v: v["term"].update(end="2026-03-01"),
    "source without days": lambda v: scope(v).update({"from": None}),
    "source from the year 1": lambda v: scope(v).update({"from": "0001-01-01"}),
    "days backwards": lambda v: scope(v).update({"from": "2026-01-02", "to": "2026-01-01"}),
    "erasure after more than 90 days": lambda v: v["term"].update(erase_within_days=91),
    "employment that ends in 9999": lambda v: v["term"].update(employment_end="9999-12-31"),
    "a facet that does not exist": lambda v: v["facets"].update(mood=True),
    "a facet as a number": lambda v: v["facets"].update(work_knowledge=1),
    "something permitted that nobody can": lambda v: v["prohibited"].remove("train_model"),
    "words of others": lambda v: v["scope"].update(authored_by_subject_only=False),
    "a recipient who trains": lambda v: v["recipients"].append(
        {"name": "x", "role": "processor", "region": "US", "retention_days": 0, "trains": True}
    ),
    "a price for refusing": lambda v: v["voluntariness"].update(tied_to_severance=True),
    "a detriment": lambda v: v["voluntariness"].update(no_detriment=False),
    "no basis": lambda v: v.update(lawful_basis=[]),
    "HR necessity as the basis": lambda v: v.update(lawful_basis=[{"type": "contract", "ref": "PIPL 13(2)"}]),
    "a basis that is not consent": lambda v: v["lawful_basis"][0].update(type="legitimate_interest"),
    "no way to withdraw": lambda v: v["withdrawal"].update(methods=[]),
    "nobody responsible": lambda v: v.update(pii_controllers=[]),
    "no owner": lambda v: v.update(owner=None),
    "money as a fraction": lambda v: v["licence"].update(amount_minor=1.5),
    "money below nothing": lambda v: v["licence"].update(amount_minor=-1),
    "more than the whole share": lambda v: v["licence"].update(share_bp=10_001),
    "a time with a fraction": lambda v: v["event"].update(time="2026-03-02T09:00:00.5Z"),
    "a time in another zone": lambda v: v["term"].update(start="2026-03-02T17:00:00+08:00"),
    "a time without a zone": lambda v: v["privacy_notice"].update(shown_at="2026-03-02T09:00:00"),
    "a hash with a line break": lambda v: v.update(prev_record="sha256:" + "0" * 64 + "\n"),
    "a record id that is none": lambda v: v.update(record_id="1"),
}


@pytest.mark.parametrize("name", BLANKETS)
def test_what_is_granted_without_limits_or_cannot_be_granted_is_refused(record: bytes, name: str) -> None:
    """L01, L12, L17, L35, L38: no blank or vague authorisation, no endless term, closed lists stay closed."""
    parse(changed(record, lambda value: None))
    refusal(changed(record, BLANKETS[name]))


def test_three_years_are_the_longest_term(record: bytes) -> None:
    consent = parse(changed(record, lambda v: v["term"].update(end="2029-03-02")))
    assert consent.term.end == date(2029, 3, 2)


def test_the_last_day_is_included_and_the_next_is_not(record: bytes) -> None:
    consent = parse(changed(record, lambda v: v["term"].update(end="2026-12-31")))
    assert consent.ends_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_end_of_employment_shortens_the_term_and_never_prolongs_it(record: bytes) -> None:
    """PIPL 47: erased at most 90 days after the employment ended, and never later than the term's end."""

    def ends(employment_end: str | None, days: int) -> datetime:
        term = {"end": "2026-12-31", "employment_end": employment_end, "erase_within_days": days}
        return parse(changed(record, lambda v: v["term"].update(term))).ends_at

    assert ends(None, 0) == datetime(2027, 1, 1, tzinfo=UTC)
    assert ends("2026-09-30", 0) == datetime(2026, 10, 1, tzinfo=UTC)
    assert ends("2026-09-01", 90) == datetime(2026, 12, 1, tzinfo=UTC)
    assert ends("2026-12-30", 90) == datetime(2027, 1, 1, tzinfo=UTC)


@given(st.data())
def test_no_damage_to_a_record_ends_in_anything_but_a_refusal(record: bytes, data: st.DataObject) -> None:
    """Any byte replaced, cut or doubled: it still reads, or it is refused in one line."""
    at = data.draw(st.integers(0, len(record) - 1))
    middle = data.draw(st.binary(max_size=3))
    damaged = record[:at] + middle + record[at + data.draw(st.integers(0, 5)) :]
    try:
        parse(damaged)
    except Refused as refused:
        assert refused.code == "CONSENT_SCHEMA"  # noqa: PT017  # a refusal is one of two right outcomes
