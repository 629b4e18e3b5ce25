"""Systems: named things the Subject speaks of more than others do."""

from __future__ import annotations

from persona_store.distill.model import Facet
from tests.persona_store.distill.talks import of, talk


def said(name: str, text: str, count: int, *, own: bool = True) -> list[list[object]]:
    lines = [f"{text}, for the {n}th time" for n in range(count)]
    return [talk(f"{name}{n}", line if own else f"Bo: {line}", days=n) for n, line in enumerate(lines)]


def systems(*episodes: list[object]) -> dict[str, Facet]:
    return {facet.topic: facet for facet in of("system", *episodes)}


def test_what_they_speak_of_more_than_others_with_counts_and_dates() -> None:
    found = systems(
        *said("a", "restarted pay_hook on the host", 5), *said("b", "lunch is great today", 9, own=False)
    )
    facet = found["pay_hook"]
    assert facet.measures == {"passages": 5.0, "share": 1.0}
    assert (facet.first.day, facet.last.day) == (2, 6)
    assert facet.status == "standing"
    assert len({each.passage for each in facet.citations}) == 3


def test_what_everybody_speaks_of_is_nobodys() -> None:
    mine, theirs = said("a", "restarted pay_hook on the host", 5), said("b", "restarted pay_hook too", 9, own=False)
    assert "pay_hook" not in systems(*mine, *theirs)


def test_said_twice_is_not_enough_and_a_plain_word_has_no_name() -> None:
    assert "pay_hook" not in systems(*said("a", "restarted pay_hook on the host", 4))
    assert "host" not in systems(*said("a", "restarted pay_hook on the host", 5))
    once = [talk("once", "the Host is down, restart it", days=9)]
    assert {"host", "Host"}.isdisjoint(
        systems(*said("a", "restarted the host of it", 5), *once, *said("b", "a Host", 2))
    )


def test_names_of_people_and_months_are_no_systems() -> None:
    others = [talk("x", "Bo: hi", author_name="Becki Lane")]
    assert systems(*said("a", "talked to Becki in October about it", 5), *others) == {}


def test_somebody_who_is_thanked_or_speaks_is_no_system_though_nobody_knows_the_name() -> None:
    for text in (
        "rebuilt the host thanks to Mirek",
        "on this host as Mirek explained",
        "built by Ann, and Mirek too",
    ):
        assert "Mirek" not in systems(*said("a", text, 6)), text
    assert "Mirek" in systems(*said("a", "rebuilt the host with the Mirek of it", 6))
    assert systems(*said("a", "rebuilt the host like the Michael of it", 6)) == {}


def test_an_id_of_the_platform_is_no_thing() -> None:
    assert systems(*said("a", "see the room #C04V84U7G of the host for that", 6)) == {}


def test_what_one_is_not_sure_of_or_does_not_use_is_not_what_one_knows() -> None:
    for text in ("not sure what pay_hook does on the host", "I'm not responsible for pay_hook on the host"):
        assert systems(*said("a", text, 6)) == {}, text


def test_a_signature_is_no_knowledge() -> None:
    lines = [talk(f"s{n}", "please restart the host\nETH Zurich, Sonneggstr.33", days=n) for n in range(6)]
    assert systems(*lines) == {}
    address = "University of Washington, Seattle, WA 98195-{}"
    assert (
        systems(*(talk(f"s{n}", f"please restart the host\n{address.format(n)}", days=n) for n in range(6))) == {}
    )
