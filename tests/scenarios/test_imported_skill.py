"""A skill that was made elsewhere answers in chat, and everybody sees whose words it is in."""

from __future__ import annotations

from bots.operator import create, import_into, keep_consent, switch
from persona_store.consent import draft, signing
from persona_store.model import Persona, PersonaRules
from persona_store.sources.colleague_skill import ColleagueSkill
from tests.persona_store.sources.skill_shapes import SKILLS
from tests.scenarios.world import KEY, World


async def moved_over(w: World) -> None:
    """The folder of a 同事.skill, as an installation's first and only material."""
    now, platform = w.clock.now(), w.chat.name
    owner = f"{platform}:{w.chat.person_id('U0OWN')}"
    rules = PersonaRules(quiet_from="00:00", quiet_to="00:00")
    fresh = Persona(
        "linwei", "林薇", "draft", now, now, owner=owner, deputy=owner, chats=(f"{platform}:*",), rules=rules
    )
    await create(w.app, fresh)
    choices = draft.Choices(
        owner=owner, sources=("imported_skill",), audiences=(f"{platform}:*",), cooling_off_days=0, days=365
    )
    raw = draft.draft(choices, now)
    await keep_consent(w.app, fresh, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    await import_into(w.app, fresh, ColleagueSkill(SKILLS / "colleague"))
    await switch(w.app, fresh, "live", quiet=True)


async def test_an_imported_skill_answers_with_its_label_and_why_says_it_too(w: World) -> None:
    await moved_over(w)
    [answer] = await w.say(w.mei, "验签失败返回什么？")
    card = answer.post.card
    assert card.label == "【AI生成 · 林薇 · 非本人】"
    assert "401" in card.quotes[0].text
    assert card.quotes[0].author == "他人描述，不是 林薇 本人的话"
    assert card.text == "没有找到 林薇 本人的说法；别人是这样描述其工作的："
    [why] = await w.press(w.ann, answer, "why")
    assert "这是别人的说法" in why.post.card.text


async def test_what_the_skill_does_not_hold_goes_to_the_owner(w: World) -> None:
    """The former version said so, and its judgements did: neither is an answer."""
    await moved_over(w)
    await w.say(w.mei, "林薇的口头禅是什么？")
    assert w.to(w.owner)
    assert not any(quote for posted in w.in_room() for quote in posted.post.card.quotes)
