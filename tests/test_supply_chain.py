"""T41, the supply chain: what is installed is locked by hash and listed, and nothing that is read is run."""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
OURS = ("bots", "adapters", "persona_store", "scripts")


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sbom = _loaded(ROOT / "scripts" / "sbom.py")


def wanted(extra: str) -> list[Requirement]:
    """What pyproject.toml asks for, extras of ours unfolded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def unfolded(lines: list[str]) -> Iterator[Requirement]:
        for each in map(Requirement, lines):
            if each.name == project["name"]:
                yield from unfolded([line for name in each.extras for line in extras[name]])
            else:
                yield each

    return [*unfolded(project["dependencies"]), *unfolded(extras[extra])]


def locked(path: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for each in sbom.components(path.read_text(encoding="utf-8")):
        found.setdefault(each["name"], []).append(each)
    return found


# ------------------------------------------------------------------ the locks


def test_there_is_a_lock_for_everything_the_makefile_installs() -> None:
    asked = set(re.findall(r"scripts/environment (\w+)", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert {path.stem for path in LOCKS} == asked == {"slack", "all", "dev"}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_t41_every_library_is_pinned_within_its_bounds_and_has_hashes(path: Path) -> None:
    """`make lock` renews them after a change of pyproject.toml."""
    there = locked(path)
    for each in wanted(path.stem):
        pinned = there.get(each.name.lower())
        assert pinned, f"{each.name} is not in {path.name}: run `make lock`"
        assert all(each.specifier.contains(str(one["version"])) for one in pinned), each
    assert [name for name, pinned in there.items() for one in pinned if not one["hashes"]] == []
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("    ")]
    assert [line for line in lines if sbom.PINNED.match(line) is None] == [], "nothing else is installed"


def test_t41_the_locks_agree() -> None:
    """Who tests does so with the very versions that run."""
    dev = locked(ROOT / "locks" / "dev.txt")
    for path in LOCKS:
        for name, pinned in locked(path).items():
            assert [(one["version"], one["hashes"]) for one in pinned] == [
                (one["version"], one["hashes"]) for one in dev[name]
            ], name


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_t41_a_lock_names_no_place(path: Path) -> None:
    """Neither a registry nor a folder: where files come from is the installer's business, what they are is ours."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"https?:|file:|--\w*index|--find-links|--trusted|@ |^-e|/home|/root|/opt", text) == []


