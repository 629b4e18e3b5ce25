"""What not everyone may read: it goes to nobody who may not, on no way round."""

from adapters.model import Audience
from tests.scenarios.world import World

HINT = "What is the vault passphrase hint for the staging cluster?"
RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
SECRET = "river"


async def test_the_owner_is_not_sent_what_only_the_asker_may_read(w: World) -> None:
    """T23. T06: Mei may read it, Zhou Lan may not; 👎 hands over the question without the private quote."""
    await w.persona()
    [answer] = await w.say(w.mei, HINT, direct=True)
    assert SECRET in answer.post.card.quotes[0].text
    await w.press(w.mei, answer, "down")
    [asked] = w.to(w.owner)
    assert HINT in asked.post.card.text
    assert SECRET not in str(asked.post)
    assert "send" not in [b.action for b in asked.post.card.buttons]


async def test_nobody_it_is_handed_on_to_gets_it_either(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, HINT, direct=True)
    await w.press(w.mei, answer, "human")
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "delegate", person=w.ann.id)
    assert all(SECRET not in str(p.post) for p in w.to(w.ann))


async def test_what_is_public_still_goes_along(w: World) -> None:
    """T23: and nothing of the chat around it."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY, direct=True)
    await w.press(w.mei, answer, "down")
    [asked] = w.to(w.owner)
    assert "every 15 minutes" in asked.post.card.quotes[0].text


async def test_why_tells_others_in_the_room_nothing_of_a_private_offer(w: World) -> None:
    """T09: not even that there is something, by whom and from when."""
    await w.persona()
    await w.say(w.mei, HINT, id="q")
    [hers] = await w.say(w.mei, "why", root="q")
    [anns] = await w.say(w.ann, "why", root="q")
    assert "Lin Zhou" in hers.post.card.text
    assert "Lin Zhou" not in str(anns.post)


async def test_a_native_command_is_answered_for_its_author_alone_and_so_is_what_follows(w: World) -> None:
    """Asked for one's own eyes: the answer, the note who was asked, and the human's words."""
    await w.persona()
    [answer] = await w.say(w.mei, HINT, command=True)
    assert answer.post.only_for.key == w.mei.key
    posts = await w.say(w.mei, UNKNOWN, command=True)
    assert [p.post.only_for.key for p in posts if p.thread.chat == "general"] == [w.mei.key]
    await w.say(w.owner, "Four hours.", direct=True)
    [words] = [p for p in w.posts if p.post.card.text == "Four hours."]
    assert words.thread.chat == f"dm-{w.mei.id}"


async def test_what_one_asked_in_private_is_no_context_for_others(w: World) -> None:
    """T23. The room's next follow-up is understood from what the room has seen."""
    await w.persona()
    await w.say(w.mei, HINT, command=True)
    keys = [key async for key, _ in w.app.services.store.scan("thread/")]
    assert [key for key in keys if not key.endswith(w.mei.key)] == []


async def test_each_asker_reads_their_own_wording(w: World) -> None:
    """Whoever joins an open question is not shown how another put it in a direct chat."""
    await w.persona()
    await w.say(w.mei, "SLA promised to the Lisbon warehouse, says Bob?", direct=True)
    await w.say(w.ann, "SLA promised to the Lisbon warehouse?")
    await w.say(w.owner, "Four hours.", direct=True)
    [anns] = [p for p in w.in_room() if p.post.card.text == "Four hours."]
    assert not any("Bob" in note for note in anns.post.card.notes)


async def test_a_secret_in_the_owners_answer_is_neither_relayed_nor_kept(w: World) -> None:
    """T11: it is not sent, and the owner is told; without it the answer goes and is remembered."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.say(w.owner, "Four hours; the report needs password: Tr0ub4dor&3xyz to open.", direct=True)
    file = await w.app.services.library.file("lin")
    assert [p for p in await file.all() if p.source == "correction"] == []
    assert w.to(w.owner)[-1].post.card.text.startswith("Not sent")
    await w.say(w.owner, "Four hours; the report is in the safe.", direct=True)
    [kept] = [p for p in await file.all() if p.source == "correction"]
    assert "Four hours" in kept.text
    assert "Tr0ub4dor" not in str([each.post for each in w.posts])


async def test_a_room_with_one_reader_too_many_gets_nothing_private(w: World) -> None:
    await w.persona()
    w.chat.room("three", Audience(public=False, members=(w.mei, w.subject, w.ann)))
    posts = await w.say(w.mei, HINT, chat="three")
    assert all(SECRET not in str(p.post) for p in posts)


async def test_a_guest_who_presses_a_button_gets_the_polite_line(w: World) -> None:
    """T10."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    guest = w.chat.add("U0OUT", "Guest", external=True)
    [line] = await w.press(guest, answer, "why")
    assert "members of this team" in line.post.card.text
    assert line.post.only_for.key == guest.key
