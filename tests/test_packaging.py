"""The wheel is what people get: built here, installed somewhere else, and started there."""

from __future__ import annotations

import os
import signal
import site
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bots", "adapters", "persona_store")

pytestmark = pytest.mark.slow


def out(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command} said\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    out(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ".", cwd=ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with nothing but the wheel; it borrows the libraries of this one to save the download.
    (A folder named in a .pth file is searched, but the .pth files in it are not read: the checkout stays out.)"""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    own = Path(out(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (own / "borrowed.pth").write_text("".join(f"{path}\n" for path in site.getsitepackages()))
    out(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=folder,
    )
    return folder


@pytest.fixture
def home(installed: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who set nothing up."""
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
    return keep | {"HOME": str(tmp_path), "UNDERSTUDY_DATA_DIR": str(tmp_path / "data")}


def tracked() -> Iterator[str]:
    """What git knows below the three packages: what a colleague gets from a clone."""
    yield from out("git", "ls-files", *PACKAGES, cwd=ROOT).splitlines()


def test_the_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    """Locales, the sample team, pages and notices too; a file that is missing there works in a checkout only."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    expected = {name for name in tracked() if (ROOT / name).exists()}
    assert {name for name in expected if name.endswith(".toml")}
    assert expected - inside == set()


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    """No tests, no deployment files, no data of whoever built it."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert [name for name in archive.namelist() if name.endswith((".db", ".env", ".pem", ".pyc"))] == []
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_installed_package_is_the_wheels(installed: Path) -> None:
    """Otherwise everything below would test the checkout."""
    code = "import bots, adapters, persona_store as p; print(bots.__file__, adapters.__file__, p.__file__)"
    paths = out(installed / "venv" / "bin" / "python", "-c", code, cwd=installed).split()
    assert all(path.startswith(str(installed)) for path in paths)


def test_the_console_command_tells_its_version(installed: Path, wheel: Path, home: dict[str, str]) -> None:
    said = out(installed / "venv" / "bin" / "understudy", "--version", cwd=installed, env=home)
    assert wheel.name.split("-")[1] in said


def test_doctor_finds_a_fresh_machine_well(installed: Path, home: dict[str, str]) -> None:
    assert out(installed / "venv" / "bin" / "understudy", "doctor", cwd=installed, env=home)


def test_it_starts_answers_and_stops(installed: Path, home: dict[str, str]) -> None:
    """`python -m bots run` on a fresh machine is soon ready, and SIGTERM ends it with status 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [installed / "venv" / "bin" / "python", "-m", "bots", "run"],
        cwd=installed,
        env=home | {"UNDERSTUDY_WEB_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert ready(f"http://127.0.0.1:{port}/readyz", process, seconds=40)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=15)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    finally:
        process.kill()
        process.wait()


def ready(url: str, process: subprocess.Popen[str], *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except OSError:
            time.sleep(0.1)
    return False
