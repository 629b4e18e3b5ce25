"""Writes tests/sample/predictions.jsonl: what the sample persona makes of its questions now.

    python -m tests.sample.predict

`make test` compares with these and fails when the product got significantly worse (tests/bots/cli/test_guard.py).
Write them anew when it got better, so that it stays so; look at what was lost before you do.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from bots import sample, seeding, settings
from bots.app import connect, open_app
from bots.cli import main

HERE = Path(__file__).parent
PREDICTIONS = HERE / "predictions.jsonl"
QUESTIONS = sample.export_path().parent / "questions.jsonl"


async def _seed() -> None:
    wanted = seeding.with_sample_admins(settings.load(None))
    async with open_app(wanted, adapters=connect(wanted)) as app:
        await seeding.seed_if_empty(app, wanted)


def predict() -> None:
    with TemporaryDirectory() as folder:
        os.environ["UNDERSTUDY_DATA_DIR"] = f"{folder}/data"
        asyncio.run(_seed())
        main(["evaluate", "--persona", sample.persona().name, str(QUESTIONS), "--out", f"{folder}/report"])
        shutil.copyfile(f"{folder}/report/predictions.jsonl", PREDICTIONS)


if __name__ == "__main__":
    predict()
