"""Mail becomes the documents of one colleague: which, whose, and what is left out. Shapes are in mail_shapes.py."""

from __future__ import annotations

import time
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZIP_STORED

import pytest

from persona_store.importing import run_import
from persona_store.model import Document, may_read
from persona_store.sources import mail_boxes
from persona_store.sources.mail import Mail
from tests.persona_store.sources.exports import code_of, consent_for, write_folder, write_zip
from tests.persona_store.sources.mail_material import BOB, EVE, HEAD, LIN, mail, mbox, own, part, parts, raw
from tests.persona_store.test_importing import NOW, shelf  # noqa: F401  # a fixture


def source(tmp_path: Path, *mails: bytes | EmailMessage, subject: str = LIN, **options: object) -> Mail:
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.mbox"
    path.write_bytes(mbox(*mails))
    return Mail(path, subject.split(","), **options)  # type: ignore[arg-type]  # options of either kind


def theirs(documents: Iterator[Document]) -> list[str]:
    return [document.text for document in documents if document.by_subject]


def one(tmp_path: Path, content: bytes) -> Document:
    """The subject's words in a mail that has some."""
    (found,) = (document for document in source(tmp_path, content).read() if document.by_subject)
    return found


# ------------------------------------------------------------------ whose it is (rights.md IMP-16, T14)


@pytest.mark.parametrize(
    ("sender", "is_theirs"),
    [
        (LIN, True),
        (f"Lin Wei <{LIN.upper()}>", True),
        (f'"Wei, Lin" <{LIN}>', True),
        (f"Wei, Lin <{LIN}>", True),
        (f"{LIN} (Lin Wei)", True),
        (f"=?gb2312?B?wdbeuw==?= <{LIN}>", True),
        (f"eve@corp.example <{LIN}>", True),
        ("lin+wei@corp.example", False),
        ("wei+lin@corp.example", False),
        ("lin@corp.example.evil", False),
        (f"{LIN} <{EVE}>", False),
        (f'"{LIN}" <{EVE}>', False),
        (f"Lin Wei <{EVE}>", False),
        (f"=?utf-8?q?lin=40corp.example=3E?= <{EVE}>", False),
        (f"=?utf-8?q?=3Clin=40corp.example=3E?= <{EVE}>", False),
        (f"{LIN}, {EVE}", False),
        (f"{LIN}, <eve@@corp.example>", False),
        (f"{LIN} <{LIN}> <{EVE}>", False),
        (f"{LIN}(<{EVE}>", False),
        (f"{LIN})<{EVE}>", False),
        (f"Team: {LIN}, {EVE};", False),
        (f"{EVE}: {LIN}", False),
        (f"{LIN}\nFrom: {EVE}", False),
    ],
)
def test_imp_16_an_author_is_an_address_whatever_stands_beside_it(
    tmp_path: Path, sender: str, is_theirs: bool
) -> None:
    """By name, by part of an address or by what a name decodes to, nobody becomes the subject; two are nobody."""
    known = own("mine").replace(b"<a@", b"<known@")
    spoof = own("theirs?").replace(f"From: Lin Wei <{LIN}>".encode(), f"From: {sender}".encode())
    assert theirs(source(tmp_path, known, spoof).read()) == ["mine", *(["theirs?"] if is_theirs else [])]


def test_several_addresses_may_be_the_subjects(tmp_path: Path) -> None:
    mails = own("work"), own("home").replace(LIN.encode(), b"lin@home.example").replace(b"<a@", b"<b@")
    assert theirs(source(tmp_path, *mails, subject=f"{LIN},Lin@Home.example").read()) == ["work", "home"]
    containers = [d.container for d in source(tmp_path, *mails, subject=f"{LIN},lin@home.example").read()]
    assert containers == [LIN, "lin@home.example"]


def test_a_mail_its_server_found_to_be_forged_is_left_out(tmp_path: Path) -> None:
    found = "mx.corp.example; spf=fail; dmarc=fail (p=none) header.from=corp.example"
    chat = source(tmp_path, own("mine"), own("not mine", Authentication_Results=found).replace(b"<a@", b"<b@"))
    assert theirs(chat.read()) == ["mine"]
    assert chat.dropped == {"forged": 1}


