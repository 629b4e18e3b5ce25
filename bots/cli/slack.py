"""`understudy slack manifest`: what creates the Slack app, with everything the adapter needs and nothing more."""

from __future__ import annotations

import json

from adapters import adapter_module
from bots.cli.context import Context
from bots.cli.parser import Group
from bots.wording import say
from persona_store.errors import Refused


def add(commands: Group, lang: str) -> None:
    make = Group(commands.add("slack", "slack"), "VERB").add("manifest", "slack_manifest")
    make.add_argument("--name", default="understudy", help=say(lang, "cli.slack_name"))
    make.add_argument("--mode", choices=("socket", "http"), default="", help=say(lang, "cli.slack_mode"))
    make.add_argument("--url", default="", help=say(lang, "cli.slack_url"))
    make.set_defaults(call=_manifest)


async def _manifest(context: Context) -> int:
    """JSON, to be pasted at api.slack.com/apps → Create New App → From a manifest."""
    arguments, settings = context.arguments, context.settings
    mode, url = arguments.mode or settings.slack.mode, arguments.url or settings.web.link_base
    if mode == "http" and not url.startswith("https://"):
        raise Refused("SLACK_URL", f"Slack calls only https addresses, not {url!r}", "give --url https://…")
    made = adapter_module("slack").manifest.manifest(name=arguments.name, mode=mode, url=url)
    print(json.dumps(made, indent=2, ensure_ascii=False))
    return 0
