"""The kinds of material `understudy import` knows. A further kind is one small function here and one line in KINDS.

The function says how its Source is made from what was typed, and under which person key the material knows the
subject ("" if it does not tell): from the first import on, that is whose persona it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

from bots.cli import fetching, given
from bots.cli.context import Context
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Source
from persona_store.sources.chat_export import Told
from persona_store.sources.chat_times import CHINA
from persona_store.sources.colleague_skill import ColleagueSkill
from persona_store.sources.description import Description, of_file
from persona_store.sources.dingtalk_export import DingTalkExport
from persona_store.sources.documents import Documents
from persona_store.sources.feishu_export import FeishuExport
from persona_store.sources.mail import Mail
from persona_store.sources.mail_addresses import folded
from persona_store.sources.members import Limits
from persona_store.sources.qq_export import QQExport
from persona_store.sources.screenshots import Screenshots
from persona_store.sources.slack_export import SlackExport
from persona_store.sources.telegram_export import TelegramExport
from persona_store.sources.wechat_export import WeChatExport
from persona_store.sources.wecom_export import WeComExport


class Kind(Struct, frozen=True):
    """A kind of material: its name on the command line, the sentence `cli.<about>`, and its own OPTIONS."""

    name: str
    about: str
    source: Callable[[Context, Persona], tuple[Source, str]]
    options: tuple[str, ...] = ()
    own: bool = True  # it holds the subject's own words, so that it must be known whose
    path: bool = True  # it is handed in, and not fetched


# Options that only some kinds have: how the value is called, and the sentence `cli.<help>`. "" is what none means.
# Where kinds mean something else by one, it stands once for each, with a word behind it.
OPTIONS = {
    "--link-base": ("URL", "import_link_base"),
    "--encoding": ("NAME", "import_encoding"),
    "--names": ("LIST", "import_names"),
    "--ids": ("LIST", "import_ids"),
    "--chats": ("FILE", "import_chats"),
    "--team-chats": ("LIST", "import_team_chats"),
    "--timezone": ("ZONE", "import_timezone"),
    "--chats fetched": ("LIST", "fetch_chats"),
    "--docs": ("LIST", "fetch_docs"),
    "--team-docs": ("LIST", "fetch_team_docs"),
    "--since": ("DAY", "fetch_since"),
    "--user-token": ("-", "fetch_user_token"),
    "--me": ("NAME", "import_me"),
    "--mine": ("LIST", "import_mine"),
    "--date": ("DAY", "import_date"),
    "--account": ("ID", "import_account"),
    "--by": ("PLATFORM:ID", "import_by"),
    "--by-name": ("NAME", "import_by_name"),
}
PICTURES = ("--names", "--me", "--mine", "--team-chats", "--date", "--timezone")
DESCRIBED = ("--by", "--by-name", "--encoding")
CHAT = ("--ids", "--names", "--chats", "--team-chats", "--encoding", "--timezone")
MESSENGERS = {"wechat": WeChatExport, "wecom": WeComExport, "qq": QQExport, "telegram": TelegramExport}


def _slack(context: Context, persona: Persona) -> tuple[Source, str]:
    asked = context.arguments
    subject, key = on_platform("slack", context, persona)
    return SlackExport(asked.path, subject, asked.link_base.rstrip("/"), limits=limits(context)), key


def _documents(context: Context, persona: Persona) -> tuple[Source, str]:
    """What names the subject in front matter may be anything; it is a person key only with its platform."""
    asked = context.arguments
    subject = persona.subject or asked.subject
    called = (*given.words(asked.names), persona.display_name, *persona.aliases, *filter(None, [asked.subject]))
    source = Documents(asked.path, subject, names=called, encoding=asked.encoding, limits=limits(context))
    return source, subject if ":" in subject else ""


def _colleague_skill(context: Context, persona: Persona) -> tuple[Source, str]:
    """Nothing in it is in the subject's own words, whoever it says it is about."""
    asked = context.arguments
    return ColleagueSkill(asked.path, encoding=asked.encoding, limits=limits(context)), ""


def _description(context: Context, persona: Persona) -> tuple[Source, str]:
    """Words of whoever is named by --by, about the subject."""
    asked = context.arguments
    source = Description(
        of_file(asked.path, asked.encoding),
        by=given.describer(asked.by, persona),
        by_name=asked.by_name,
        names=(persona.display_name, *persona.aliases),
    )
    return source, ""


def _feishu(context: Context, persona: Persona) -> tuple[Source, str]:
    subject, key = on_platform("feishu", context, persona)
    return FeishuExport(context.arguments.path, subject, _told(context, persona), limits=limits(context)), key


def _dingtalk(context: Context, persona: Persona) -> tuple[Source, str]:
    subject, key = on_platform("dingtalk", context, persona)
    return DingTalkExport(context.arguments.path, subject, _told(context, persona), limits=limits(context)), key