def test_only_the_topmost_finding_counts_because_anybody_may_write_another(tmp_path: Path) -> None:
    """A forger writes `dmarc=pass` below; a colleague's mail forwarded along says `fail` below."""
    top = "mx.corp.example; dmarc=pass"
    content = own("mine", Authentication_Results=f"{top}\nAuthentication-Results: evil; dmarc=fail")
    assert theirs(source(tmp_path, content).read()) == ["mine"]


def test_somebody_elses_mail_with_the_same_id_does_not_hide_the_subjects(tmp_path: Path) -> None:
    stolen = mail("a", EVE, "I say otherwise.", to=LIN)
    for order in ((stolen, own("mine")), (own("mine"), stolen)):
        chat = source(tmp_path, *order)
        assert [(d.text, d.by_subject) for d in chat.read()] == [("mine", True)]
        assert chat.dropped == {"duplicate": 1}


def test_the_same_mail_in_two_folders_is_one(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "box", {"Sent": mbox(own("mine")), "All": mbox(own("mine"))})
    chat = Mail(folder, [LIN])
    assert theirs(chat.read()) == ["mine"]
    assert chat.dropped == {"duplicate": 1}


def test_an_id_cannot_look_like_a_piece_of_something_else(tmp_path: Path) -> None:
    """`#` divides a passage from its document; and an id is made from the bytes where there is none."""
    chat = source(
        tmp_path, own("a").replace(b"<a@corp.example>", b"<notes.md#1@x>"), own("b").replace(b"Message-ID", b"X")
    )
    ids = [document.id for document in chat.read()]
    assert all(ident.endswith("@without-message-id>") for ident in ids)
    assert [document.id for document in chat.read()] == ids
    assert len(set(ids)) == 2


def test_a_mail_of_the_subject_carried_by_somebody_else_is_not_believed(tmp_path: Path) -> None:
    kind, body = parts(part("text/plain", "look what Lin wrote"), part("message/rfc822", own("I quit")))
    outer = raw(
        HEAD.replace(f"Lin Wei <{LIN}>", EVE).replace("<a@", "<e@")
        + f"In-Reply-To: <a@corp.example>\nContent-Type: {kind}\n",
        body,
    )
    found = list(source(tmp_path, own("mine"), outer).read())
    assert [(d.text, d.author, d.by_subject) for d in found] == [
        ("mine", f"mail:{LIN}", True),
        ("I quit", f"mail:{LIN}", False),
        ("look what Lin wrote", f"mail:{EVE}", False),
    ]


# ------------------------------------------------------------------ where others break (sources.md, 6)


def test_a_line_that_begins_with_from_neither_ends_a_mail_nor_is_lost(tmp_path: Path) -> None:
    """Python's mailbox takes `From here on` for the next mail; so do readers that split at `\\nFrom `."""
    text = "We decided:\n\nFrom here on we use make.\nFrom Monday 9:00 2026 on, too.\n"
    for escape in ("o", "rd", ""):
        path = tmp_path / "box.mbox"
        path.write_bytes(mbox(own(text), own("second").replace(b"<a@", b"<b@"), escape=escape))
        assert theirs(Mail(path, [LIN]).read()) == [text.strip(), "second"]


def test_an_escaped_line_of_a_quote_stays_quoted(tmp_path: Path) -> None:
    """In mboxo `>From` is either an escape or a quote without its blank."""
    text = "Yes.\n\nBob wrote:\n>From my side it is fine.\n>And yours?\n"
    path = tmp_path / "box.mbox"
    path.write_bytes(mbox(own(text), escape=""))
    assert theirs(Mail(path, [LIN]).read()) == ["Yes."]


def test_a_rule_of_underscores_ends_nothing(tmp_path: Path) -> None:
    """colleague-skill deletes what stands below `___`."""
    assert one(tmp_path, own("above\n___\nbelow\n")).text == "above\n___\nbelow"


def test_html_is_read_and_not_returned_as_tags(tmp_path: Path) -> None:
    content = own(
        "<p>Use &lt;make&gt; &amp; wait</p><script>x()</script><style>p{}</style>", Content_Type="text/html"
    )
    assert one(tmp_path, content).text == "Use <make> & wait"


