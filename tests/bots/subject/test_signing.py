"""From the link in a direct message to a record in force: the subject's own key, nothing ticked for them, once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from adapters.text import parse
from bots.consenting import PAPER
from bots.subject import requests
from persona_store.consent import parsing, receipt, signing
from persona_store.errors import Refused
from tests.bots.subject.stage import ALL, asked, fresh, proposal, token_in, visiting
from tests.scenarios.world import START, World


async def test_the_whole_way_from_a_link_to_a_record_in_force(w: World) -> None:
    """The record that counts afterwards is the one that was shown, signed with a key this side never had."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        offer = await lin.do("open")
        assert (offer["view"], offer["amends"], offer["controller"]) == ("request", False, "Acme")
        signed = await lin.sign(address="lin@home.example")
        persona = await w.app.services.personas.get("lin")
        assert persona is not None
        assert (persona.state, persona.subject) == ("cooling", "chat:U0LIN")
        consent = await w.app.services.consents.current("lin")
        assert consent is not None
        assert consent.event.method == "web_device_key"
        statement = receipt.check(msgspec.json.encode(signed["receipt"]))
        assert statement.record_id == consent.record_id
        told = await lin.do("open")
        assert told["place"]["address"] == "lin@home.example"


async def test_the_private_address_and_the_request_are_not_readable_in_the_store(w: World) -> None:
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign(address="lin@home.example")
    raw = b"".join([value async for _, value in w.app.services.store.scan("subject/")])
    assert raw
    assert b"home.example" not in raw


async def test_what_was_not_ticked_is_not_granted(w: World) -> None:
    token = await asked(w, await fresh(w), facets=("work_knowledge", "communication_style"))
    async with visiting(w, token) as lin:
        await lin.sign({"facets": [0], "sources": [0], "audiences": [1]})
    consent = await w.app.services.consents.current("lin")
    assert consent is not None
    assert consent.facets.work_knowledge
    assert not consent.facets.communication_style
    assert [each.kind for each in consent.scope.sources] == ["slack_export"]
    assert [each.chat for each in consent.audiences] == ["dm"]


@pytest.mark.parametrize(
    ("ticks", "code"),
    [
        ({"sources": []}, "CONSENT_NOTHING"),
        ({"sources": [1]}, "CONSENT_NOTHING"),  # only the owner's replies
        ({"facets": []}, "CONSENT_NOTHING"),
        ({"audiences": []}, "CONSENT_NOTHING"),
        ({"facets": [1]}, "CONSENT_TICKS"),
        ({"sources": [0, 0]}, "CONSENT_TICKS"),
        ({"days": 91}, "CONSENT_TICKS"),
        ({"cooling_off_days": 6}, "CONSENT_TICKS"),
    ],
)
async def test_nothing_blank_and_nothing_beyond_what_was_asked(
    w: World, ticks: dict[str, object], code: str
) -> None:
    """L01: no yes to nothing in particular, and none to more than the page shows."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        wanted = {**ALL, "days": 90, "cooling_off_days": 7, **ticks}
        assert await lin.refused("draft", ticks=wanted) == code


async def test_only_the_very_bytes_that_were_shown_can_be_signed(w: World) -> None:
    """Not another record, however well signed: the server takes no record from outside here."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        shown = await lin.do("draft", ticks={**ALL, "days": 90, "cooling_off_days": 7})
        other = shown["record"].replace('"cooling_off_days": 7', '"cooling_off_days": 0')
        assert other != shown["record"]
        signature = signing.sign(other.encode(), lin.key)
        assert await lin.refused("sign", signature=signature, public_key=lin.public) == "CONSENT_INVALID"
        assert await w.app.services.consents.current("lin") is None


async def test_nothing_is_signed_unseen(w: World) -> None:
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        assert await lin.refused("sign", signature="a..b", public_key=lin.public) == "CONSENT_NO_DRAFT"


