"""Writes deploy/feishu/permissions.json from adapters/feishu/permissions.py."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.feishu.permissions import batch_import

PAGE = Path(__file__).parent.parent.parent.parent / "deploy" / "feishu" / "permissions.json"

if __name__ == "__main__":
    PAGE.write_text(json.dumps(batch_import(), indent=2) + "\n", encoding="utf-8")
