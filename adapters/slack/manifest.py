"""The Slack app we need: its manifest, and for each scope and event the reason we ask for it.

The manifest creates the app in one paste (api.slack.com/apps → Create New App → From a manifest); `check.py`
compares what a workspace granted with the same tables, so that the two cannot drift apart.
"""

from __future__ import annotations

from typing import Any

COMMAND = "/understudy"
PATH = "/slack/events"  # one address for events, buttons and commands in HTTP mode

# scope → what stops working without it
SCOPES = {
    "app_mentions:read": "mentions of the bot are not delivered",
    "assistant:write": "the agent view and its status line do not work",
    "channels:history": "follow-ups in public channels' threads are not delivered, and a resend cannot be checked",
    "channels:read": "who reads along in a public channel is unknown, so nothing is answered there",
    "chat:write": "nothing can be posted",
    "commands": f"{COMMAND} does not exist",
    "groups:history": "follow-ups in private channels are not delivered, and a resend cannot be checked",
    "groups:read": "who reads along in a private channel is unknown, so nothing is answered there",
    "im:history": "direct messages to the bot are not delivered",
    "im:read": "who is in a direct chat is unknown, so nothing is answered there",
    "im:write": "owners cannot be asked in a direct chat",
    "mpim:history": "follow-ups in group chats are not delivered",
    "mpim:read": "who reads along in a group chat is unknown, so nothing is answered there",
    "reactions:read": "👍 and 👎 as reactions are not seen",
    "users:read": "names, time zones and who is a guest are unknown",
}

# event → the scope Slack wants for it ("" = none)
EVENTS = {
    "agent_session_stopped": "",
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}


def manifest(*, name: str = "understudy", mode: str = "socket", url: str = "") -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP with `url` as the public base of our web server."""
    http = {"request_url": url.rstrip("/") + PATH} if mode == "http" else {}
    command = {
        "command": COMMAND,
        "description": "Ask a colleague's understudy, or look after one",
        "usage_hint": "ask | why | personas | status | help",
        "should_escape": True,  # mentions in commands arrive as ids, and only ids give authority
        **({"url": http["request_url"]} if http else {}),
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "A consented, cited, retirable stand-in for a colleague who moved on.",
        },
        "features": {
            "agent_view": {  # `assistant_view` ends in February 2027 (docs.slack.dev/changelog/2026/08/20)
                "agent_description": "Answers what a colleague who moved on has written, with quotes, "
                "and asks a named human when unsure.",
                "suggested_prompts": [
                    {"title": "Who can I ask about?", "message": "personas"},
                    {"title": "What can you do?", "message": "help"},
                ],
            },
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": False},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**http, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **http},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }
