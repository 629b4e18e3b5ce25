"""The kinds of material that are fetched from a platform: with whose leave, and what of it.

The credentials are never the bot's. Its manifest does not ask to read a group's history (rights.md P6): what reads
is an app of its own, which an admin can grant for an afternoon and take away again, or a token the subject lends.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime

from adapters.secret import Secret
from bots.cli import given
from bots.cli.context import Context
from bots.options import FeishuHistory
from persona_store.errors import Refused
from persona_store.sources.chat_export import Told
from persona_store.sources.dingtalk_api import DingTalkApi, DingTalkAsked
from persona_store.sources.dingtalk_calls import DingTalkAccess
from persona_store.sources.dingtalk_wiki import node_id
from persona_store.sources.feishu_api import ALL, FeishuApi, FeishuAsked
from persona_store.sources.feishu_calls import FeishuAccess
from persona_store.sources.feishu_drive import wanted

FEISHU = ("--chats fetched", "--docs", "--since", "--user-token", "--ids", "--team-chats")
DINGTALK = ("--docs", "--team-docs", "--since")
LONGEST_TOKEN = 4096
_CHAT = re.compile(r"oc_[0-9A-Za-z]{2,80}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


def feishu(context: Context, subject: str, name: str) -> FeishuApi:
    """`name` is what the persona is called, for documents, which name nobody. Raises Refused FETCH_WHAT, CHAT_ID,
    DOCUMENT, DATE, USER_TOKEN or SETTINGS."""
    asked, settings = context.arguments, context.settings.feishu
    chats, documents = given.words(asked.chats), given.words(asked.docs)
    if not chats and not documents:
        raise Refused("FETCH_WHAT", "it is not said what to fetch", "give --chats oc_…, or --docs LINK, or both")
    for chat in chats:
        if chats != (ALL,) and not _CHAT.fullmatch(chat):
            raise Refused("CHAT_ID", f"--chats {chat[:60]!r} is no chat of Feishu's", "write oc_…, or all alone")
    history = context.settings.feishu_history
    access = _feishu_access(context, history)
    same = history.app_id == settings.app_id and not access.as_user
    bot = FeishuAccess(settings.app_id, settings.app_secret) if settings.app_id and settings.app_secret else None
    what = FeishuAsked(
        base=settings.domain,
        access=access,
        bot=None if same else bot,
        chats=chats,
        documents=None if documents == (ALL,) else tuple(map(wanted, documents)),
        since=_since(asked.since),
    )
    told = Told(ids=given.words(asked.ids), names=(name,), team_chats=given.words(asked.team_chats))
    return FeishuApi(subject, what, told)


def dingtalk(context: Context, subject: str) -> DingTalkApi:
    """Raises Refused FETCH_WHAT, DOCUMENT, DATE or SETTINGS."""
    asked, settings = context.arguments, context.settings.dingtalk
    documents = given.words(asked.docs)
    if not documents:
        raise Refused("FETCH_WHAT", "it is not said what to fetch", "give --docs LINK, or --docs all")
    reader = context.settings.dingtalk_docs
    if not reader.client_id or not reader.client_secret:
        fix = "set UNDERSTUDY_DINGTALK_DOCS_CLIENT_ID and UNDERSTUDY_DINGTALK_DOCS_CLIENT_SECRET"
        raise Refused("SETTINGS", "no app is set with which DingTalk's documents may be read", fix)
    what = DingTalkAsked(
        base=settings.api_url,
        old_base=settings.oapi_url,
        access=DingTalkAccess(reader.client_id, reader.client_secret),
        documents=None if documents == (ALL,) else tuple(map(node_id, documents)),
        team=given.words(asked.team_docs),
        since=_since(asked.since),
    )
    return DingTalkApi(subject, what)


def _since(day: str) -> int:
    """Seconds at which the day begins, in UTC; 0 for from the beginning."""
    if not day:
        return 0
    first = given.day("--since", day)
    return int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())


def _feishu_access(context: Context, settings: FeishuHistory) -> FeishuAccess:
    if context.arguments.user_token:
        return FeishuAccess(user_token=_typed_token(context.arguments.user_token))
    if settings.user_token:
        return FeishuAccess(user_token=settings.user_token)
    if settings.app_id and settings.app_secret:
        return FeishuAccess(settings.app_id, settings.app_secret)
    fix = "set UNDERSTUDY_FEISHU_HISTORY_APP_ID and _APP_SECRET (docs/adapters/feishu.md), or give --user-token -"
    raise Refused("SETTINGS", "nothing is set with which Feishu's history may be read", fix)


def _typed_token(where: str) -> Secret:
    """From standard input only: what is typed as an argument is seen by everybody on this machine. What was given
    is not repeated."""
    if where != "-":
        fix = "write --user-token - and give it on standard input, or set UNDERSTUDY_FEISHU_HISTORY_USER_TOKEN"
        raise Refused("USER_TOKEN", "a token is not taken from the command line, where others see it", fix)
    token = sys.stdin.readline(LONGEST_TOKEN + 1).strip() if sys.stdin else ""
    if not _TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
        raise Refused("USER_TOKEN", "no token came on standard input", "write one line, as `u-…`")
    return Secret(token)
