"""§2C, `erase_canary`: words that occur nowhere else go in by every door, and after a withdrawal no byte of the
installation, of its logs or of yesterday's backup can be read to hold one."""

from __future__ import annotations

import base64
import gzip
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.operator import import_into
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.sources.screenshots import Screenshots
from persona_store.vault import Vault
from tests.erasure.canaries import made, scan
from tests.erasure.pictures import DAY, pictured
from tests.erasure.planting import Words
from tests.erasure.stage import Places, planted
from tests.scenarios.world import folder


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    with folder() as root:
        places = Places(root)
        monkeypatch.setenv("TMPDIR", str(places.temp))
        monkeypatch.setattr("tempfile.tempdir", None)
        yield places


async def test_l12_no_byte_of_fifty_canaries_is_left_after_a_withdrawal(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    """L12, §2C: text, quotations, file names, alt texts, rare tokens, questions, answers, drafts, what was learnt,
    distilled, said by a model and in an interview."""
    word = Words(made(50))
    backup = places.data.parent / "backup"
    async with planted(places, word) as w:
        used = list(word.used)
        assert len(used) == 50
        held = "".join(repr(each) for each in await (await w.app.services.library.file("lin")).all())
        reached = [each for each in used if each in held]
        assert len(reached) >= 0.6 * len(used), {word.used[each] for each in used if each not in held}
        shown = str([posted.post for posted in w.posts])
        assert any(each in shown for each in used)
        running = scan(used, *places.ours)
        shutil.copytree(places.data, backup, ignore=shutil.ignore_patterns("keys"))
        await w.say(w.subject, "withdraw", direct=True)
        assert (await w.app.services.personas.get("lin")).state == "erased"
        for n in range(20):
            [gone] = await w.say(w.mei, f"How often does the {used[n % len(used)]} job run?")
            assert "retired" in gone.post.card.text or "已退役" in gone.post.card.text
            assert not gone.post.card.quotes
        certificate = (await w.app.retiring._retirement.certificate("lin")).certificate
        while_open = scan(used, *places.ours)
    left = scan(used, *places.ours)
    kept = scan(used, backup)
    with capsys.disabled():
        print(f"\nerase_canary: {len(used)} canaries, {len(reached)} in the evidence. In use: {running}.")
        print(f"After the withdrawal: {while_open}; stopped: {left}; backup: {kept}.")
    assert running.hits == [], "at rest nothing is readable even while it is in use"
    assert while_open.hits == left.hits == kept.hits == []
    assert scan(used, places.material).hits, "the search finds what is there"
    told = {each.where: each.why for each in certificate.residuals}
    assert "lin.html" in told["exported page"], "what is elsewhere is listed"
    for what in ("exported skill", "exported bundle", "exported data"):
        assert what in told
    given = {name.split("!")[0].split("/")[-1] for name, _ in scan(used, places.given_away).hits}
    assert {"lin.html", "lin.zip", "SKILL.md"} <= given, "as it is: it is theirs who have it"
    assert not {"lin.bundle", "lin.age"} & given, "and what is sealed to somebody is noise to others"


async def test_l12_yesterdays_backup_cannot_be_decrypted_once_the_key_is_gone(places: Places) -> None:
    """Put back beside the installation's own key, which stays: evidence, questions and drafts are noise."""
    word = Words(made(50))
    backup = places.data.parent / "backup"
    async with planted(places, word) as w:
        shutil.copytree(places.data, backup, ignore=shutil.ignore_patterns("keys"))
        store = w.app.services.store
        records = [
            (key, raw) for prefix in ("outcome/", "thread/", "escalation/") async for key, raw in store.scan(prefix)
        ]
        assert len(records) > 6
        await w.say(w.subject, "withdraw", direct=True)
    vault = Vault.open(places.data / "keys")
    for key, raw in records:
        with pytest.raises(Refused, match="lin") as refused:
            vault.unseal(raw, aad=key)
        assert refused.value.code == "KEY_GONE"
    with pytest.raises(Refused) as refused:
        vault.key("lin")
    assert refused.value.code == "KEY_GONE"
    vault.create_key("lin")  # somebody makes another one of that name
    with pytest.raises(Refused) as refused:
        EvidenceFile.open(next((backup / "evidence").glob("lin.*")), vault.key("lin"))
    assert refused.value.code == "KEY_WRONG"


async def test_l12_a_backup_that_holds_the_keys_undoes_it_and_the_certificate_says_so(places: Places) -> None:
    """Told, because it cannot be helped: whoever copied the key folder, too, has all of it still (SP 800-88r2)."""
    word = Words(made(50))
    backup = places.data.parent / "backup"
    async with planted(places, word) as w:
        shutil.copytree(places.data, backup)
        await w.say(w.subject, "withdraw", direct=True)
        certificate = (await w.app.retiring._retirement.certificate("lin")).certificate
    vault = Vault.open(backup / "keys")
    file = EvidenceFile.open(next((backup / "evidence").glob("lin.*")), vault.key("lin"))
    held = str([passage.text for passage in await file.all()])
    file.close()
    assert [each for each in word.used if each in held]
    [told] = [each for each in certificate.residuals if each.where == "backups"]
    assert "wrapped key" in told.why
    assert "7 days" in told.until


async def test_l12_what_was_read_off_a_picture_goes_with_the_rest(places: Places) -> None:
    """A screenshot, read by the real recogniser; what it unpacks and its process leave nothing behind either."""
    pytest.importorskip("rapidocr", reason="reading pictures needs the extra: pip install 'understudy[ocr]'")
    word = Words(made(53))
    async with planted(places, word) as w:
        shown = word.rest()
        assert len(shown) == 3
        (places.material / "chat.png").write_bytes(pictured(*shown))
        persona = await w.app.services.personas.get("lin")
        source = Screenshots(places.material / "chat.png", "chat:U0LIN", names=["Lin Wei"], me="Mei", taken=DAY)
        report = await import_into(w.app, persona, source)
        assert report.kept == 2
        held = str([each.text for each in await (await w.app.services.library.file("lin")).all()])
        assert all(each in held for each in shown), "it was read to the letter"
        running = scan(shown, *places.ours)
        await w.say(w.subject, "withdraw", direct=True)
        while_open = scan(shown, *places.ours)
    left = scan(shown, *places.ours)
    assert running.hits == while_open.hits == left.hits == []
    assert list(places.temp.iterdir()) == [places.temp / "metrics.txt"], "no picture lies about"


@pytest.mark.parametrize("word", made(7)[5:])
def test_the_search_finds_a_canary_however_it_is_packed(tmp_path: Path, word: str) -> None:
    """So that no hit means something."""
    plain = f'{{"text": "{word}"}}'
    packed = gzip.compress(plain.encode())
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("in/b.gz", packed)
    (tmp_path / "utf16").write_bytes(b"x" + plain.encode("utf-16"))
    (tmp_path / "gbk").write_bytes(plain.encode("gb18030"))
    for shift in range(3):
        (tmp_path / f"base64-{shift}").write_bytes(base64.b64encode(b"abc"[:shift] + plain.encode()))
    (tmp_path / "escaped").write_bytes(word.encode("unicode_escape"))
    (tmp_path / f"{word}.txt").write_bytes(b"")
    found = {hit[0].split("!")[0] for hit in scan([word], tmp_path).hits}
    assert len(found) == 8
    assert scan(made(60, seed=1), tmp_path).hits == []
