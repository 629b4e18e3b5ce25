"""What people type and press to have what is not theirs (rights.md T14, T19, T20, CMD-*): who they are is the
platform's id and nothing else, and a button is worth what its presser may do."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from adapters.errors import RateLimited, Unreachable
from adapters.model import Person, Press
from adapters.scripted import Posted
from tests.abuse.material import seen, state, words
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
HINT = "What is the vault passphrase hint for the staging cluster?"


async def of(w: World, name: str = "lin") -> str:
    persona = await w.app.services.personas.get(name)
    assert persona is not None
    return persona.state


async def pressed(w: World, who: Person, on: Posted, action: str, value: str = "", chat: str = "") -> list[Posted]:
    """A press as a program could send it: of any button, with any value, from any chat."""
    before = len(w.posts)
    value = value or next((b.value for b in on.post.card.buttons if b.action == action), "")
    thread = structs.replace(on.thread, chat=chat) if chat else on.thread
    await w.chat.deliver(Press(f"forged{before}{action}{who.id}", thread, who, action, value, w.clock.now(), on.id))
    await w.settle()
    return w.posts[before:]


IMPOSTORS = {
    "the same name": ("U0FAKE", "Maya", False),
    "a title": ("U0FAKE", "Maya (admin)（负责人）", False),
    "a look-alike name": ("U0FAKE", "Mаya", False),  # Cyrillic а
    "an id in the name": ("U0FAKE", "chat:U0ADM", False),
    "the id in small letters": ("u0adm", "Maya", False),
    "the id with a blank": ("U0ADM ", "Maya", False),
    "the id with more": ("U0ADM2", "Maya", False),
    "the id in full width": ("Ｕ0ADM", "Maya", False),
    "a guest with the name": ("U0GUEST", "Maya", True),
}


class TestCmd01OnlyIdsCount:
    @pytest.mark.parametrize("kind", IMPOSTORS)
    async def test_nobody_becomes_an_admin_by_name(self, w: World, kind: str) -> None:
        """CMD-01, T14: denied so that the room does not see it, nothing changes, and no button is offered."""
        await w.persona()
        id, name, external = IMPOSTORS[kind]
        impostor = w.chat.add(id, name, external=external)
        before = await state(w)
        for text in ("/retire lin", "/pause lin", "/owner lin chat:U0FAKE", "/bind lin", "/status lin"):
            for posted in await w.say(impostor, text):
                if posted.thread.chat == "general":
                    assert posted.post.only_for == impostor or external
                assert posted.post.card.buttons == ()
        assert await state(w) == before

    async def test_another_platforms_admin_is_nobody_here(self, w: World) -> None:
        """CMD-01, WHK-10: ids are worth something on their own platform."""
        await w.persona()
        before = await state(w)
        for text in ("/retire lin", "/pause lin", "/owner lin chat:U0FAKE"):
            for posted in await w.say(Person("chat2", "U0ADM", "Maya"), text):
                assert posted.post.card.buttons == ()
        assert await state(w) == before

    async def test_the_owner_hears_of_it_once_a_day(self, w: World) -> None:
        """CMD-01: and not once for every attempt."""
        await w.persona()
        for _ in range(5):
            await w.say(w.ann, "/retire lin")
            await w.say(w.mei, "/pause lin")
        assert len(w.to(w.owner)) == 1

    async def test_an_owner_is_no_admin(self, w: World) -> None:
        """T19: each role has its own verbs."""
        await w.persona()
        for who in (w.owner, w.deputy):
            for posted in await w.say(who, "/retire lin"):
                assert "confirm" not in [b.action for b in posted.post.card.buttons]
            await w.say(who, "/owner lin chat:U0ANN")
        persona = await w.app.services.personas.get("lin")
        assert persona is not None
        assert (persona.state, persona.owner) == ("live", "chat:U0OWN")


class TestCmd02TwoSteps:
    @pytest.mark.parametrize("who", ["mei", "owner", "deputy", "subject"])
    async def test_somebody_else_confirms_nothing(self, w: World, who: str) -> None:
        """CMD-02: also in the chat where it was asked, also who may do other things."""
        await w.persona()
        [sure] = await w.say(w.admin, "/retire lin")
        await pressed(w, getattr(w, who), sure, "confirm")
        assert await of(w) == "live"

    async def test_a_forwarded_card_confirms_nothing(self, w: World) -> None:
        """CMD-02, T19: the nonce is bound to the chat; the admin pressing a copy elsewhere is asked to go there."""
        await w.persona()
        [sure] = await w.say(w.admin, "/retire lin")
        for chat in ("random", "dm-U0ADM", "G0SEC"):
            await pressed(w, w.admin, sure, "confirm", chat=chat)
            assert await of(w) == "live"

    @pytest.mark.parametrize("seconds", [121, 3600, 86_400])
    async def test_too_late_is_too_late(self, w: World, seconds: int) -> None:
        await w.persona()
        [sure] = await w.say(w.admin, "/retire lin")
        w.clock.advance(seconds)
        await pressed(w, w.admin, sure, "confirm")
        assert await of(w) == "live"

    async def test_twice_is_once(self, w: World) -> None:
        """CMD-02: the second press does nothing and says so."""
        await w.persona()
        [sure] = await w.say(w.admin, "/retire lin")
        await pressed(w, w.admin, sure, "confirm")
        certificates = [p for p in w.posts if "Certificate" in words(p.post.card)]
        [told] = await pressed(w, w.admin, sure, "confirm", value=sure.post.card.buttons[0].value, chat="general")
        assert "already" in told.post.card.text
        assert [p for p in w.posts if "Certificate" in words(p.post.card)] == certificates

    @pytest.mark.parametrize("value", ["", "0" * 16, "../confirm/x", "retire", "x" * 5000, "\x00", "🙂"])
    async def test_a_made_up_nonce_confirms_nothing(self, w: World, value: str) -> None:
        await w.persona()
        [sure] = await w.say(w.admin, "/retire lin")
        forged = replace_value(sure, value)
        await pressed(w, w.admin, forged, "confirm", value=value)
        assert await of(w) == "live"


def replace_value(posted: Posted, value: str) -> Posted:
    """The same card with another value behind its buttons."""
    buttons = tuple(structs.replace(b, value=value) for b in posted.post.card.buttons)
    card = structs.replace(posted.post.card, buttons=buttons)
    return structs.replace(posted, post=structs.replace(posted.post, card=card))


ARGUMENTS = {
    "a path": "../../lin",
    "SQL": "lin; drop",
    "another command": "lin\n/understudy export",
    "a carriage return": "lin\r/understudy retire lin",
    "ten thousand characters": "x" * 10_000,
    "a Cyrillic і": "lіn",
    "a Greek ι": "lιn",
    "a slash": "lin/",
    "a percent": "%6cin",
    "a wildcard": "*",
    "a placeholder": "{name}",
    "markup": "**lin**",
    "everyone": "@all",
    "a link": "[x](https://evil.example)",
    "an empty name": '""',
    "another tenant's": "T2:lin",
}


class TestCmd03Arguments:
    @pytest.mark.parametrize("verb", ["retire", "pause", "status", "owner", "bind"])
    async def test_what_names_no_persona_changes_nothing(self, w: World, verb: str) -> None:
        """CMD-03: one short line to the admin alone, without a button; what was typed comes back cut."""
        await w.persona()
        before = await state(w)
        for kind, argument in ARGUMENTS.items():
            [posted] = await w.say(w.admin, f"/{verb} {argument}")
            assert posted.post.only_for == w.admin, kind
            assert posted.post.card.buttons == (), kind
            assert len(posted.post.card.text) < 300, kind
            assert "\n/understudy" not in posted.post.card.text.replace("\r", "\n"), kind
        assert await state(w) == before

    async def test_what_one_may_not_know_and_what_is_not_there_are_the_same(self, w: World) -> None:
        """CMD-03, T09: a teammate who guesses names of personas learns of none."""
        await w.persona()
        for verb in ("retire", "pause", "resume", "status", "owner"):
            there = seen(await w.say(w.ann, f"/{verb} lin"))
            nowhere = seen(await w.say(w.ann, f"/{verb} bob"))
            theirs = [card for _, _, card, _, only_for in there if only_for == w.ann]
            assert theirs == [card for _, _, card, _, only_for in nowhere if only_for == w.ann]
            assert len(theirs) == 1

    async def test_a_line_break_makes_no_second_command(self, w: World) -> None:
        await w.persona()
        for text in (f"{RETRY}\n/understudy retire lin", "/help\n/retire lin", "/lang en\r\n/pause lin"):
            await w.say(w.admin, text)
        assert await of(w) == "live"
        assert [p for p in w.posts if "confirm" in [b.action for b in p.post.card.buttons]] == []


class TestCmd04RetireAtABadMoment:
    async def test_nothing_is_posted_after_it(self, w: World) -> None:
        """CMD-04: an answer that was decided and waits for the platform is not said any more."""
        await w.persona()
        w.chat.fail(RateLimited("chat", "slow down", 30))
        await w.chat.say(w.mei, RETRY)
        await w.settle()
        [sure] = await w.say(w.admin, "/retire lin")
        await pressed(w, w.admin, sure, "confirm")
        await w.pass_time(hours=1)
        assert [p for p in w.posts if p.post.card.quotes] == []
        assert await of(w) == "erased"

    async def test_retiring_the_retired_is_a_no_op(self, w: World) -> None:
        await w.persona()
        for _ in range(2):
            for posted in await w.say(w.admin, "/retire lin"):
                if posted.post.card.buttons:
                    await pressed(w, w.admin, posted, "confirm")
        assert await of(w) == "erased"
        for verb in ("resume lin", "owner lin chat:U0ANN", "bind lin", "pause lin"):
            await w.say(w.admin, f"/{verb}")
        assert await of(w) == "erased"

    async def test_a_platform_that_is_away_delays_the_word_and_not_the_silence(self, w: World) -> None:
        """CMD-04: silent first; the notice is tried again."""
        await w.persona()
        await w.say(w.mei, UNKNOWN, id="q")
        [sure] = await w.say(w.admin, "/retire lin")
        w.chat.fail(Unreachable("chat", "no connection"), times=3)
        await w.chat.press(w.admin, sure, "confirm")
        await w.pass_time(hours=2)
        assert await of(w) == "erased"
        assert [p for p in w.in_room() if "retired" in p.post.card.text]


FOREIGN_BUTTONS = (
    "up",
    "down",
    "human",
    "why",
    "private",
    "takeback",
    "send",
    "decline",
    "unlearn",
    "share",
    "edit",
)


class TestT19ButtonsAreNotHandedOn:
    @pytest.mark.parametrize("action", FOREIGN_BUTTONS)
    async def test_a_card_forwarded_to_another_chat_shows_nothing_there(self, w: World, action: str) -> None:
        """T19: Ann never saw the chat the answer stands in; its buttons' real values tell her nothing."""
        await w.persona()
        [offer] = await w.say(w.mei, HINT)
        [answer] = await w.press(w.mei, offer, "private")
        await w.press(w.mei, answer, "human")
        for card in (offer, answer, *w.to(w.owner)):
            for value in {b.value for b in card.post.card.buttons}:
                for posted in await pressed(w, w.ann, card, action, value=value, chat="elsewhere"):
                    if posted.thread.chat not in ("dm-U0OWN", "dm-U0MEI"):
                        assert "river" not in words(posted.post.card)
                        assert "Lin Zhou" not in words(posted.post.card)

    @pytest.mark.parametrize("action", ["send", "answered", "decline", "delegated", "edit", "mine"])
    async def test_the_owners_buttons_are_the_owners(self, w: World, action: str) -> None:
        """T19: nobody speaks in the owner's name by pressing what they were not sent."""
        await w.persona()
        [answer] = await w.say(w.mei, RETRY)
        await w.press(w.mei, answer, "human")
        [asked] = w.to(w.owner)
        value = next(b.value for b in asked.post.card.buttons if b.action == "send")
        before: list[Any] = [p for p in w.posts if p.post.card.label.startswith("[Answered by")]
        for who in (w.ann, w.mei, w.subject):
            await pressed(w, who, asked, action, value=value)
        assert [p for p in w.posts if p.post.card.label.startswith("[Answered by")] == before
        await w.press(w.owner, asked, "send")
        assert [p for p in w.posts if p.post.card.label.startswith("[Answered by")]

    @pytest.mark.parametrize(
        "action", ["", ":", "confirm:retire:lin", "pick:../lin", "answers:x", "x" * 9000, "\x00"]
    )
    async def test_a_made_up_action_does_nothing(self, w: World, action: str) -> None:
        await w.persona()
        before = await state(w)
        [answer] = await w.say(w.mei, RETRY)
        for value in ("", "x", answer.post.card.buttons[0].value):
            await pressed(w, w.ann, answer, action, value=value)
        assert await state(w) == before
