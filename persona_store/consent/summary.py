"""A record told in plain lines, to be read before it is signed: everything it grants, and nothing it does not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import structs

from persona_store.consent.draft import USUAL, USUAL_CONTROLLER
from persona_store.consent.record import DIRECT, EVERY, AudienceGrant, Consent, Licence, Recipient, SourceGrant
from persona_store.licence import money

LONG_AGO = date(1970, 1, 1)  # the first day where nobody named one
USUAL_LAW = ("CN",)  # a record that says nothing else is written for it
WORDS = {
    "en": {
        "used": "Used: {kind}, {container}, from {first} to {last}",
        "used_ever": "Used: {kind}, {container}, whenever written, to {last}",
        "every": "everything the whole team could read",
        "chat": "only {container}",
        "learnt": "Kept as well: the owner's own replies, from {first} to {last}, so that the same question is "
        "answered next time",
        "not_learnt": "The owner's replies are not kept",
        "facets": "Taken from it: {facets}",
        "nothing": "nothing",
        "audiences": "Answers in: {audiences}",
        "every_chat": "every group chat of {platform}",
        "direct": "one-to-one chats with the bot on {platform}",
        "excluded": "Left out: {excluded}",
        "uses": "For: {uses}",
        "owner": "Answers for it: {owner}",
        "deputy": "Answers for it: {owner}, or {deputy}",
        "recipients": "Given to: {recipients}",
        "kept": ", which keeps it for {days} days",
        "local": "Given to nobody outside this installation",
        "and": ", ",
        "none": "Use costs nothing",
        "per_call": "Use costs: each answer {price}, paid to you by {orgs}",
        "subscription": "Use costs: each calendar month that begins {price}, paid to you by {orgs}",
        "revenue_share": "Use costs: {share} of what {orgs} earns with it, in {currency}, told each month",
        "unpaid": "A month is due on the first day of the next; while one is unpaid for {days} days after that, "
        "nobody gets an answer",
        "waits": "Teammates get answers from {effective} (UTC) on; until then you may look at it and say no",
        "at_once": "Teammates get answers at once: there is no cooling-off",
        "ends": "Ends, and is erased, after {last}",
        "death_delete": "After your death: silent at once, then erased",
        "death_keep_until_end": "After your death: silent at once, kept to that day; close relatives may be let in",
        "law": "Written for the law of: {places}",
        "lia": "The balancing of your interests and the employer's: {ref}",
        "workers_notice": "What workers and their representatives were told: {ref}",
        "between": "; ",
        "usual": USUAL,
        "controller": USUAL_CONTROLLER,
        "slack_export": "Slack messages",
        "feishu_export": "Feishu messages",
        "dingtalk_export": "DingTalk messages",
        "feishu_api": "what Feishu holds, fetched from it",
        "dingtalk_api": "what DingTalk holds, fetched from it",
        "wechat_export": "WeChat messages",
        "wecom_export": "WeCom messages",
        "qq_export": "QQ messages",
        "telegram_export": "Telegram messages",
        "screenshot": "pictures of chats, read by a machine",
        "interview": "what you answer in the interview",
        "description": "how others describe you",
        "imported_skill": "a skill that was made of you elsewhere",
        "mail": "mail",
        "doc": "documents",
        "self_written": "what you write about yourself",
        "correction": "the owner's replies",
        "work_knowledge": "what you know of the work",
        "decision_patterns": "how you decide",
        "communication_style": "how you write",
        "name_avatar": "your name and picture",
    },
    "zh-CN": {
        "used": "使用：{kind}，{container}，{first} 至 {last}",
        "used_ever": "使用：{kind}，{container}，截至 {last}，不论何时写下",
        "every": "全团队都能看到的内容",
        "chat": "仅 {container}",
        "learnt": "另外保存：负责人自己的答复，{first} 至 {last}，以便下次直接回答同样的问题",
        "not_learnt": "不保存负责人的答复",
        "facets": "从中提取：{facets}",
        "nothing": "无",
        "audiences": "在这些地方回答：{audiences}",
        "every_chat": "{platform} 的所有群聊",
        "direct": "{platform} 上与机器人的私聊",
        "excluded": "排除：{excluded}",
        "uses": "用途：{uses}",
        "owner": "负责人：{owner}",
        "deputy": "负责人：{owner}，或 {deputy}",
        "recipients": "提供给：{recipients}",
        "kept": "，对方保存 {days} 天",
        "local": "不提供给本系统以外的任何人",
        "and": "、",
        "none": "使用不收费",
        "per_call": "使用费：每次回答 {price}，由 {orgs} 付给你",
        "subscription": "使用费：每开始一个自然月 {price}，由 {orgs} 付给你",
        "revenue_share": "使用费：{orgs} 由此所得收入的 {share}（以 {currency} 计），收入由其每月申报",
        "unpaid": "每月费用于次月第一天到期；到期后 {days} 天仍未支付，则不再作任何回答，直至付清",
        "waits": "同事从 {effective}（UTC）起才会得到回答；在此之前你可以预览，也可以反悔",
        "at_once": "同事立即可以得到回答：没有冷静期",
        "ends": "{last} 之后终止并删除",
        "death_delete": "你去世后：立即静默，随后删除",
        "death_keep_until_end": "你去世后：立即静默，保留至上述日期；近亲属可获准查阅",
        "law": "适用法域：{places}",
        "lia": "你与雇主之间的利益衡量文件：{ref}",
        "workers_notice": "已告知职工及其代表的文件：{ref}",
        "between": "；",
        "controller": "运行本系统的团队",
        "usual": "在上述聊天中，回答同事关于所交接工作的问题",
        "slack_export": "Slack 消息",
        "feishu_export": "飞书消息",
        "dingtalk_export": "钉钉消息",
        "feishu_api": "从飞书直接读取的内容",
        "dingtalk_api": "从钉钉直接读取的内容",
        "wechat_export": "微信消息",
        "wecom_export": "企业微信消息",
        "qq_export": "QQ 消息",
        "telegram_export": "Telegram 消息",
        "screenshot": "聊天截图（由机器识别）",
        "interview": "你在交接访谈中的回答",
        "description": "别人对你的描述",
        "imported_skill": "别处已经做好的、关于你的技能",
        "mail": "邮件",
        "doc": "文档",
        "self_written": "你写的自我介绍",
        "correction": "负责人的答复",
        "work_knowledge": "工作知识",
        "decision_patterns": "决策方式",
        "communication_style": "表达风格",
        "name_avatar": "姓名和头像",
    },
}


def lines(consent: Consent, language: str) -> list[str]:
    """One line per thing that is agreed to, in the language, or in English."""
    words = WORDS.get(language, WORDS["en"])
    told = [_source(grant, words) for grant in consent.scope.sources]
    if all(grant.kind != "correction" for grant in consent.scope.sources):
        told.append(words["not_learnt"])
    granted = [name for name, given in structs.asdict(consent.facets).items() if given]
    between = words["between"]
    facets = between.join(_called(name, words) for name in granted)
    told.append(words["facets"].format(facets=facets or words["nothing"]))
    told.append(words["audiences"].format(audiences=between.join(_audiences(consent, words))))
    if excluded := [word for group in structs.astuple(consent.scope.excluded) for word in group]:
        told.append(words["excluded"].format(excluded=between.join(excluded)))
    uses = [words["usual"] if use == USUAL else use for use in consent.uses]
    told.append(words["uses"].format(uses=between.join(uses)))
    deputy = consent.deputy.id if consent.deputy else ""
    told.append(words["deputy" if deputy else "owner"].format(owner=consent.owner.id, deputy=deputy))
    recipients = [_recipient(each, words) for each in consent.recipients]
    told.append(words["recipients" if recipients else "local"].format(recipients=between.join(recipients)))
    told += licence(consent.licence, language)
    waits = consent.effective_at > consent.event.time
    told.append(words["waits" if waits else "at_once"].format(effective=f"{consent.effective_at:%Y-%m-%d %H:%M}"))
    told.append(words["ends"].format(last=consent.last_day))
    told.append(words[f"death_{consent.term.after_death}"])
    if consent.jurisdiction != USUAL_LAW:
        told.append(words["law"].format(places=", ".join(consent.jurisdiction)))
    references = {"lia": consent.lia_ref, "workers_notice": consent.workers_notice_ref}
    told += [words[what].format(ref=ref) for what, ref in references.items() if ref]
    return told


def licence(terms: Licence, language: str) -> list[str]:
    """What use costs, and what happens when it is not paid."""
    words = WORDS.get(language, WORDS["en"])
    price = money.shown(terms.amount_minor, terms.currency)
    orgs, share = words["and"].join(terms.orgs), money.percent(terms.share_bp)
    told = [words[terms.model].format(price=price, orgs=orgs, share=share, currency=terms.currency)]
    if terms.model != "none":
        told.append(words["unpaid"].format(days=terms.stop_on_unpaid_days))
    return told


def source(grant: SourceGrant, language: str) -> str:
    """One box: what would be taken, from where and when."""
    return _source(grant, WORDS.get(language, WORDS["en"]))


def word(code: str, language: str) -> str:
    """What a facet or a kind of source is called, without the record's own word for it."""
    return WORDS.get(language, WORDS["en"]).get(code, code)