def test_an_inline_log_does_not_replace_the_letter(tmp_path: Path) -> None:
    kind, body = parts(
        part("text/html", "<p>The letter</p>"),
        part("text/plain", "ERROR", Content_Disposition='inline; filename="log.txt"'),
    )
    assert one(tmp_path, own(body, Content_Type=kind)).text == "The letter\n[log.txt]"


def test_each_mail_of_an_mbox_has_a_charset_of_its_own(tmp_path: Path) -> None:
    """Reading the whole mbox as UTF-8 first loses all but one."""
    mails = [
        own("回復".encode(label), Content_Type=f"text/plain; charset={label}").replace(
            b"<a@", f"<{label}@".encode()
        )
        for label in ("gb18030", "big5", "utf-8", "euc-jp", "shift_jis", "iso-2022-jp", "utf-7", "euc-kr")
    ]
    assert theirs(source(tmp_path, *mails).read()) == ["回復"] * len(mails)


def test_an_encoded_subject_is_the_title_and_loses_its_re(tmp_path: Path) -> None:
    """Neighbouring encoded words may cut a character in two."""
    raw_title = "对账任务".encode("gb18030")
    cut = [b64encode(raw_title[:3]).decode(), b64encode(raw_title[3:]).decode()]
    title = f"Re: =?gb2312?B?{cut[0]}?=\n =?gb2312?B?{cut[1]}?="
    assert one(tmp_path, own("text", Subject=title)).title == "对账任务"


def test_the_title_stands_once_in_a_thread(tmp_path: Path) -> None:
    """Else every answer would be found by what was asked."""
    chat = source(tmp_path, mail("q", BOB, "how?"), mail("a", LIN, "so", answers="q", subject="Re: Retries"))
    assert [document.title for document in chat.read()] == ["Retries", ""]


def test_a_placeholder_that_asks_for_html_gives_way_to_the_html(tmp_path: Path) -> None:
    kind, body = parts(
        part("text/plain", "Your mail program does not show HTML."),
        part("text/html", "<p>The letter itself, which is longer than that</p>"),
        kind="alternative",
    )
    assert one(tmp_path, own(body, Content_Type=kind)).text == "The letter itself, which is longer than that"


# ------------------------------------------------------------------ what nobody said


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Subject": "自动回复: 在休假"}, "auto_reply"),
        ({"Subject": "Automatic reply: Retries"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated"}, "bot"),
        ({"Content_Type": 'multipart/report; report-type=delivery-status; boundary="b"'}, "bounce"),
        ({"X_Gmail_Labels": "Drafts,Important"}, "draft"),
        ({"X_Gmail_Labels": "=?UTF-8?Q?=E8=8D=89=E7=A8=BF?="}, "draft"),
        ({"X_Gmail_Labels": "Trash"}, "deleted"),
        ({"X_Mozilla_Status": "0009"}, "deleted"),
        ({"Content_Type": "text/calendar; method=REPLY"}, "invitation"),
        ({"Content_Type": 'multipart/encrypted; boundary="b"'}, "encrypted"),
        ({"Content_Type": "application/pkcs7-mime; smime-type=enveloped-data"}, "encrypted"),
        ({"Date": "never"}, "BAD_TIME"),
    ],
)
def test_what_a_machine_sent_in_the_subjects_name_is_not_theirs(
    tmp_path: Path, fields: dict[str, str], reason: str
) -> None:
    content = own("I am away", **fields).replace(b"<a@", b"<b@")
    if "Date" in fields:
        content = content.replace(b"Date: Mon, 2 Mar 2026 09:00:00 +0000\n", b"")
    chat = source(tmp_path, own("mine"), content)
    assert theirs(chat.read()) == ["mine"]
    assert chat.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"List-Unsubscribe": "<mailto:x@y>"}, False),
        ({"Precedence": "bulk"}, False),
        ({"List-Id": "<news.corp.example>", "List-Post": "NO"}, False),
        ({"List-Id": "<dev.corp.example>", "List-Unsubscribe": "<mailto:x@y>", "Precedence": "list"}, True),
    ],
)
def test_a_newsletter_is_no_context_but_a_discussion_is(tmp_path: Path, fields: dict[str, str], kept: bool) -> None:
    chat = source(tmp_path, mail("n", EVE, "News!", **fields), mail("a", LIN, "Interesting.", answers="n"))
    assert [document.text for document in chat.read()] == [*(["News!"] if kept else []), "Interesting."]
    assert chat.dropped == ({} if kept else {"newsletter": 1})