def _messenger(name: str, context: Context, persona: Persona) -> tuple[Source, str]:
    subject, key = on_platform(name, context, persona, written="user" if name == "telegram" else "")
    return MESSENGERS[name](context.arguments.path, subject, _told(context, persona), limits=limits(context)), key


def _feishu_api(context: Context, persona: Persona) -> tuple[Source, str]:
    subject, key = on_platform("feishu", context, persona)
    return fetching.feishu(context, subject, persona.display_name), key


def _dingtalk_api(context: Context, persona: Persona) -> tuple[Source, str]:
    subject, key = on_platform("dingtalk", context, persona)
    return fetching.dingtalk(context, subject), key


def _mail(context: Context, persona: Persona) -> tuple[Source, str]:
    """Somebody has several addresses; the first is the one the persona is known by."""
    asked = context.arguments
    known = folded(persona.subject) if persona.subject.startswith("mail:") else ""
    addresses = tuple(map(folded, given.words(asked.subject))) or (known,)
    if not addresses[0]:
        raise Refused("SUBJECT", f"persona {persona.name!r} has no mail address", "give --subject ADDRESS")
    if known and known not in addresses:
        what = f"persona {persona.name!r} is about {persona.subject}, not {addresses[0][:80]}"
        raise Refused("SUBJECT_OTHER", what, "consent is one person's; make another persona")
    source = Mail(asked.path, addresses, team_lists=given.words(asked.team_chats), max_files=asked.max_files)
    return source, f"mail:{known or addresses[0]}"


def _screenshots(context: Context, persona: Persona) -> tuple[Source, str]:
    """Pictures know people by name only, so the key is the persona's, or what was typed."""
    asked = context.arguments
    subject = persona.subject or asked.subject
    zone = given.zone("--timezone", asked.timezone)
    source = Screenshots(
        asked.path,
        subject,
        names=(*given.words(asked.names), persona.display_name, *persona.aliases),
        me=asked.me,
        mine=given.words(asked.mine),
        team_chats=given.words(asked.team_chats),
        taken=given.day("--date", asked.date) if asked.date else None,
        zone=ZoneInfo(zone) if zone else CHINA,
        limits=limits(context),
    )
    return source, subject if ":" in subject else ""


def _told(context: Context, persona: Persona) -> Told:
    asked = context.arguments
    zone = given.zone("--timezone", asked.timezone)
    return Told(
        ids=given.words(asked.ids),
        names=given.words(asked.names),
        team_chats=given.words(asked.team_chats),
        chats=Path(asked.chats) if asked.chats else None,
        account=getattr(asked, "account", ""),
        encoding=asked.encoding,
        zone=ZoneInfo(zone) if zone else CHINA,
    )


KINDS = (
    Kind("slack-export", "import_slack", _slack, ("--link-base",)),
    Kind("feishu", "import_feishu", _feishu, CHAT),
    Kind("feishu-api", "fetch_feishu", _feishu_api, fetching.FEISHU, path=False),
    Kind("dingtalk", "import_dingtalk", _dingtalk, CHAT),
    Kind("dingtalk-api", "fetch_dingtalk", _dingtalk_api, fetching.DINGTALK, path=False),
    Kind("wechat", "import_wechat", partial(_messenger, "wechat"), (*CHAT, "--account")),
    *(Kind(name, f"import_{name}", partial(_messenger, name), CHAT) for name in ("wecom", "qq", "telegram")),
    Kind("mail", "import_mail", _mail, ("--team-chats",)),
    Kind("documents", "import_documents", _documents, ("--encoding", "--names")),
    Kind("screenshots", "import_screenshots", _screenshots, PICTURES),
    Kind("colleague-skill", "import_colleague_skill", _colleague_skill, ("--encoding",), own=False),
    Kind("description", "import_description", _description, DESCRIBED, own=False),
)


# ------------------------------------------------------------------ what several kinds need


def limits(context: Context) -> Limits:
    return Limits(members=context.arguments.max_files)


def on_platform(platform: str, context: Context, persona: Persona, *, written: str = "") -> tuple[str, str]:
    """(what the material calls the subject, their person key) where people are known by the platform's own ids.
    `written` is what the material puts before them. Raises Refused SUBJECT if it is not said, SUBJECT_OTHER if the
    persona is about another account there."""
    prefix = f"{platform}:"
    known = persona.subject.startswith(prefix)
    if not context.arguments.subject and not known:
        what = f"persona {persona.name!r} is about {persona.subject}, which is no id of {platform}"
        raise Refused("SUBJECT", what, "give --subject ID")
    subject = context.arguments.subject or persona.subject
    key = prefix + subject.removeprefix(prefix).removeprefix(written)
    if known and key != persona.subject:
        raise Refused(
            "SUBJECT_OTHER",
            f"persona {persona.name!r} is about {persona.subject}, not {key[:80]}",
            "consent is one person's; make another persona",
        )
    return subject, key
