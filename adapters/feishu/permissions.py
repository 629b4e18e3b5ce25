"""What the Feishu app needs, and for each scope and event the reason we ask for it.

`deploy/feishu/permissions.json` is this table in the form the developer console imports in one paste
(*Permissions & Scopes → Batch import/export*); `check.py` compares what a tenant granted with it, so that the two
cannot drift apart.
"""

from __future__ import annotations

from typing import Any

PATH = "/feishu/events"  # one address for events and card callbacks in http mode

# scope → what stops working without it
SCOPES = {
    "contact:contact.base:readonly": "names are unknown, and whoever never spoke counts as an outsider",
    "contact:user.base:readonly": "names are unknown",
    "im:chat.members:bot_access": "that the bot was added to a chat is not told",
    "im:chat.members:read": "who reads along in a chat is unknown, so nothing is answered there",
    "im:chat:read": "whether a chat is open to everyone is unknown, so nothing is answered there",
    "im:message.group_at_msg:readonly": "mentions of the bot in groups are not delivered",
    "im:message.p2p_msg:readonly": "direct messages to the bot are not delivered",
    "im:message.reactions:read": "👍 and 👎 as reactions are not seen",
    "im:message.reactions:write_only": "the sign that an answer is on its way does not appear",
    "im:message:readonly": "whose message a reaction is on is unknown; a resend after an hour is not checked",
    "im:message:send_as_bot": "nothing can be posted",
}

# not asked for, and used where it is granted: scope → what does not work without it
OPTIONAL = {
    "cardkit:card:write": "answers do not appear while they are written (off by default)",
    "im:message.group_msg": "a follow-up in a thread needs the bot's name again",
}

# scope → broader ones that contain it
CONTAINED_IN = {
    "im:chat.members:bot_access": ("im:chat", "im:chat:readonly"),
    "im:chat.members:read": ("im:chat", "im:chat:readonly"),
    "im:chat:read": ("im:chat", "im:chat:readonly"),
    "im:message.group_at_msg:readonly": ("im:message.group_at_msg", "im:message.group_msg"),
    "im:message.p2p_msg:readonly": ("im:message.p2p_msg",),
    "im:message.reactions:read": ("im:message",),
    "im:message.reactions:write_only": ("im:message",),
    "im:message:readonly": ("im:message",),
    "im:message:send_as_bot": ("im:message",),
}

# event → the scope Feishu wants for it ("" = none)
EVENTS = {
    "application.bot.menu_v6": "",
    "im.chat.access_event.bot_p2p_chat_entered_v1": "",
    "im.chat.disbanded_v1": "im:chat:read",
    "im.chat.member.bot.added_v1": "im:chat.members:bot_access",
    "im.chat.member.bot.deleted_v1": "im:chat.members:bot_access",
    "im.chat.member.user.added_v1": "im:chat.members:read",
    "im.chat.member.user.deleted_v1": "im:chat.members:read",
    "im.chat.updated_v1": "im:chat:read",
    "im.message.reaction.created_v1": "im:message.reactions:read",
    "im.message.recalled_v1": "im:message:readonly",
    "im.message.receive_v1": "im:message.group_at_msg:readonly",
}
CALLBACKS = ("card.action.trigger",)

# key of a bot menu entry → what it is for; a press is taken as `/<key>`
MENU = {
    "personas": "who can be asked about",
    "mine": "my open questions, and what is kept of me",
    "status": "how the personas are",
    "help": "what can be typed",
}


def batch_import() -> dict[str, Any]:
    """What the console's *Batch import* takes."""
    return {"scopes": {"tenant": sorted(SCOPES), "user": []}}