def test_a_missing_date_is_that_of_the_last_server(tmp_path: Path) -> None:
    content = own("x", Received="from a by b; Tue, 3 Mar 2026 10:00:00 +0800").replace(
        b"Date: Mon, 2 Mar 2026 09:00:00 +0000\n", b""
    )
    assert one(tmp_path, content).at.isoformat() == "2026-03-03T02:00:00+00:00"


@pytest.mark.parametrize(
    "footer",
    [
        "-- \nLin Wei\nPayments\n" + "line\n" * 20,
        "Sent from my iPhone\n",
        "发自我的 iPhone\n",
        "________________________________\n",
        "_______________________________________________\ndev mailing list\ndev@lists.corp.example\n",
        "CONFIDENTIALITY NOTICE: this is for the addressee.\n",
        "本邮件及其附件含有公司的保密信息，仅限于发送给上面地址中列出的个人。\n",
    ],
)
def test_what_stands_below_a_letter_is_cut_off(tmp_path: Path, footer: str) -> None:
    assert (
        one(tmp_path, own(f"Use make.\n\n{footer}", Content_Type="text/plain; charset=utf-8")).text == "Use make."
    )


# ------------------------------------------------------------------ threads


def test_threads_follow_ids_through_mails_that_are_not_there_and_never_subjects(tmp_path: Path) -> None:
    mails = [
        mail("c", LIN, "third", answers="b"),  # before what it answers, and b is only known from c and d
        mail("d", BOB, "fourth", answers="b"),
        mail("z", BOB, "another thread of the same name"),
    ]
    chat = source(tmp_path, *mails)
    found = list(chat.read())
    assert [document.text for document in found] == ["third", "fourth"]
    assert len({document.thread for document in found}) == 1
    assert chat.dropped == {"outside_subject_threads": 1}


def test_a_thread_keeps_its_name_when_a_later_export_has_more(tmp_path: Path) -> None:
    reply = mail("b", LIN, "so", answers="a0")
    first, *_ = source(tmp_path, reply).read()
    later = list(source(tmp_path, mail("a0", BOB, "how?"), reply, mail("c", BOB, "thanks", answers="b")).read())
    assert {document.thread for document in later} == {first.thread}


def test_what_is_quoted_is_kept_once_where_the_mail_itself_is_missing(tmp_path: Path) -> None:
    reply = mail("a", LIN, "So.\n\nBob wrote on Monday 9:00:\n> How?\n", answers="q")
    alone = list(source(tmp_path, reply).read())
    assert [(d.id, d.by_subject, d.author) for d in alone][0] == ("<a@corp.example>#quoted", False, "")
    whole = list(source(tmp_path, mail("q", BOB, "How?"), reply).read())
    assert [d.text for d in whole] == ["How?", "So."]


# ------------------------------------------------------------------ who may read


def test_those_a_mail_went_to_may_read_it_and_nobody_else(tmp_path: Path) -> None:
    copied = mail("a", LIN, "x", to=f"Bob <{BOB}>", Cc=f"Team: {EVE};", Bcc="sam@corp.example")
    (found,) = source(tmp_path, copied).read()
    assert found.readers == tuple(f"mail:{who}" for who in sorted((LIN, BOB, EVE, "sam@corp.example")))
    bound = frozenset(("slack:U0BOB", f"mail:{BOB}"))
    assert may_read(found.readers, (bound,))
    assert not may_read(found.readers, (frozenset(("slack:U0BOB",)),))
    assert not may_read(found.readers, None)


def test_a_blind_copy_shows_on_the_senders_own_copy_only(tmp_path: Path) -> None:
    """In a mail that somebody else sent, a Bcc is whatever they wrote there."""
    mails = mail("q", BOB, "x", Bcc=EVE), mail("a", LIN, "y", answers="q")
    assert [document.readers for document in source(tmp_path, *mails).read()] == [
        (f"mail:{BOB}", f"mail:{LIN}")
    ] * 2


