"""The house rules that a reader would otherwise have to trust: who imports whom, and what lives in one room only.

docs/architecture.md says why. Read from the sources with the standard library's `ast`; nothing is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

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
    "lark_oapi": ("adapters/feishu/client.py",),
    "dingtalk_stream": ("adapters/dingtalk/client.py",),
    "redis": ("persona_store/backends/redis.py",),
    "apsw": ("persona_store/backends/sqlite*.py", "persona_store/evidence.py", "adapters/local/*.py"),
    "rjieba": ("persona_store/tokens.py",),
    "prometheus_client": ("bots/metrics.py",),
    "rich": ("bots/cli.py", "bots/cli/*.py", "bots/console.py"),
    "aiohttp.web": ("bots/web/*.py", "adapters/*/webhook.py", "adapters/local/*.py", "adapters/protocol.py"),
    "openai": (),
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


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple((path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in files)


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Dotted names a file imports, with the line; `from a import b` yields `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can read them"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


def dotted(node: ast.AST) -> str:
    """`os.environ` for the attribute os.environ; only the last two names count (`datetime.datetime.now`)."""
    if isinstance(node, ast.Attribute):
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return f"{owner}.{node.attr}"
    return ""


def test_there_is_something_to_check() -> None:
    assert {path.split("/")[0] for path, _ in sources()} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    """adapters and persona_store know nothing of each other, nor of bots."""
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources()
        if path.startswith(f"{package}/")
        for name, line in imports(tree)
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("library", ROOMS)
def test_each_library_lives_in_its_room(library: str) -> None:
    wrong = [
        f"{path}:{line}"
        for path, tree in sources()
        for name, line in imports(tree)
        if within(name, library) and not any(fnmatch(path, room) for room in ROOMS[library])
    ]
    assert wrong == []


def test_an_adapter_imports_no_other_adapter() -> None:
    wrong = []
    for path, tree in sources():
        own = path.split("/")[1] if path.startswith("adapters/") and path.count("/") > 1 else None
        for name, line in imports(tree):
            parts = name.split(".")
            room = len(parts) > 2 and parts[0] == "adapters" and (ROOT / "adapters" / parts[1]).is_dir()
            if own and room and parts[1] != own:
                wrong.append(f"{path}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("name", ONE_PLACE)
def test_the_world_outside_is_reached_from_one_place(name: str) -> None:
    """Time comes from the Clock and the environment from the settings; then tests need no patching."""
    elsewhere = [
        (path, tree) for path, tree in sources() if not any(fnmatch(path, room) for room in ONE_PLACE[name])
    ]
    wrong = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, tree in elsewhere
        for node in ast.walk(tree)
        if dotted(node) == name
    ]
    wrong += [f"{path}:{line}" for path, tree in elsewhere for imported, line in imports(tree) if imported == name]
    assert wrong == []


def test_only_the_composition_root_names_concrete_classes_of_several_packages() -> None:
    """Everybody else is handed what they need: a file that imports both a platform's room and a storage backend
    would be wiring. (Models, protocols and errors are words, not concrete things.)"""
    wrong = []
    for path, tree in sources():
        names = {name for name, _ in imports(tree)}
        platforms = any(
            name.startswith(("adapters.slack", "adapters.local", "adapters.adapter_module", "adapters.scripted"))
            for name in names
        )
        backends = any(name.startswith("persona_store.backends") for name in names)
        if platforms and backends and path != "bots/app.py":
            wrong.append(path)
    assert wrong == []


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    """About 100 lines is usual; past this it is two files."""
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path, _ in sources()}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_every_file_says_what_lives_in_it() -> None:
    """The first sentence of a file is its docstring."""
    assert [path for path, tree in sources() if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_is_left_for_later() -> None:
    """A note to self in the code is an issue that nobody filed."""
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX ")
    wrong = [
        f"{path}: {mark}"
        for path, _ in sources()
        for mark in marks
        if mark in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_the_checks_themselves_find_what_they_look_for() -> None:
    """A rule that matches nothing would pass for ever: here each finder meets a culprit."""
    tree = ast.parse(
        "import os\nfrom aiohttp import web\nfrom datetime import datetime\n"
        "os.environ['x']\ndatetime.now()\nfrom slack_sdk.web import x\n"
    )
    names = {name for name, _ in imports(tree)}
    assert any(within(name, "aiohttp.web") for name in names)
    assert any(within(name, "slack_sdk") for name in names)
    assert not within("slack_bolt_x", "slack_bolt")
    assert {"os.environ", "datetime.now"} <= {dotted(node) for node in ast.walk(tree)}