async def test_a_link_signs_once(w: World) -> None:
    """And afterwards it is a link to nothing, like any other."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign()
        lin.token = token
        assert (await lin.raw("open"))[0] == 404


async def test_no_private_key_is_ever_sent_or_kept(w: World) -> None:
    """What the store and the key folder hold opens nothing in the subject's name."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign()
        secret = lin.key.private_bytes_raw()
    chain = await w.app.services.consents.chain("lin")
    assert chain is not None
    assert chain.public_key == signing.public_key(lin.key)
    everything = b"".join([value async for _, value in w.app.services.store.scan("")])
    assert secret not in everything


async def test_the_installations_own_key_signs_for_nobody(w: World) -> None:
    """An admin who signs as the subject with the key that stands under papers is refused (T37)."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        lin.key = w.app.services.vault.signing_key(PAPER)
        shown = await lin.do("draft", ticks={**ALL, "days": 90, "cooling_off_days": 7})
        signature = signing.sign(shown["record"].encode(), lin.key)
        assert await lin.refused("sign", signature=signature, public_key=lin.public) == "CONSENT_INVALID"


# ------------------------------------------------------------------ no


async def test_a_no_is_nobodys_business(w: World) -> None:
    """L04: whoever asked sees the same before and after, in the state, in the log and in what asking again says."""
    persona = await fresh(w)
    token = await asked(w, persona)
    before = await w.app.services.personas.raw("lin")
    posts = len(w.posts)
    async with visiting(w, token) as lin:
        await lin.do("decline")
        assert (await lin.raw("open"))[0] == 404
    await w.settle()
    assert len(w.posts) == posts
    assert await w.app.services.personas.raw("lin") == before
    entries = [entry.body async for entry in w.app.services.store.log()]
    assert not any(b"request.closed" in entry for entry in entries)  # a request that lapses has no such line
    lines = b"".join([entry.body async for entry in w.app.services.store.log()])
    assert b"declin" not in lines
    assert b"refus" not in lines


@pytest.mark.parametrize("declined", [True, False])
async def test_nobody_is_asked_twice_within_half_a_year(w: World, declined: bool) -> None:
    """L04. Said in the same words whether they declined or never answered; nor through another persona's name, nor
    by another account of theirs."""
    services = w.app.services
    await services.store.commit(await services.directory.bind("chat:U0LIN", "mail:lin@x"))
    token = await asked(w, await fresh(w))
    if declined:
        async with visiting(w, token) as lin:
            await lin.do("decline")
    said = []
    await fresh(w, "lin-2")
    for days in (1, 20, 150, 22):
        w.clock.advance(days * 86400)
        for name, to in (("lin", "chat:U0LIN"), ("lin-2", "mail:lin@x")):
            persona = await services.personas.get(name)
            assert persona is not None
            with pytest.raises(Refused) as refused:
                await asked(w, persona, to)
            assert refused.value.code == "ASK_THROTTLED"
            said.append(str(refused.value).replace("mail:lin@x", "chat:U0LIN"))
    assert len(set(said)) == 1
    assert "declin" not in said[0]
    w.clock.advance(2 * 86400)
    persona = await services.personas.get("lin-2")
    assert persona is not None
    assert await asked(w, persona)


async def test_an_account_that_was_joined_later_is_no_way_round(w: World) -> None:
    """L04. The half year is the person's, not the account's."""
    services = w.app.services
    await asked(w, await fresh(w))
    await services.store.commit(await services.directory.bind("chat:U0LIN", "mail:lin@x"))
    with pytest.raises(Refused) as refused:
        await asked(w, await fresh(w, "lin-2"), "mail:lin@x")
    assert refused.value.code == "ASK_THROTTLED"


async def test_a_change_of_mind_is_the_subjects_alone(w: World) -> None:
    """`mine` opens the same request again, also after a no."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.do("decline")
        said = await w.say(w.subject, "mine", chat=f"dm-{w.subject.id}", direct=True)
        text = said[-1].post.card.text
        lin.token = token_in(text)
        await lin.sign()
    assert await w.app.services.consents.current("lin") is not None


