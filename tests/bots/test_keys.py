"""Names in the store: none belongs to two things, none of a persona's can be taken for another's."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.model import Person, Thread
from bots import keys

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
PEOPLE = st.builds(Person, st.sampled_from(["slack", "local"]), st.text("ABC123", min_size=1, max_size=6))


@given(NAMES, NAMES, st.text("0123456789abcdef", min_size=16, max_size=16))
def test_a_personas_keys_are_its_own(one: str, other: str, id: str) -> None:
    """`lin` must not take `lin-2` along when it is erased."""
    for key in (
        keys.open_question(one, id),
        keys.open_mark(one),
        keys.denied(one),
        keys.sitting(one),
        keys.interviewed(one, id),
    ):
        assert key.startswith(keys.persona_prefixes(one))
        assert one == other or not key.startswith(keys.persona_prefixes(other))


@given(PEOPLE, PEOPLE, st.text("abc", max_size=4))
def test_what_one_human_was_asked_is_found_below_their_own_prefix(one: Person, other: Person, id: str) -> None:
    assert keys.asked(one, id).startswith(keys.asked(one, ""))
    assert one.key == other.key or not keys.asked(one, id).startswith(keys.asked(other, ""))


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_an_id_tells_its_parts_apart(one: list[str], other: list[str]) -> None:
    """("ab", "c") and ("a", "bc") are two things."""
    if any("\0" in part for part in (*one, *other)) or not one or not other:
        return
    assert (keys.short(*one) == keys.short(*other)) == (one == other)


def test_what_one_asks_for_oneself_is_kept_apart_from_the_room() -> None:
    room, mei = Thread("slack", "C1", "T1"), Person("slack", "U1")
    assert keys.conversation(room, mei) != keys.conversation(room)
    assert keys.conversation(room, mei) != keys.conversation(room, Person("slack", "U2"))
