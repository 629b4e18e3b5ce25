"""Two organisations for tests of licences: acme, where Lin worked, and globex, which gets a licence from Lin."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from persona_store import bundle
from persona_store.envelope import Identity
from persona_store.evidence import EvidenceFile
from persona_store.vault import Vault
from tests.bots.cli.shell import Said, Shell
from tests.persona_store.sources.exports import export, said, write_zip

At = Callable[[str], None]

CANARIES = ("zanzibar-4711", "Bob Hart", "quokka", "acme-internal", "U0BOB", "U0LIN")
"""Of the first organisation: words, people and places of its chats, and where its documents stood."""

CHATS = {
    "payments": [
        said("U0BOB", "Which host is the quokka queue on?", 0),
        said("U0LIN", "The quokka queue runs on zanzibar-4711, restart it there.", 60, client_msg_id="m1"),
    ]
}
PEOPLE = [
    {"id": "U0LIN", "name": "lin", "real_name": "Lin Wei", "profile": {"display_name": "Lin Wei"}},
    {"id": "U0BOB", "name": "bob", "real_name": "Bob Hart", "profile": {"display_name": "Bob Hart"}},
]
RUNBOOK = """# Payments

The payment retry job runs every 15 minutes and gives up after 3 attempts.

## Refunds

Never retry a refund by hand, otherwise the bank pays it twice. Ask Bob Hart before you touch the ledger.
"""
QUESTION = "How often does the payment retry job run?"
ANSWER = "every 15 minutes"
TAUGHT = "Freeze the partner file before the month is closed."


def employed(sh: Shell) -> None:
    """At acme: chats, a document and an interview, all under the employer's own record."""
    sh.draft("lin")
    words = ("--sources", "slack-export,documents,interview", "--cooling-off", "0", "--yes")
    sh.done("consent", "sign", "lin", *words)
    names = ("--persona", "lin", "--subject", "U0LIN")
    sh.done("import", "slack-export", str(write_zip(sh.folder / "chats.zip", export(CHATS, users=PEOPLE))), *names)
    papers = sh.folder / "acme-internal"
    papers.mkdir()
    (papers / "runbook.md").write_text(RUNBOOK, encoding="utf-8")
    sh.done("import", "documents", str(papers), "--persona", "lin")
    answers = sh.folder / "answers.jsonl"
    answers.write_text(json.dumps({"question": "What of zanzibar-4711?", "answer": TAUGHT}) + "\n")
    sh.done("interview", "lin", "--batch", str(answers))
    sh.done("persona", "live", "lin")


def quoted(sh: Shell, question: str = QUESTION) -> str:
    """What would be quoted for a question, however sure the persona is."""
    return "\n".join(each["text"] for each in sh.done("ask", "--persona", "lin", question, "--json").json["quotes"])


def license_to(
    sh: Shell, org: str = "globex", *more: str, sources: str = "documents,interview", name: str = ""
) -> Said:
    words = ("--owner", "slack:W0GIL", "--chats", "slack:*", "--sources", sources, "--cooling-off", "0", "--yes")
    out = str(sh.folder / (name or f"licence-{org}"))
    return sh("consent", "licence", "lin", "--org", org, *words, "--out", out, *more)


def address(sh: Shell, org: str = "") -> str:
    """Of the installation we are at, or of one that has a key already."""
    if org:
        return Identity.kept_in(sh.folder / org / "keys" / "receiving.age").address
    told: str = sh.done("export", "key", "--json").json["address"]
    return told


def release(sh: Shell) -> tuple[str, str]:
    paper = sh.folder / "release.pdf"
    paper.write_bytes(b"%PDF-1.7 Acme releases the runbook to Globex. Signed.")
    return "--release", str(paper)


def packed(sh: Shell, to: str, *more: str, org: str = "globex", name: str = "lin.age") -> Any:
    words = ("--org", org, "--to", to, *more, "--json")
    return sh.done("export", "licensed", "lin", str(sh.folder / name), *words).json


def moved_there(sh: Shell, at: At) -> Any:
    """From acme to globex; what the sender was told."""
    sent = packs(sh, at)
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    sh.done("persona", "offer", "lin", "internal")
    sh.done("persona", "live", "lin")
    return sent


def packs(sh: Shell, at: At) -> Any:
    """A pack that globex has not taken in yet."""
    at("globex")
    to = address(sh)
    at("acme")
    employed(sh)
    assert license_to(sh).status == 0
    return packed(sh, to, *release(sh))


def once(make: Callable[[Shell, At], Any], sh: Shell, at: At, kept: Path) -> Any:
    """The same state in every test, made by the first one that needs it."""
    place, told = kept / make.__name__, kept / f"{make.__name__}.json"
    if not told.exists():
        told.write_text(json.dumps(make(sh, at)))
        shutil.copytree(sh.folder, place)
    else:
        shutil.copytree(place, sh.folder, dirs_exist_ok=True)
    sent = json.loads(told.read_text())
    at("globex")
    return {**sent, "file": str(sh.folder / Path(sent["file"]).name)} if sent else None


def at_acme(sh: Shell, at: At) -> None:
    at("globex")
    address(sh)
    at("acme")
    employed(sh)


def read(file: str) -> bytes:
    return Path(file).read_bytes()


def opened(sh: Shell, file: str, org: str = "globex") -> bundle.Bundle:
    identity = Identity.kept_in(sh.folder / org / "keys" / "receiving.age")
    return bundle.open_bundle(Path(file).read_bytes(), identity)


def ids(sh: Shell, sent: Any) -> list[str]:
    return [line.passage.id for line in opened(sh, sent["file"]).lines() if isinstance(line, bundle.Told)]


def forged(sh: Shell, sent: Any, *more: bundle.Line, name: str = "forged.age", **changes: Any) -> str:
    """The pack as the sender's own program might make it if somebody had changed it: rightly signed."""
    there = opened(sh, sent["file"])
    assert there.licensed is not None
    lines: list[bundle.Line] = [
        there.head,
        msgspec.structs.replace(there.licensed, **changes),
        *there.lines(),
        *more,
    ]
    return sealed(sh, lines, name)


def sealed(sh: Shell, lines: Sequence[bundle.Line], name: str) -> str:
    async def each() -> AsyncIterator[bundle.Line]:
        for line in lines:
            yield line

    private = Vault.open(sh.folder / "acme" / "keys").signing_key("bundles")
    to = Identity.kept_in(sh.folder / "globex" / "keys" / "receiving.age").address
    file = sh.folder / name
    file.write_bytes(asyncio.run(bundle.seal(each(), to=to, private=private, now=datetime.now(UTC))).data)
    return str(file)


def everything(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def unsealed(sh: Shell, org: str, name: str = "lin") -> str:
    """All that can be read with the keys: passages, what was drawn from them, and the store's own rows."""
    sh.done("persona", "distil", name)
    page = sh.folder / f"{org}.html"
    sh.done("persona", "page", name, "--out", str(page))
    vault = Vault.open(sh.folder / org / "keys")
    held = EvidenceFile.open(sh.folder / org / "evidence" / f"{name}.db", vault.key(name))
    try:
        return f"{asyncio.run(held.all())}\n{page.read_text(encoding='utf-8')}"
    finally:
        held.close()
