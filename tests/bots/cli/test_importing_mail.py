"""From mail and documents to an answer, in the commands one types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bots.cli.shell import Shell
from tests.persona_store.sources.mail_material import BOB, EVE, LIN, mail, mbox, own
from tests.persona_store.sources.office_material import pdf, word

LIST = "dev@lists.corp.example"
RUNS = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
ARCHIVE = (
    mail("q", f"Bob <{BOB}>", "How often does the payment retry job run?\n", to=LIST, subject="Payment retry job"),
    mail("a", f"Lin Wei <{LIN}>", f"{RUNS}\n\n> How often does the payment retry job run?\n", to=LIST, answers="q"),
    mail("e", f"Eve <{EVE}>", "Thanks, that helps.\n", to=LIST, answers="a"),
)


def box(sh: Shell, *mails: Any, name: str = "dev.mbox") -> str:
    path = sh.folder / name
    path.write_bytes(mbox(*mails))
    return str(path)


def test_from_an_mbox_to_a_quote_in_four_commands(sh: Shell) -> None:
    sh.signed(sources="mail")
    path = box(sh, *ARCHIVE)
    told = sh.done("import", "mail", path, "--persona", "lin", "--subject", LIN, "--json").json
    assert (told["kept"], told["context"], told["dropped"]) == (1, 2, {})
    again = sh.done("import", "mail", path, "--persona", "lin", "--json").json  # whose it is is known by now
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 3)
    sh.done("persona", "live", "lin")
    answer = sh.done("ask", "How often does the payment retry job run?", "--persona", "lin", "--json").json
    assert answer["answered"], answer
    assert answer["evidence_ids"][0] == "<a@corp.example>"
    (quote,) = answer["quotes"]
    assert (quote["text"], quote["author"], quote["when"]) == (RUNS, "Lin Wei", "2026-03-02")
    assert quote["place"] == f"mail: {LIST}"


def test_a_mailbox_is_told_to_nobody_but_those_it_went_to(sh: Shell) -> None:
    """Consent has to name it, and the terminal stands for the whole team."""
    sh.draft()
    sign = ("consent", "sign", "lin", "--sources", "mail", "--cooling-off", "0", "--yes")
    sh.done(*sign, "--containers", f"*,{LIN}")
    private = [mail(each["Message-ID"][1], each["From"], each.get_content(), to=f"{LIN},{BOB}") for each in ARCHIVE]
    told = sh.done("import", "mail", box(sh, *private), "--persona", "lin", "--subject", LIN, "--json").json
    assert told["kept"] == 1
    sh.done("persona", "live", "lin")
    answer = sh.done("ask", "How often does the payment retry job run?", "--persona", "lin", "--json").json
    assert (answer["answered"], answer["quotes"]) == (False, [])


def test_without_the_mailbox_in_the_consent_it_is_told_how_to_name_it(sh: Shell) -> None:
    sh.signed(sources="mail")
    shown = sh.done("import", "mail", box(sh, own("Every 15 minutes.")), "--persona", "lin", "--subject", LIN)
    assert "--containers" in shown.out
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 0


def test_from_a_pdf_and_a_word_file_to_a_quote_that_names_its_page(sh: Shell) -> None:
    def fill(made: Any) -> None:
        made.add_heading("Refunds", 1)
        made.add_paragraph("Refunds go to the refund-slow queue, because the bank takes two requests a second.")

    sh.signed(
        "lin", "documents", "--risk-budget", "0.2"
    )  # how sure it is of a folder of three pages is not the point
    folder = sh.documents(
        {
            "runbook.pdf": pdf(["Nothing of interest is written on this page."], [RUNS], title="Payment runbook"),
            "handbook.docx": word(fill, title="Handbook"),
        }
    )
    words = ("import", "documents", folder, "--persona", "lin", "--subject", "slack:U0LIN", "--names", "Lin Wei")
    assert sh.done(*words, "--json").json["kept"] == 2
    assert sh.done(*words, "--json").json["same"] == 3
    sh.done("persona", "live", "lin")
    for question, ident, place in [
        ("How often does the payment retry job run?", "runbook.pdf#2", "Payment runbook › p. 2"),
        ("Which queue do refunds go to?", "handbook.docx#1", "Handbook › Refunds"),
    ]:
        answer = sh.done("ask", question, "--persona", "lin", "--json").json
        assert answer["answered"], answer
        assert answer["evidence_ids"][0] == ident
        assert answer["quotes"][0]["place"] == place


def test_the_persona_is_about_one_address(sh: Shell) -> None:
    sh.signed(sources="mail")
    path = box(sh, *ARCHIVE)
    assert sh("import", "mail", path, "--persona", "lin").refused("SUBJECT")
    assert sh("import", "mail", path, "--persona", "lin", "--subject", "Lin Wei").refused("SUBJECT_UNKNOWN")
    sh.done("import", "mail", path, "--persona", "lin", "--subject", f"{LIN},lin@home.example")
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == f"mail:{LIN}"
    assert sh("import", "mail", path, "--persona", "lin", "--subject", BOB).refused("SUBJECT_OTHER")


def test_bad_input_is_one_line_and_leaves_nothing(sh: Shell) -> None:
    sh.signed(sources="mail")
    (sh.folder / "x.pst").write_bytes(b"!BDN" + bytes(600))
    for path, code in ((sh.folder / "x.pst", "TYPE_MISMATCH"), (Path("nothing"), "NOT_FOUND")):
        assert sh("import", "mail", str(path), "--persona", "lin", "--subject", LIN).refused(code)
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 0
