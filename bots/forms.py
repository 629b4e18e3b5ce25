"""The forms that buttons open. Read-only and quick: Slack gives three seconds."""

from __future__ import annotations

from adapters.model import Form, Press
from bots import cards, escalation, register
from bots.interview.chat import Interviews
from bots.people import own_language
from bots.services import Services
from bots.settling import Settling


class Forms:
    def __init__(self, services: Services, settling: Settling) -> None:
        self._s = services
        self._settling = settling
        self._interviews = Interviews(services)

    async def form(self, press: Press) -> Form | None:
        if press.action == "reply":
            return await self._interviews.form(press)
        if press.action not in ("edit", "mine", "delegate"):
            return None
        record = await register.load(self._s, press.value)
        if record is None or not await self._settling.entitled(record, press.author):
            return None
        if not escalation.may_answer(record) or (press.action == "delegate" and escalation.is_settled(record)):
            return None
        lang = await own_language(self._s, press.author, record.lang)
        if press.action == "delegate":
            here = (each for each in record.may_know if each.platform == press.author.platform)
            return cards.delegate_form(record, lang=lang, to=next((each.id for each in here), ""))
        initial = record.draft if press.action == "edit" else ""
        return cards.words_form(record, lang=lang, action="answered", initial=initial)
