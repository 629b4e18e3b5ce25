"""The subject signs a licence, on the machine of the persona or on one of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from persona_store.consent import signing
from tests.bots.cli.licensed.acme import At, address, license_to, packed, release
from tests.bots.cli.shell import Shell


def test_only_the_key_of_the_consent_signs_a_licence(sh: Shell, at: At, to: str) -> None:
    """Else whoever runs the first installation could license somebody away."""
    other = sh.folder / "other.pem"
    signing.save_key(other, signing.generate_key())
    assert license_to(sh, "globex", "--key", str(other)).refused("LICENCE_KEY")
    to = address(sh)
    words = ("--org", "globex", "--to", to)
    assert sh("export", "licensed", "lin", "x.age", *words).refused("LICENCE_MISSING")


def test_an_organisation_asks_and_the_subject_signs_on_their_own_machine(sh: Shell, at: At, to: str) -> None:
    """The offer is a file, the key never leaves home, and what is in force at acme is what was signed there."""
    at("globex")
    words = ("--org", "globex", "--owner", "slack:W0GIL", "--chats", "slack:*", "--sources", "documents")
    sh.done(
        "consent", "offer", *words, "--licence", "per_call", "--price", "0.50", "--cooling-off", "0", "--out", "o"
    )
    at("home")
    signed = sh.done("consent", "licence", "lin", "--offer", "o", "--out", "mine", "--yes", "--json").json["record"]
    assert (signed["licence"]["amount_minor"], signed["licence"]["orgs"]) == (50, ["globex"])
    assert sh("consent", "licence", "lin", "--offer", "o", "--org", "x", "--out", "two", "--yes").refused("USAGE")
    at("acme")
    assert sh("export", "licensed", "lin", "x.age", "--org", "globex", "--to", to).refused("LICENCE_MISSING")
    sh.done("consent", "licence", "lin", "--signed", "mine/licence.json")
    assert packed(sh, to, *release(sh))["passages"] == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"form": "understudy.offer/9"}, "OFFER"),
        ({"organisation": "../x"}, "ORGANISATION"),
        ({"more": 1}, "OFFER"),
        ({"wishes": {"owner": "slack:W", "sources": ["slack"], "audiences": ["slack:*"]}}, "ORIGIN_NOT_LICENSABLE"),
        (
            {"wishes": {"owner": "slack:W", "sources": ["doc"], "audiences": [], "uses": ["any use"]}},
            "CONSENT_SCHEMA",
        ),
        ({"wishes": {"owner": "slack:W", "sources": ["doc"], "audiences": ["x"], "days": 10**9}}, "CONSENT_CHOICE"),
    ],
)
def test_an_offer_is_somebody_elses_file(sh: Shell, at: At, to: str, change: dict[str, Any], code: str) -> None:
    words = ("--org", "globex", "--owner", "slack:W0GIL", "--chats", "slack:*", "--sources", "documents")
    sh.done("consent", "offer", *words, "--out", "o")
    offer = json.loads((sh.folder / "o").read_text())
    (sh.folder / "bad").write_text(json.dumps(offer | change))
    assert sh("consent", "licence", "lin", "--offer", "bad", "--out", "mine", "--yes").refused(code)
    assert not (sh.folder / "mine").exists()


def test_a_licence_is_shown_in_words_and_not_signed_unseen(sh: Shell, at: At, to: str) -> None:
    words = ("--org", "globex", "--owner", "slack:W0GIL", "--chats", "slack:*", "--sources", "documents")
    told = sh("consent", "licence", "lin", *words, "--out", "out")
    assert told.status == 2
    assert "NOT_AGREED" in told.err
    assert "Never part of it: chats" in told.out
    assert "Use costs nothing" in told.out
    assert not (sh.folder / "out").exists()


def test_while_it_cools_off_nothing_is_packed(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh, "globex", "--cooling-off", "7").status == 0
    words = ("--org", "globex", "--to", to)
    assert sh("export", "licensed", "lin", "x.age", *words).refused("CONSENT_COOLING")


def test_a_licence_for_one_is_none_for_another(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh).status == 0
    words = ("--org", "initech", "--to", to)
    assert sh("export", "licensed", "lin", "x.age", *words).refused("LICENCE_MISSING")


def test_what_was_struck_is_not_drawn_again_there(sh: Shell, at: At, to: str) -> None:
    sh.done("persona", "distil", "lin")
    [facet] = sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"]
    assert license_to(sh).status == 0
    assert packed(sh, to, *release(sh), name="before.age")["facets"] == 1
    sh.done("persona", "strike", "lin", facet["id"], "--keep-evidence")
    sent = packed(sh, to, *release(sh))
    assert (sent["facets"], sent["passages"]) == (0, 3)
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    for _ in range(2):  # as it came, and drawn again
        assert sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"] == []
        sh.done("persona", "distil", "lin")


def test_each_answer_there_is_counted_by_the_terms_the_subject_signed(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh, "globex", "--licence", "per_call", "--price", "0.50").status == 0
    sent = packed(sh, to, *release(sh))
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    told = sh.done("licence", "show", "lin", "--json").json
    assert "50" in json.dumps(told)
    assert "globex" in json.dumps(told)
