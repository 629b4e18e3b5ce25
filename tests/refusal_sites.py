"""Every sentence with which the command line can say no, as the program spells it: `Refused(…)`, the errors of
models, platforms and the store, and the findings of doctor. For tests/bots/test_refusals.py."""

from __future__ import annotations

import ast
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.spelling import VALUE, Hole, Place, Program, Spelling, called, is_sentence

ROOT = Path(__file__).parents[1]
PACKAGES = ("bots", "persona_store", "adapters")
APART = ("bots/assessment/findings.py", "adapters/local/", "adapters/scripted.py", "bots/llm/scripted.py")
"""Others of these names, and what no command shows: findings of an assessment, the local chat, shipped fakes."""

_CODE_WHAT_FIX = (1, 2)
SAID = {
    **dict.fromkeys(("Refused", "Denied", "ModelError", "ModelUnavailable", "ModelRefused"), _CODE_WHAT_FIX),
    **dict.fromkeys(("ModelMalformed", "BudgetSpent", "Finding"), _CODE_WHAT_FIX),
    **dict.fromkeys(("AdapterError", "Unauthorised", "RateLimited", "Unreachable", "NotFound", "Rejected"), (1,)),
    **dict.fromkeys(("StoreBroken", "Conflict", "BadSignature", "NoVectors", "NotStrict", "Unreached"), (0,)),
    "Undelivered": (0, 1),
    "_Bad": (2,),
    "Decision": (2,),
    "Retained": (0, 1),
    "Proof": (1, 2),
    "Residual": (0, 1, 2),
}
"""Which arguments of these are sentences, besides NAMED ones. The last three stand in a signed certificate, and are
translated where it is shown."""
NAMED = frozenset({"what", "fix", "why", "where", "who_to_ask"})


_ROLES = ("admin", "owner of {}", "deputy of {}")
_SYSTEM = (
    "ENOENT", "EACCES", "EPERM", "ENOSPC", "EISDIR", "ENOTDIR", "EEXIST", "EROFS", "ENAMETOOLONG", "EIO", "EMFILE",
)  # fmt: skip
ALSO = (
    *(f"{role}: {{}}" for role in _ROLES),  # doctor.py: whoever has authority
    *(f"{role} {{}} is on no platform" for role in _ROLES),
    *(f"{role} {{}} is nobody there" for role in _ROLES),
    *(f"{role} {{}} writes to us as {{}}" for role in _ROLES),
    *(os.strerror(getattr(errno, name)) for name in _SYSTEM),  # what a system says of files
    *(f"feishu: every {kind} is subscribed" for kind in ("event", "callback")),
    *(f"feishu: {kind}s do not come by long connection" for kind in ("event", "callback")),
    *(f"feishu: {kind}s do not come by a request URL that ends in {{}}" for kind in ("event", "callback")),
    *(f"feishu: {kind} {{}} is not subscribed" for kind in ("event", "callback")),
    *(f"feishu: {kind}s {{}} are not subscribed" for kind in ("event", "callback")),
    "the local model ended",
    "it names none",
    "there is no source {}",
    "persona {} is unknown, not erasing",
    *("chats", "terminals", "backups", "disk", "the store is deleted"),  # certificate.py
    "(at line {}, column {})",  # tomllib, of a configuration file
    "(at end of document)",
    "where the embedded store, the evidence and the keys live",  # the meaning of data.dir, the one path there is
    "what it answered is not what the subject signed about this record",  # licensed/checking.py
)
"""Templates of what is put together from words, where a value would leave one English, or is not ours."""


def said_by_the_program() -> tuple[dict[Spelling, str], set[str]]:
    """(every sentence, with a place that says it; where an argument's strings cannot be seen)."""
    program = Program(ROOT, PACKAGES)
    names = _with_kinds(program)
    found: dict[Spelling, str] = {}
    unseen = set()
    for module in program.modules.values():
        if module.path.startswith(APART):
            continue
        for node, inside in module.within.items():
            for said in _arguments(node, names):
                spelled = program.spelled(said, Place(module, inside))
                if spelled == {VALUE}:
                    unseen.add(f"{module.path}:{inside.name if inside else ''} {ast.unparse(said)}")
                for each in (piece for whole in spelled for piece in _pieces(whole)):
                    if is_sentence(each):
                        found.setdefault(each, f"{module.path}:{said.lineno}")
    for each in program.nested:
        found.setdefault(each, "inside another sentence")
    return found, unseen


def template(spelling: Spelling) -> str:
    """As it stands in the file of translations: `{}` for a hole, braces doubled."""
    return "".join(
        "{}" if isinstance(part, Hole) else part.replace("{", "{{").replace("}", "}}") for part in spelling
    )


def _with_kinds(program: Program) -> dict[str, tuple[int, ...]]:
    """SAID, and the classes that are kinds of those."""
    names = dict(SAID)
    classes = [
        node for module in program.modules.values() for node in module.within if isinstance(node, ast.ClassDef)
    ]
    for _ in classes:  # a kind of a kind may stand before it
        more = {each.name: names[called(base)] for each in classes for base in each.bases if called(base) in names}
        if more.keys() <= names.keys():
            break
        names |= more
    return names


def _arguments(node: ast.AST, names: Mapping[str, tuple[int, ...]]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and called(node.func) in names:
        yield from (node.args[place] for place in names[called(node.func)] if place < len(node.args))
        yield from (word.value for word in node.keywords if word.arg in NAMED)


def _pieces(spelling: Spelling) -> Iterator[Spelling]:
    """What stands between the dots: what is wrong, and the way out."""
    piece: list[str | Hole] = []
    for part in spelling:
        first, *others = part.split(" · ") if isinstance(part, str) else (part,)
        piece.append(first)
        for other in others:
            yield tuple(piece)
            piece = [other]
    yield tuple(piece)
