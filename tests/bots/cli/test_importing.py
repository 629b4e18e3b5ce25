"""`understudy import …`: what is kept, what is left out and why, whose words they may be."""

from __future__ import annotations

from bots.cli.importing import reason_of
from tests.bots.cli.shell import OWN, Shell
from tests.persona_store.sources.exports import said


def test_an_import_can_be_repeated(sh: Shell) -> None:
    """The second time everything is there already."""
    sh.signed()
    words = ("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN", "--json")
    first, again = sh.done(*words).json, sh.done(*words).json
    assert (first["kept"], first["new"]) == (2, 4)
    assert (again["new"], again["same"]) == (0, 4)


def test_what_is_left_out_is_told_in_words(sh: Shell) -> None:
    sh.signed()
    alone = [*OWN, said("U0BOB", "lunch?", 80_000), said("U0APP", "build failed", 81_000, bot_id="B1")]
    shown = sh.done(
        "import", "slack-export", sh.slack(channels={"x": alone}), "--persona", "lin", "--subject", "U0LIN"
    )
    assert "left out 1: by bots and apps" in shown.out
    assert "left out 1: in threads the subject took no part in" in shown.out
    assert "little to go by" in shown.out


def test_every_reason_of_the_consent_and_the_sources_has_words() -> None:
    codes = (
        "CONSENT_DATES",
        "CONSENT_CONTAINER",
        "CONSENT_PRIVATE",
        "CONSENT_EXCLUDED",
        "BAD_TIME",
        "other_author",
    )
    for lang in ("en", "zh-CN"):
        assert not {reason_of(lang, code) for code in codes} & set(codes)
    assert reason_of("en", "NEVER_HEARD_OF") == "NEVER_HEARD_OF"


def test_what_an_earlier_import_had_and_this_one_lacks_is_told_and_kept(sh: Shell) -> None:
    sh.live()
    fewer = sh.slack("newer.zip", {"payments": [OWN[0], OWN[1], OWN[3]]})
    shown = sh.done("import", "slack-export", fewer, "--persona", "lin")
    assert "1 passages of an earlier import are not in this one; they are kept" in shown.out
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 4


def test_an_import_of_nothing_of_theirs_says_so(sh: Shell) -> None:
    sh.signed()
    silent = sh.slack(channels={"x": [OWN[0]]})
    shown = sh.done("import", "slack-export", silent, "--persona", "lin", "--subject", "U0LIN")
    assert "Nothing of the subject's is in it" in shown.out
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == ""


def test_the_persona_remembers_whose_words_it_holds(sh: Shell) -> None:
    """So that the subject can look and withdraw from their own account, and nobody else's words get in."""
    sh.live()
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == "slack:U0LIN"
    other = sh("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0BOB")
    assert other.refused("SUBJECT_OTHER")
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "slack:U0LIN")


def test_a_document_is_theirs_by_the_names_the_operator_vouches_for(sh: Shell) -> None:
    sh.signed()
    folder = sh.documents(
        {
            "a.md": b"---\nauthor: L. Wei\ndate: 2026-03-01\n---\nThe ledger closes at nine.\n",
            "b.md": b"---\nauthor: Bob\ndate: 2026-03-01\n---\nThe ledger closes at ten.\n",
        }
    )
    words = ("import", "documents", folder, "--persona", "lin", "--subject", "slack:U0LIN", "--json")
    assert sh.done(*words).json["dropped"] == {"other_author": 2}
    named = sh.done(*words, "--names", "Lin Wei, L. Wei").json
    assert (named["kept"], named["dropped"]) == (1, {"other_author": 1})


def test_a_subject_who_is_no_user_of_the_export_is_helped_to_the_id(sh: Shell) -> None:
    sh.signed()
    wrong = sh("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "carlyn")
    assert wrong.refused("SUBJECT_UNKNOWN")
    assert "U0GONE" in wrong.err


def test_an_import_without_a_subject_is_refused(sh: Shell) -> None:
    sh.signed()
    assert sh("import", "slack-export", sh.slack(), "--persona", "lin").refused("SUBJECT")


def test_a_larger_number_of_files_can_be_allowed(sh: Shell) -> None:
    sh.signed()
    words = ("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN", "--max-files")
    few = sh(*words, "3")
    assert few.refused("ARCHIVE_COUNT")
    assert "--max-files" in few.err
    assert sh(*words, "0").refused("MAX_FILES")
    sh.done(*words, "9")


def test_a_consent_narrowed_by_days_leaves_out_what_is_older(sh: Shell) -> None:
    sh.draft()
    sign = ("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes")
    assert sh(*sign, "--from", "March").refused("DATE")
    sh.done(*sign, "--from", "2026-03-03")
    words = ("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN", "--json")
    assert sh.done(*words).json["dropped"] == {"CONSENT_DATES": 4}


def test_any_client_msg_id_is_kept_but_none_that_could_be_somebody_elses_message(sh: Shell) -> None:
    """Slack's are UUIDs, those of converted archives are not. Messages without one are known by `channel/ts`."""
    sh.signed()
    lines = [
        {**OWN[1], "client_msg_id": "archive-Victoria_(Australia)-0"},
        {**OWN[3], "client_msg_id": f"C_payments/{OWN[1]['ts']}"},
    ]
    sh.done(
        "import", "slack-export", sh.slack(channels={"payments": lines}), "--persona", "lin", "--subject", "U0LIN"
    )
    sh.done("persona", "live", "lin")
    found = [
        sh.done("ask", "--persona", "lin", words, "--json").json["evidence_ids"][0]
        for words in ("payment retry job minutes attempts", "refund-slow queue bank requests")
    ]
    assert found == ["archive-Victoria_(Australia)-0", f"C_payments/{OWN[3]['ts']}"]