def facet(code: str, language: str) -> str:
    return _called(code, WORDS.get(language, WORDS["en"]))


def kind(code: str, language: str) -> str:
    """What a kind of source is called."""
    return _called(code, WORDS.get(language, WORDS["en"]))


def audience(grant: AudienceGrant, language: str) -> str:
    return _audience(grant, WORDS.get(language, WORDS["en"]))


def recipient(each: Recipient, language: str) -> str:
    return _recipient(each, WORDS.get(language, WORDS["en"]))


def use(words: str, language: str) -> str:
    return WORDS.get(language, WORDS["en"])["usual"] if words == USUAL else words


def controller(words: str, language: str) -> str:
    """Who is responsible, in the reader's language where the record names nobody in particular."""
    return WORDS.get(language, WORDS["en"])["controller"] if words == USUAL_CONTROLLER else words


def _recipient(recipient: Recipient, words: dict[str, str]) -> str:
    where = f"{recipient.name} ({recipient.region})"
    return where + words["kept"].format(days=recipient.retention_days) if recipient.retention_days else where


def _source(grant: SourceGrant, words: dict[str, str]) -> str:
    if grant.kind == "correction":
        return words["learnt"].format(first=grant.first, last=grant.last)
    container = words["every"] if grant.container == EVERY else words["chat"].format(container=grant.container)
    kind = _called(grant.kind, words)
    used = "used_ever" if grant.first <= LONG_AGO else "used"
    return words[used].format(kind=kind, container=container, first=grant.first, last=grant.last)


def _audiences(consent: Consent, words: dict[str, str]) -> Iterable[str]:
    for grant in consent.audiences:
        yield _audience(grant, words)


def _audience(grant: AudienceGrant, words: dict[str, str]) -> str:
    word = {EVERY: words["every_chat"], DIRECT: words["direct"]}.get(grant.chat, "{platform}:{chat}")
    return word.format(platform=grant.platform, chat=grant.chat)


def _called(code: str, words: dict[str, str]) -> str:
    """In words, and as the record has it: that is what is signed."""
    return f"{words[code]} ({code})"
