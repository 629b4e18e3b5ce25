"""Makes Slack exports and zip files, honest and hostile ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent
from persona_store.errors import Refused

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()

USERS = [
    {"id": "U0LIN", "name": "lin", "real_name": "Lin Wei", "profile": {"display_name": "林薇"}},
    {"id": "U0BOB", "name": "bob", "real_name": "Bob Hart", "profile": {"display_name": "Bob"}},
    {"id": "U0GONE", "name": "carlyn", "real_name": "Carlyn Mead", "deleted": True, "profile": {}},
    {"id": "U0APP", "name": "ci", "is_bot": True, "profile": {}},
]


def said(user: str, text: str, after: float, **more: Any) -> dict[str, Any]:
    """A message `after` seconds into the day."""
    return {"type": "message", "user": user, "text": text, "ts": f"{START + after:.6f}", **more}


def export(
    channels: Mapping[str, list[Any]],
    *,
    private: Mapping[str, list[str]] = {},
    dms: Mapping[str, list[str]] = {},
    mpims: Mapping[str, list[str]] = {},
    users: list[Any] = USERS,
    prefix: str = "",
) -> dict[str, bytes]:
    """Files of an export by name; a channel's id is `C_` and its name unless another list has it."""
    elsewhere = {**private, **dms, **mpims}
    public = [{"id": f"C_{name}", "name": name, "members": []} for name in channels if name not in elsewhere]
    files: dict[str, Any] = {
        "users.json": users,
        "channels.json": public,
        "groups.json": [{"id": f"G_{name}", "name": name, "members": who} for name, who in private.items()],
        "dms.json": [{"id": name, "members": who} for name, who in dms.items()],
        "mpims.json": [{"id": f"G_{name}", "name": name, "members": who} for name, who in mpims.items()],
        "integration_logs.json": [],
    }
    for name, messages in channels.items():
        files[f"{name}/2026-03-02.json"] = messages
    return {prefix + name: json.dumps(value, ensure_ascii=False).encode() for name, value in files.items()}


def write_zip(path: Path, files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def code_of(act: Callable[[], object]) -> str:
    """The code with which something is refused. The message is one line, whatever was read."""
    with pytest.raises(Refused) as caught:
        act()
    assert "\n" not in str(caught.value)
    return caught.value.code


def consent_for(*sources: str, **choices: Any) -> Consent:
    picked: dict[str, Any] = {"cooling_off_days": 0, "last": date(2026, 5, 31), **choices}
    return parse(draft(Choices(owner="slack:U0BOB", sources=sources, audiences=("slack:*",), **picked), NOW))
