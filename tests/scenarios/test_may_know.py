"""Dialogues in which the owner is told who may know, and passes the question on with one press."""

from datetime import timedelta

from msgspec import structs

from adapters.model import Person
from tests.scenarios.test_handing_on import the_record
from tests.scenarios.world import World

UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def wrote(w: World, who: Person, name: str, *, readers: tuple[str, ...] | None = None) -> None:
    """Somebody once answered what the persona does not know, in a thread in which it never spoke."""
    asked = structs.replace(w.passages()[0], by_subject=False, thread=name, readers=readers)
    texts = (
        ("mei", w.mei, "Which SLA has the Lisbon warehouse?"),
        (name, who, "Lisbon warehouse: 4 hours, by SLA."),
    )
    await (await w.app.services.library.file("lin")).add(
        structs.replace(asked, id=f"{name}-{n}", author=person.key, author_name=called, text=text)
        for n, (called, person, text) in enumerate(texts)
    )


async def test_the_owner_is_told_who_wrote_about_it_and_one_press_passes_it_on(w: World) -> None:
    await w.persona()
    await wrote(w, w.ann, "Ann")
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    assert "Who may know, because they wrote about it" in asked.post.card.text
    assert "4 hours" not in str(asked.post.card), "what others wrote is counted and never shown"
    assert "pass:0" in [button.action for button in asked.post.card.buttons]
    await w.press(w.owner, asked, "pass:0")
    assert (await the_record(w)).assignee.key == w.ann.key
    assert [p for p in w.to(w.ann) if UNKNOWN in p.post.card.text]


async def test_who_wrote_about_something_else_is_not_named_for_being_the_likeliest(w: World) -> None:
    await w.persona()
    await wrote(w, w.ann, "Ann")
    await w.say(w.mei, "What is the wifi password of the Lisbon canteen?")
    [asked] = w.to(w.owner)
    assert "Who may know" not in asked.post.card.text


async def test_of_those_who_answered_it_the_one_who_helps_these_days_is_named_first(w: World) -> None:
    """They answered it two years ago, when Ann helped more than anybody; now it is Maya who does. Tomas, who
    helped but once, is one too many for a card."""
    await w.persona()
    one = structs.replace(w.passages()[0], by_subject=False, readers=None)
    then, lately = one.at - timedelta(days=720), one.at - timedelta(days=1)
    said = [("sla", [w.mei, w.ann, w.admin, w.deputy], then, "Lisbon warehouse: 4 hours, by SLA.")]
    said += [(f"ann-{n}", [w.mei, w.ann], then, f"case {n}") for n in range(6)]
    said += [(f"maya-{n}", [w.mei, w.admin], lately, f"matter {n}") for n in range(4)]
    await (await w.app.services.library.file("lin")).add(
        structs.replace(
            one, id=f"{thread}-{n}", thread=thread, author=who.key, at=at + timedelta(minutes=n), text=text
        )
        for thread, people, at, text in said
        for n, who in enumerate(people)
    )
    await w.say(w.mei, UNKNOWN)
    assert [each.key for each in (await the_record(w)).may_know] == [w.admin.key, w.ann.key]


async def test_who_is_there_no_more_takes_nobodys_place(w: World) -> None:
    await w.persona()
    await wrote(w, w.ann, "Ann")
    for n in range(4):
        gone = Person("elsewhere", f"G{n}", f"Gone {n}")
        for again in range(3):
            await wrote(w, gone, f"{gone.name} {again}")
    await w.say(w.mei, UNKNOWN)
    assert [each.key for each in (await the_record(w)).may_know] == [w.ann.key]


async def test_who_asked_and_who_is_asked_are_not_named(w: World) -> None:
    await w.persona()
    await wrote(w, w.owner, "Zhou")
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    assert "Who may know" not in asked.post.card.text
    assert (await the_record(w)).may_know == ()


async def test_what_only_few_could_read_names_nobody(w: World) -> None:
    await w.persona()
    await wrote(w, w.ann, "Ann", readers=(w.ann.key, w.mei.key))
    await w.say(w.mei, UNKNOWN)
    assert (await the_record(w)).may_know == ()


async def test_for_what_only_a_human_may_say_no_machine_names_people(w: World) -> None:
    """rights.md L09: it does not judge, and does not say who could."""
    await w.persona()
    await wrote(w, w.ann, "Ann")
    await w.say(w.mei, "Who will be fired over the SLA of the Lisbon warehouse?")
    assert (await the_record(w)).may_know == ()


async def test_only_those_who_were_asked_can_pass_it_on(w: World) -> None:
    await w.persona()
    await wrote(w, w.ann, "Ann")
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.press(w.mei, asked, "pass:0")
    assert (await the_record(w)).assignee.key == w.owner.key