def test_t41_whatever_installs_does_so_by_the_lock() -> None:
    """And takes wheels only, since making one would fetch tools that nobody locked."""
    for name in ("scripts/environment", "deploy/Dockerfile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--require-hashes --only-binary :all:" in text, name
        assert "--no-deps --no-build-isolation" in text, name


def test_t41_what_is_installed_here_is_what_is_locked() -> None:
    """Of what running needs; so that the tests say something about it."""
    differing = {}
    for name, pinned in locked(ROOT / "locks" / "slack.txt").items():
        try:
            here = version(name)
        except Exception:  # for another platform or Python
            continue
        if here not in [one["version"] for one in pinned]:
            differing[name] = here
    assert differing == {}


# ------------------------------------------------------------------ a wheel that was changed on its way


def _wheel(folder: Path, name: str, number: str, body: str) -> Path:
    """The smallest there is."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{number}.dist-info"
    files = {
        f"{module}.py": body,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{each},{_record(text)},{len(text.encode())}\n" for each, text in files.items())
    path = folder / f"{module}-{number}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as out:
        for each, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            out.writestr(zipfile.ZipInfo(each), text)
    return path


def _record(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _installed(requirements: Path, links: Path, into: Path) -> subprocess.CompletedProcess[str]:
    """As scripts/environment does it, with no registry at hand."""
    options = ("--require-hashes", "--only-binary", ":all:", "--no-index", "--no-deps", "--no-compile")
    command = [sys.executable, "-m", "pip", "--isolated", "install", "--disable-pip-version-check", *options]
    where = ("--find-links", str(links), "--target", str(into), "--requirement", str(requirements))
    return subprocess.run([*command, *where], capture_output=True, text=True, timeout=60, check=False)


def test_t41_a_wheel_that_was_tampered_with_is_not_installed(tmp_path: Path) -> None:
    links, lock = tmp_path / "links", tmp_path / "lock.txt"
    links.mkdir()
    wheel = _wheel(links, "harmless", "1.0", "said = 'yes'\n")
    lock.write_text(f"harmless==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    fine = _installed(lock, links, tmp_path / "fine")
    assert fine.returncode == 0, fine.stderr
    assert (tmp_path / "fine" / "harmless.py").is_file()
    _wheel(links, "harmless", "1.0", "said = 'no'\n")
    refused = _installed(lock, links, tmp_path / "refused")
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert not (tmp_path / "refused").exists()


def test_t41_our_lock_takes_no_other_file_of_the_same_name(tmp_path: Path) -> None:
    """Somebody's `msgspec`, in the very version that is locked."""
    [pinned] = locked(ROOT / "locks" / "slack.txt")["msgspec"]
    _wheel(tmp_path, "msgspec", str(pinned["version"]), "stolen = True\n")
    lock = tmp_path / "lock.txt"
    hashes = " ".join(f"--hash=sha256:{each}" for each in pinned["hashes"])  # type: ignore[attr-defined]  # a list
    lock.write_text(f"msgspec=={pinned['version']} {hashes}\n")
    refused = _installed(lock, tmp_path, tmp_path / "refused")
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


# ------------------------------------------------------------------ the bill of materials


def test_t41_the_bill_of_materials_tells_each_library_with_its_hashes(tmp_path: Path) -> None:
    """CycloneDX 1.6, made by `make sbom`; the same lock makes the same file."""
    lock = ROOT / "locks" / "all.txt"
    for out in (tmp_path / "one.json", tmp_path / "two.json"):
        sbom.main(lock, out)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    told = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    listed = {each["bom-ref"] for each in told["components"]}
    pinned = locked(lock)
    assert len(listed) == sum(map(len, pinned.values()))
    for each in told["components"]:
        assert each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"
        assert [one for one in each["properties"] if one["name"] == "understudy:file:sha256"], each["name"]
    needs = {each["ref"]: each["dependsOn"] for each in told["dependencies"]}
    ours = {
        each.partition("@")[0].removeprefix("pkg:pypi/") for each in needs[told["metadata"]["component"]["purl"]]
    }
    assert {each.name.lower() for each in wanted("all")} <= ours
    assert all(set(each) <= listed for each in needs.values())


# ------------------------------------------------------------------ nothing foreign is run

UNPACKERS = frozenset(
    ("pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle")
)
"""What runs code while it reads data."""
CALLED = frozenset(("eval", "exec", "compile", "__import__", "breakpoint"))
METHODS = frozenset((
    "os.system", "os.popen", "os.execv", "os.execvp", "os.execve", "yaml.load", "yaml.unsafe_load",
    "yaml.full_load", "yaml.load_all", "torch.load", "pandas.read_pickle", "pd.read_pickle", "runpy.run_path",
    "runpy.run_module", "code.interact", "pty.spawn", "ctypes.CDLL", "types.FunctionType", "types.CodeType",
))  # fmt: skip
IMPORTED = {
    "adapters/__init__.py": "a platform's room, by a name of the closed table ADAPTERS",
    "bots/embedding/opening.py": "one of two rooms of ours that need a library, named in the same file",
}
"""Files that import a module by a name they work out, and why that is none of anybody's data."""


def offences(tree: ast.AST) -> Iterator[str]:
    """What could run somebody else's code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.partition(".")[0] in UNPACKERS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in UNPACKERS:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            called = _dotted(node.func)
            if called in CALLED or called in METHODS:
                yield called
            if called.endswith("import_module") and not isinstance(node.args[0], ast.Constant):
                yield "import_module"
            for option in node.keywords:
                if option.arg in ("shell", "allow_pickle", "trust_remote_code") and (
                    not isinstance(option.value, ast.Constant) or option.value.value
                ):
                    yield f"{called}({option.arg}=)"


def _dotted(node: ast.expr) -> str:
    """`os.path.join`; "" for what is not named so."""
    if isinstance(node, ast.Name):
        return node.id
    inner = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if isinstance(node, ast.Attribute) and inner else ""


def trees() -> Iterator[tuple[str, ast.AST]]:
    for room in OURS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_t41_nothing_that_is_read_is_run() -> None:
    """No pickle, no unsafe YAML, no eval, no shell, no code fetched with a model; the whole tree, by its syntax."""
    found = {
        (name, offence)
        for name, tree in trees()
        for offence in offences(tree)
        if not (offence == "import_module" and name in IMPORTED)
    }
    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from marshal import loads",
        "import shelve as s",
        "eval(x)",
        "exec('1')",
        "yaml.load(text)",
        "subprocess.run(x, shell=True)",
        "numpy.load(path, allow_pickle=flag)",
        "importlib.import_module(name)",
        "os.system('ls')",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
    ],
)
def test_the_search_sees_what_it_is_for(source: str) -> None:
    assert list(offences(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    ["import json", "yaml.safe_load(text)", "subprocess.run(x, shell=False)", "importlib.import_module('bots.app')",
     "re.compile(x)", "self.eval(x)"],
)  # fmt: skip
def test_and_nothing_else(source: str) -> None:
    assert not list(offences(ast.parse(source)))


def test_t41_few_libraries_are_needed_to_run() -> None:
    """rights.md T41: about a dozen; each is one more party that has to be trusted."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(project["dependencies"]) <= 12
