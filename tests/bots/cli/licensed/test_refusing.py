"""A pack that was made for somebody else, too long ago, or by something else."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from persona_store import bundle, envelope
from persona_store.envelope import Identity
from tests.bots.cli.licensed.acme import At, address, forged, license_to, opened, packed, read, release, sealed
from tests.bots.cli.shell import Shell


def test_t36_a_pack_does_not_open_at_another_organisation(sh: Shell, at: At, sent: Any) -> None:
    at("initech")
    address(sh)
    assert sh("import", "bundle", sent["file"], "--from", sent["signs"]).refused("NOT_FOR_US")


def test_t36_whoever_has_the_key_and_is_not_the_organisation_does_not_run_it(
    sh: Shell, at: At, monkeypatch: pytest.MonkeyPatch, sent: Any
) -> None:
    at("globex")
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ORGANISATION", "initech")
    assert sh("import", "bundle", sent["file"], "--from", sent["signs"]).refused("LICENCE_ORG")
    monkeypatch.delenv("UNDERSTUDY_RIGHTS_ORGANISATION")
    assert sh("import", "bundle", sent["file"], "--from", sent["signs"]).refused("ORGANISATION_UNSET")
    # That the pack says it is for them does not help: the subject's record says for whom it is.
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ORGANISATION", "initech")
    forgery = forged(sh, sent, organisation="initech")
    assert sh("import", "bundle", forgery, "--from", sent["signs"]).refused("LICENCE_RECORD")


def test_t36_a_pack_is_taken_in_while_it_is_fresh_and_with_its_record(sh: Shell, at: At, sent: Any) -> None:
    at("globex")
    late = forged(sh, sent, expires=datetime.now(UTC) - timedelta(seconds=1))
    assert sh("import", "bundle", late, "--from", sent["signs"]).refused("PACK_EXPIRED")
    there = opened(sh, sent["file"])
    bare = [line for line in there.lines() if not isinstance(line, bundle.Consented)]
    without = sealed(sh, [there.head, there.licensed, *bare], "bare.age")
    assert sh("import", "bundle", without, "--from", sent["signs"]).refused("LICENCE_MISSING")
    other = forged(sh, sent, name="other.age", record="sha256:" + "0" * 64)
    assert sh("import", "bundle", other, "--from", sent["signs"]).refused("LICENCE_MISSING")


def test_t36_a_pack_from_which_something_was_taken_or_to_which_it_was_added_is_refused(
    sh: Shell, at: At, sent: Any
) -> None:
    """Changed on the way, the signature does not hold; signed anew, it is somebody else's."""
    at("globex")
    identity = Identity.kept_in(sh.folder / "globex" / "keys" / "receiving.age")
    lines = zlib.decompress(identity.open(read(sent["file"])), 31).splitlines(keepends=True)
    told = next(n for n, line in enumerate(lines) if b'"passage"' in line[:20])
    for number, changed in enumerate(
        ([*lines[:told], *lines[told + 1 :]], [*lines[:told], lines[told], *lines[told:]])
    ):
        packer = zlib.compressobj(wbits=31)
        file = sh.folder / f"changed{number}.age"
        file.write_bytes(envelope.seal(packer.compress(b"".join(changed)) + packer.flush(), identity.address))
        assert sh("import", "bundle", str(file), "--from", sent["signs"]).refused("BUNDLE_BROKEN")
    assert sh("import", "bundle", sent["file"], "--from", "A" * 43).refused("SIGNER")


def test_l24_what_is_licensed_waits_for_assessment_and_filing_unless_an_admin_says_it_stays_inside(
    sh: Shell, at: At, sent: Any
) -> None:
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    assert sh.done("persona", "show", "lin", "--json").json["offered_to"] == "licensed_org"
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    sh.done("persona", "offer", "lin", "internal")
    sh.done("persona", "live", "lin")


def test_an_account_of_the_first_organisation_is_nobody_here(sh: Shell, at: At, sent: Any) -> None:
    """`slack:U0LIN` may be somebody else in this workspace, and would be taken for the subject."""
    there = opened(sh, sent["file"])
    head = msgspec.structs.replace(there.head, subject="slack:U0LIN", aliases=("Acme's Lin",))
    file = sealed(sh, [head, there.licensed, *there.lines()], "headed.age")
    sh.done("import", "bundle", file, "--from", sent["signs"])
    shown = sh.done("persona", "show", "lin", "--json").json
    assert (shown["subject"], shown["aliases"]) == ("", [])


def test_who_answers_there_is_what_the_subject_signed(sh: Shell, at: At, sent: Any) -> None:
    at("globex")
    words = ("import", "bundle", sent["file"], "--from", sent["signs"])
    assert sh(*words, "--owner", "slack:W0EVE").refused("LICENCE_OWNER")


def test_a_licensed_persona_is_not_passed_on(sh: Shell, at: At, to: str) -> None:
    """Not even to whom the subject named as a recipient, such as who runs a model: they may see, and not have."""
    assert license_to(sh, "globex", "--recipients", "api.model.example:CN:0").status == 0
    sent = packed(sh, to, *release(sh))
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    sh.done("persona", "distil", "lin")
    words = ("--recipient", "api.model.example")
    assert sh("export", "bundle", "lin", "x.age", "--to", to, *words).refused("LICENCE_SUBLICENSE")
    assert sh("export", "skill", "lin", "out", *words).refused("LICENCE_SUBLICENSE")
    assert sh("export", "licensed", "lin", "x.age", "--org", "initech", "--to", to).refused("LICENCE_MISSING")


def test_both_sides_see_whose_key_signed(sh: Shell, at: At, to: str) -> None:
    signed = license_to(sh, "globex", "--json").json
    sent = packed(sh, to, *release(sh))
    at("globex")
    taken = sh.done("import", "bundle", sent["file"], "--from", sent["signs"], "--json").json
    assert taken["subject_key"] == signed["subject_key"]
    assert taken["subject_key"] != sent["signs"]