async def test_a_link_is_old_after_a_fortnight(w: World) -> None:
    token = await asked(w, await fresh(w))
    w.clock.advance(timedelta(days=14).total_seconds())
    async with visiting(w, token) as lin:
        assert (await lin.raw("open"))[0] == 404


async def test_who_answers_for_it_cannot_be_who_it_is_about(w: World) -> None:
    with pytest.raises(Refused) as refused:
        await asked(w, await fresh(w), owner="chat:U0LIN")
    assert refused.value.code == "OWNER_SUBJECT"


async def test_a_persona_of_one_person_is_not_offered_to_another(w: World) -> None:
    with pytest.raises(Refused) as refused:
        await asked(w, await fresh(w, subject="chat:U0MEI"))
    assert refused.value.code == "SUBJECT_OTHER"


async def test_no_link_goes_over_an_open_wire(w: World) -> None:
    object.__setattr__(w.app.services, "link_base", "http://bot.corp.example")
    with pytest.raises(Refused) as refused:
        await asked(w, await fresh(w))
    assert refused.value.code == "LINK_INSECURE"
    assert await requests.load(w.app.services, "lin") is None


# ------------------------------------------------------------------ less, and more


async def test_narrowing_needs_the_same_key_and_counts_at_once(w: World) -> None:
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign({"cooling_off_days": 7})
        w.clock.advance(8 * 86400)
        mine, key = lin.token, lin.key
        lin.key = signing.generate_key()
        less = {"sources": [0], "facets": [0], "audiences": [0], "recipients": [], "days": 5, "cooling_off_days": 0}
        shown = await lin.do("draft", ticks={**less, "keywords": ["salary"]})
        signature = signing.sign(shown["record"].encode(), lin.key)
        assert await lin.refused("sign", signature=signature, public_key=lin.public) == "CONSENT_INVALID"
        lin.key, lin.token = key, mine
        await lin.sign({**less, "keywords": ["salary"]})
    consent = await w.app.services.consents.current("lin")
    assert consent is not None
    assert consent.event.type == "amended"
    assert consent.scope.excluded.keywords == ("salary",)
    assert [each.kind for each in consent.scope.sources] == ["slack_export"]
    assert consent.effective_at <= w.clock.now()


async def test_narrowing_does_not_cut_the_days_to_think_it_over_short(w: World) -> None:
    """Otherwise signing twice on the first day would be a way round them."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign({"cooling_off_days": 7})
        w.clock.advance(3600)
        await lin.sign({"sources": [0], "audiences": [0], "days": 5, "cooling_off_days": 0})
    consent = await w.app.services.consents.current("lin")
    assert consent is not None
    assert consent.event.type == "amended"
    first = parsing.parse((await w.app.services.consents.chain("lin")).records[0].raw)
    assert consent.effective_at >= first.effective_at


async def test_more_is_asked_for_anew_and_signed_with_the_same_key(w: World) -> None:
    """A yes lifts the half year; the page then wants the key of the first record."""
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign()
        persona = await w.app.services.personas.get("lin")
        assert persona is not None
        lin.token = await asked(w, persona, sources=("slack_export", "doc"))
        offer = await lin.do("open")
        assert offer["amends"]
        await lin.sign({"sources": [0, 1, 2]})
    history = await w.app.services.consents.history("lin")
    assert [each.event.type for each in history] == ["consent_given", "amended"]
    assert history[1].prev_record is not None


def test_a_proposal_is_made_of_closed_words() -> None:
    """There is no mood, no health, no loyalty that could be ticked (L35)."""
    with pytest.raises(Refused) as refused:
        proposal(START, facets=("mood",))
    assert refused.value.code == "CONSENT_CHOICE"


async def test_the_link_can_be_followed_where_it_is_shown(w: World) -> None:
    """Every other address in what the bot says is made unusable; this one is ours and must not be."""
    token = await asked(w, await fresh(w))
    card = w.to(w.subject)[-1].post.card
    assert card.links == (f"http://127.0.0.1:8765/subject#t={token}",)
    spans = [span for block in parse(card.text, links=card.addresses) for span in block.spans]
    assert [span.url for span in spans if span.url] == list(card.links)