@pytest.mark.parametrize("opened", ["dev.corp.example", "dev@corp.example", "*"])
def test_a_list_in_a_mailbox_is_closed_until_somebody_says_that_the_team_reads_it(
    tmp_path: Path, opened: str
) -> None:
    fields = {"List-Id": "Developers <dev.corp.example>", "Delivered-To": LIN}
    mails = [
        mail(ident, who, "x", to="dev@corp.example", answers=answers, **fields)
        for ident, who, answers in (("q", BOB, ""), ("a", LIN, "q"), ("e", EVE, "q"))
    ]
    closed = list(source(tmp_path, *mails).read())
    assert all(document.readers is not None for document in closed)
    assert {document.container for document in closed} == {"dev.corp.example"}
    assert {document.readers for document in source(tmp_path, *mails, team_lists=[opened]).read()} == {None}


def test_opening_every_list_opens_no_letter(tmp_path: Path) -> None:
    (found,) = source(tmp_path, mail("a", LIN, "private"), team_lists=["*"]).read()
    assert found.readers == (f"mail:{BOB}", f"mail:{LIN}")


@pytest.mark.parametrize("what", ["delivered", "two authors", "one letter", "no list"])
def test_a_mailbox_is_not_taken_for_the_archive_of_a_list(tmp_path: Path, what: str) -> None:
    to = "dev@corp.example" if what == "no list" else "dev@lists.corp.example"
    mails = [
        mail("q", BOB, "x", to=to),
        mail("a", LIN, "y", to=to, answers="q"),
        mail("e", EVE, "z", to=to, answers="q"),
    ]
    if what == "delivered":
        mails[1]["Received"] = "from a by b; Mon, 2 Mar 2026 09:00:00 +0000"
    if what == "two authors":
        del mails[2]
    if what == "one letter":
        mails.append(mail("p", BOB, "just for you", to=LIN))
    assert None not in {document.readers for document in source(tmp_path, *mails).read()}


async def test_a_mailbox_needs_its_address_in_the_consent(tmp_path: Path, shelf) -> None:  # noqa: F811  # the fixture
    mails = mail("q", BOB, "How often does it run?"), mail("a", LIN, "Every 15 minutes.", answers="q")
    for containers, kept in ((("*",), 0), ((LIN,), 1)):
        consent = consent_for("mail", containers=containers)
        report = await run_import(source(tmp_path, *mails), persona="lin", consent=consent, evidence=shelf, now=NOW)
        assert (report.kept, report.dropped) == (kept, {} if kept else {"CONSENT_PRIVATE": 2})
    again = await run_import(source(tmp_path, *mails), persona="lin", consent=consent, evidence=shelf, now=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 2)


# ------------------------------------------------------------------ bad input


def test_imp_20_a_mail_of_ten_thousand_parts_costs_only_itself(tmp_path: Path) -> None:
    kind, body = parts(*[part("text/plain", "x")] * 10_000)
    chat = source(tmp_path, own(body, Content_Type=kind), own("good").replace(b"<a@", b"<b@"))
    assert theirs(chat.read()) == ["good"]
    assert chat.dropped == {"MIME_PARTS": 1}
    assert "mail 1: a mail has more than 1,000 parts" in chat.problems[0]


@pytest.mark.parametrize("kind", ["multipart", "message/rfc822"])
def test_imp_20_a_mail_fifty_deep_costs_only_itself(tmp_path: Path, kind: str) -> None:
    content, body = "text/plain", b"deep"
    for level in range(50):
        if kind == "multipart":
            content, body = parts(part(content, body), boundary=f"b{level}")
        else:
            content, body = parts(part("message/rfc822", own(body, Content_Type=content)), boundary=f"b{level}")
    chat = source(tmp_path, own(body, Content_Type=content), own("good").replace(b"<a@", b"<b@"))
    assert theirs(chat.read()) == ["good"]
    assert chat.dropped == {"MIME_DEPTH": 1}


@pytest.mark.parametrize(
    "field",
    [
        "=?utf-8?q?" + "=3C" * 300_000 + "?=",
        "=?utf-8?b?" * 100_000,
        '"' * 300_000,
        "(" * 300_000,
        '"\\' * 200_000,
        "<" * 300_000,
        "a@b," * 100_000,
    ],
)
def test_imp_20_a_hostile_field_is_read_in_linear_time(tmp_path: Path, field: str) -> None:
    begin = time.process_time()
    content = own("good", Subject=field, Cc=field, References=field, Content_Disposition=field)
    assert theirs(source(tmp_path, content).read()) == ["good"]
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    "line",
    [
        "> " * 200_000,
        "On " + "a" * 500_000,
        "From: " * 100_000,
        "-" * 500_000,
        "在" * 300_000,
        "On x wrote:\n" * 9_000,
    ],
)
def test_a_hostile_body_is_read_in_linear_time(tmp_path: Path, line: str) -> None:
    begin = time.process_time()
    list(source(tmp_path, own(f"good\n{line}\n")).read())
    assert time.process_time() - begin < 5


def test_what_is_no_mail_is_counted_and_a_broken_file_costs_only_itself(tmp_path: Path) -> None:
    files = {
        "a.eml": own("good"),
        "notes.txt": b"no mail",
        "Outlook.pst": b"!BDN\x00",
        "empty.eml": b"",
        "x.json": b"{}",
    }
    chat = Mail(write_folder(tmp_path / "box", files), [LIN])
    assert theirs(chat.read()) == ["good"]
    assert chat.dropped == {"unsupported_type": 4}
    assert chat.progress[0] == chat.progress[1] > 0


@pytest.mark.parametrize("content", [b"", b"hello", b"From here to there\n", b"\x00" * 5000, b"{}", b"%PDF-1.7\n"])
def test_a_file_without_mail_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.mbox").write_bytes(content)
    assert code_of(lambda: list(Mail(tmp_path / "x.mbox", [LIN]).read())) == "TYPE_MISMATCH"


def test_a_damaged_archive_member_costs_only_itself(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "mail.zip", {"a.eml": own("good"), "b.mbox": mbox(own("lost"))}, method=ZIP_STORED)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"lost", b"LOST", 1))  # its check sum does not fit any more
    chat = Mail(path, [LIN])
    assert theirs(chat.read()) == ["good"]
    assert chat.dropped == {"ARCHIVE_BROKEN": 1}
    assert chat.progress[0] == chat.progress[1]


def test_a_long_letter_is_cut_and_counted(tmp_path: Path) -> None:
    chat = source(tmp_path, own("word " * 20_000))
    assert [len(text) for text in theirs(chat.read())] == [50_000]
    assert chat.dropped == {"too_long": 1}


def test_a_subject_who_wrote_nothing_is_refused_with_near_addresses(tmp_path: Path) -> None:
    chat = source(tmp_path, own("x"), subject="lin.wei@corp.example")
    with pytest.raises(Exception, match=r"did you mean: lin@corp\.example"):
        list(chat.read())
    assert code_of(lambda: source(tmp_path, own("x"), subject="Lin Wei")) == "SUBJECT_UNKNOWN"
    assert code_of(lambda: list(Mail(tmp_path / "nothing", [LIN]).read())) == "NOT_FOUND"


def test_a_mail_that_is_too_long_is_passed_over_and_never_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_boxes, "LONGEST", 1 << 20)
    chat = source(tmp_path, own(b"x" * (40 << 20)), own("good").replace(b"<a@", b"<b@"))
    tracemalloc.start()
    assert theirs(chat.read()) == ["good"]
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()
    assert chat.dropped == {"MEMBER_SIZE": 1}


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """15 MB of mails: one at a time is held, and two hundred bytes of each."""
    heads = (HEAD.replace("<a@", f"<{number}@").replace(LIN, BOB if number % 50 else LIN) for number in range(1500))
    chat = source(tmp_path, *(raw(head, b"word " * 2000) for head in heads))
    tracemalloc.start()
    assert sum(document.by_subject for document in chat.read()) == 30
    assert tracemalloc.get_traced_memory()[1] < 6 << 20
    tracemalloc.stop()
