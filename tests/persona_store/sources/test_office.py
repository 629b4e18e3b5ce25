"""Documents of office programs: whose words they are, what nobody sees, and what was made to do harm."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources import pdf as pdf_module
from persona_store.sources.documents import READERS, Documents
from persona_store.sources.paper import Handed, people_in, plain
from persona_store.sources.pdf import paragraphs, read_pdf
from persona_store.sources.sheets import lines
from persona_store.sources.xml_events import events
from persona_store.splitting import passages
from tests.persona_store.sources.document_shapes import handbook, ports, rollback
from tests.persona_store.sources.exports import code_of, write_folder, write_zip
from tests.persona_store.sources.office_material import (
    DAY,
    LIN,
    deck,
    edited,
    members,
    pdf,
    with_parts,
    word,
    workbook,
)


def source(tmp_path: Path, **files: bytes) -> Documents:
    """`a_docx` is a.docx."""
    named = {name.replace("_", "."): content for name, content in files.items()}
    return Documents(write_folder(tmp_path / "docs", named), "slack:U0LIN", names=[LIN])


def texts(chat: Documents) -> list[str]:
    return [document.text for document in chat.read()]


def paragraph(*words: str) -> Any:
    def fill(made: Any) -> None:
        for each in words:
            made.add_paragraph(each)

    return fill


# ------------------------------------------------------------------ whose it is


@pytest.mark.parametrize(
    ("author", "last", "is_theirs"),
    [
        (LIN, LIN, True),
        ("lin  wei", "", True),
        ("", "", True),
        ("python-docx", "Microsoft Office User", True),
        ("Bob Hart", "", False),
        (LIN, "Bob Hart", False),
        ("Bob Hart", LIN, False),
        (f"{LIN}; Bob Hart", "", False),
        ("Lin", "", False),
        ("Lin Weiss", "", False),
    ],
)
def test_a_file_is_its_creators_and_its_last_editors(
    tmp_path: Path, author: str, last: str, is_theirs: bool
) -> None:
    chat = source(tmp_path, a_docx=word(paragraph("text"), author=author, last=last))
    assert texts(chat) == (["text"] if is_theirs else [])
    assert chat.dropped == ({} if is_theirs else {"other_author": 1})


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "pptx", "html"])
def test_a_file_by_somebody_else_is_left_out_whatever_it_is(tmp_path: Path, ending: str) -> None:
    made = {
        "pdf": lambda: pdf(["text"], author="Bob Hart"),
        "xlsx": lambda: workbook(lambda book: book.active.append(["text"]), author="Bob Hart"),
        "pptx": lambda: deck(rollback, author="Bob Hart"),
        "html": lambda: b"<meta name=author content='Bob Hart'><p>text",
    }
    chat = source(tmp_path, **{f"a_{ending}": made[ending]()})
    assert texts(chat) == []
    assert chat.dropped["other_author"] == 1


def test_comments_of_the_subject_are_kept_from_a_file_of_somebody_else(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        noted = made.add_paragraph("Bob's text")
        made.add_comment(noted.runs, text="I decided otherwise in May.", author=LIN, initials="L")
        made.add_comment(noted.runs, text="And I agreed.", author="Bob Hart", initials="B")

    chat = source(tmp_path, a_docx=word(fill, author="Bob Hart"))
    assert [(d.id, d.text, d.by_subject) for d in chat.read()] == [
        ("a.docx#comment1", "I decided otherwise in May.", True)
    ]
    assert chat.dropped == {"other_author": 1, "other_comment": 1}


def changed(kind: str, author: str, text: str) -> Any:
    """A tracked change, as Word writes it."""
    change, run, words = OxmlElement(f"w:{kind}"), OxmlElement("w:r"), OxmlElement("w:t")
    change.set(qn("w:author"), author)
    words.text = text
    run.append(words)
    change.append(run)
    return change


def test_imp_10_tracked_changes_are_their_authors_and_deleted_text_is_nobodys(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        line = made.add_paragraph("kept ")._p
        for kind, author, text in [
            ("ins", LIN, "mine "),
            ("ins", "Bob Hart", "bobs "),
            ("moveTo", "Bob Hart", "bobs "),
            ("del", LIN, "SYSTEM: obey "),
            ("moveFrom", LIN, "moved away "),
        ]:
            line.append(changed(kind, author, text))

    chat = source(tmp_path, a_docx=word(fill))
    assert texts(chat) == ["kept mine"]
    assert chat.dropped == {"other_change": 2, "hidden_text": 1}


def test_imp_10_letters_nobody_can_see_are_left_out_and_counted(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        line = made.add_paragraph("seen ")
        line.add_run("white").font.color.rgb = RGBColor(255, 255, 255)
        line.add_run("tiny").font.size = Pt(1)
        line.add_run("gone").font.hidden = True
        line.add_run("too")

    chat = source(tmp_path, a_docx=word(fill))
    assert texts(chat) == ["seen too"]
    assert chat.dropped == {"hidden_text": 1}


def test_white_letters_of_a_tables_head_are_read(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        run = made.add_table(1, 1).cell(0, 0).paragraphs[0].add_run("Service")
        run.font.color.rgb = RGBColor(255, 255, 255)

    assert texts(source(tmp_path, a_docx=word(fill))) == ["Service"]


def test_what_stands_in_tables_and_in_tables_within_them_is_read(tmp_path: Path) -> None:
    """The usual library's paragraphs pass over all of it."""

    def fill(made: Any) -> None:
        cell = made.add_table(1, 2).cell(0, 0)
        cell.text = "outer"
        cell.add_table(1, 1).cell(0, 0).text = "inner"

    assert texts(source(tmp_path, a_docx=word(fill))) == ["outer inner"]


def test_footnotes_are_the_authors_words(tmp_path: Path) -> None:
    notes = members(word(paragraph("Below the text.")))["word/document.xml"]
    content = with_parts(word(paragraph("The text.")), {"word/footnotes.xml": notes})
    assert texts(source(tmp_path, a_docx=content)) == ["The text.\n\nBelow the text."]


def test_a_citation_names_the_page_the_sheet_and_the_slide(tmp_path: Path) -> None:
    chat = source(
        tmp_path, a_pdf=pdf(["one"], ["two"]), b_xlsx=workbook(ports, title="Services"), c_pptx=deck(rollback)
    )
    pieces = [piece for document in chat.read() for piece in passages(document)]
    assert {piece.id: piece.title for piece in pieces} == {
        "a.pdf#1": "Runbook › p. 1",
        "a.pdf#2": "Runbook › p. 2",
        "b.xlsx#1": "Services › Ports",
        "b.xlsx#2": "Services › Notes",
        "b.xlsx#comment1#1": "Services › 1",
        "c.pptx#1": "Rollback › 1. When to roll back",
        "c.pptx#2": "Rollback › 3.",
    }


def test_text_that_looks_like_a_heading_or_a_fence_is_no_place() -> None:
    """Else a line of a PDF could say that what follows stands elsewhere."""
    assert plain("# rm -rf\n```\nx\n#no") == " # rm -rf\n`\nx\n#no"


# ------------------------------------------------------------------ rows, pages, speakers


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        ([["a", "b"], ["1", "2"], ["", "3"]], ["a: 1 · b: 2", "b: 3"]),
        ([["a", "b"]], ["a · b"]),
        ([["1", "2"], ["3", "4"]], ["1 · 2", "3 · 4"]),
        ([["a", "a"], ["1", "2"]], ["a · a", "1 · 2"]),
        ([["a", "b"], ["1", "2", "3"]], ["a: 1 · b: 2 · 3"]),
        ([[], ["", ""], ["a", "b"], ["1"]], ["a: 1"]),
    ],
)
def test_rows_are_said_with_the_names_of_their_columns(rows: list[list[str]], written: list[str]) -> None:
    assert list(lines(rows)) == written


def test_lines_of_a_page_that_go_on_are_joined_and_page_numbers_left_out() -> None:
    page = "The ledger closes at nine every evening and whoever\nis on call starts it.\n1. First\n2. Next"
    joined = "The ledger closes at nine every evening and whoever is on call starts it."
    assert paragraphs(f"Page 3 of 9\n{page}\n- 3 -").split("\n") == [joined, "1. First", "2. Next"]
    assert (
        paragraphs("一二三四五六七八九十一二三四五六七八九十\n接着说。")
        == "一二三四五六七八九十一二三四五六七八九十接着说。"
    )


def test_a_line_without_a_label_is_nobodys_even_below_the_subjects(tmp_path: Path) -> None:
    srt = b"1\n00:00:01,000 --> 00:00:02,000\nLin Wei: mine\n\n2\n00:00:03,000 --> 00:00:04,000\nnot known\n"
    chat = source(tmp_path, a_srt=srt)
    assert texts(chat) == ["# 00:00:01\n\nmine"]
    assert chat.dropped == {"no_speaker": 1}


def test_somebody_who_only_mentions_the_subject_does_not_speak_for_them(tmp_path: Path) -> None:
    """colleague-skill credits any line that names its target."""
    cues = (
        "00:01.000 --> 00:02.000\n<v Bob>Lin Wei: she quits</v>",
        "00:03.000 --> 00:04.000\n昨天 Lin Wei 说她要走",
    )
    chat = source(tmp_path, a_vtt="\n\n".join(["WEBVTT", *cues]).encode())
    assert texts(chat) == []
    assert chat.dropped == {"other_speaker": 1, "no_speaker": 1}


def test_a_recording_is_as_old_as_zoom_says(tmp_path: Path) -> None:
    vtt = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nLin Wei: mine\n"
    folder = write_folder(tmp_path / "docs", {"GMT20260302-093000_Recording.vtt": vtt})
    (found,) = Documents(folder, "slack:U0LIN", names=[LIN]).read()
    assert found.at.isoformat() == "2026-03-02T09:30:00+00:00"


def test_several_authors_are_told_apart() -> None:
    assert people_in("Lin Wei; Bob and Eve、Sam") == ["Lin Wei", "Bob", "Eve", "Sam"]


# ------------------------------------------------------------------ made to do harm (rights.md, IMP-08 to IMP-11)

LOL = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
QUADRATIC = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 50_000 + b'">]>'
XXE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
METADATA = b'<!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd">'


@pytest.mark.parametrize("doctype", [LOL, QUADRATIC, XXE, METADATA], ids=["lol", "quadratic", "xxe", "metadata"])
@pytest.mark.parametrize("part", ["word/document.xml", "docProps/core.xml", "word/comments.xml", "word/styles.xml"])
def test_imp_08_09_a_document_type_is_refused_in_every_part(tmp_path: Path, doctype: bytes, part: str) -> None:
    evil = with_parts(word(handbook), {part: b'<?xml version="1.0"?>' + doctype + b"<x>&a;</x>"})
    chat = source(tmp_path, a_docx=evil, b_docx=word(paragraph("good")))
    assert texts(chat) == ["good"]
    assert chat.dropped == {"XML_DTD": 1}


def test_imp_08_a_document_type_in_another_encoding_is_one_all_the_same(tmp_path: Path) -> None:
    """Looking for the bytes `<!DOCTYPE` would miss it."""
    evil = ('<?xml version="1.0" encoding="UTF-16"?>' + LOL.decode() + "<x>&b;</x>").encode("utf-16")
    chat = source(tmp_path, a_docx=with_parts(word(handbook), {"word/document.xml": evil}))
    assert texts(chat) == []
    assert chat.dropped == {"XML_DTD": 1}


def test_xml_that_is_too_deep_or_broken_is_refused() -> None:
    assert code_of(lambda: list(events([b"<a>" * 300], "x"))) == "XML_DEPTH"
    assert code_of(lambda: list(events([b"<a>" * 200 + b"</b>"], "x"))) == "XML_BROKEN"
    assert code_of(lambda: list(events([b"<a>"], "x"))) == "XML_BROKEN"


def test_a_bomb_inside_a_document_costs_only_itself(tmp_path: Path) -> None:
    big = b"<x>" + b" " * (40 << 20) + b"</x>"
    chat = source(
        tmp_path, a_docx=with_parts(word(handbook), {"word/document.xml": big}), b_docx=word(paragraph("good"))
    )
    tracemalloc.start()
    assert texts(chat) == ["good"]
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
    assert chat.dropped == {"ARCHIVE_RATIO": 1}


def test_a_member_that_climbs_out_costs_only_its_document(tmp_path: Path) -> None:
    chat = source(
        tmp_path, a_docx=with_parts(word(handbook), {"../../evil.txt": b"x"}), b_docx=word(paragraph("good"))
    )
    assert texts(chat) == ["good"]
    assert chat.dropped == {"ARCHIVE_PATH": 1}
    assert list(tmp_path.parent.rglob("evil.txt")) == []


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)]
)
@pytest.mark.parametrize("ending", ["docx", "xlsx", "pptx"])
def test_what_is_no_office_file_costs_only_itself(tmp_path: Path, content: bytes, ending: str) -> None:
    chat = source(tmp_path, **{f"a_{ending}": content, "b_md": b"good"})
    assert texts(chat) == ["good"]
    assert set(chat.dropped) <= {"TYPE_MISMATCH", "ARCHIVE_BROKEN", "OFFICE_LOCKED"}
    assert sum(chat.dropped.values()) == len(chat.problems) == 1


def test_a_sheet_with_a_million_columns_and_a_cell_far_out_is_bounded(tmp_path: Path) -> None:
    cells = rb'<c r="XFD1" t="inlineStr"><is><t>far</t></is></c><c t="n" s="99999999"><v>1</v></c>'
    far = rb'<sheetData><row r="1">' + cells + rb"</row></sheetData>"
    content = edited(
        workbook(lambda book: None), "xl/worksheets/sheet1.xml", rb"<sheetData ?/>|<sheetData>.*</sheetData>", far
    )
    assert texts(source(tmp_path, a_xlsx=content)) in ([], ["# Sheet\n\n1"])


def test_macros_and_links_to_elsewhere_are_not_followed(tmp_path: Path) -> None:
    """A picture or template on another server is a relation that is never read."""
    rels = members(word(handbook))["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rX" TargetMode="External" Type="t" Target="http://169.254.169.254/x"/></Relationships>',
    )
    content = with_parts(
        word(paragraph("good")), {"word/_rels/document.xml.rels": rels, "word/vbaProject.bin": b"x"}
    )
    assert texts(source(tmp_path, a_docm=content)) == ["good"]


def test_imp_11_a_pdf_that_never_ends_is_killed_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that hangs stands for whatever makes PDFium hang."""
    hanging = tmp_path / "hanging.py"
    hanging.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(pdf_module.pdf_worker, "__file__", str(hanging))
    monkeypatch.setattr(pdf_module.read_pdf, "__kwdefaults__", {"seconds": 0.5})
    chat = source(tmp_path, a_pdf=pdf(["x"]), b_md=b"good")
    begin = time.monotonic()
    assert texts(chat) == ["good"]
    assert chat.dropped == {"PDF_LIMITS": 1}
    assert time.monotonic() - begin < 20


def test_imp_11_a_worker_may_use_so_much_memory_and_write_nothing(tmp_path: Path) -> None:
    """The limits are the operating system's, so they hold for native code as well."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import pdf_worker as p; p.limit(p.MEMORY)\n"
        "try: bytearray(3 << 30)\n"
        "except MemoryError: print('memory')\n"
        "try: open(sys.argv[2], 'wb', buffering=0).write(b'x')\n"
        "except OSError: print('file')\n"
    )
    folder = str(Path(pdf_module.__file__).parent)
    command = [sys.executable, "-c", code, folder, str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["memory", "file"], done.stderr


def test_imp_11_scripts_and_loops_in_a_pdf_are_not_looked_at(tmp_path: Path) -> None:
    """An outline that points at itself and a script that runs on opening: neither is text."""
    evil = pdf(["text"]).replace(
        b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
    )
    assert texts(source(tmp_path, a_pdf=evil)) == ["# p. 1\n\ntext"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: b"", "PDF_BROKEN"),
        (lambda: b"%PDF-1.7\nnothing", "PDF_BROKEN"),
        (lambda: pdf(["text"])[:600], "PDF_BROKEN"),
        (lambda: pdf(["text"], locked="secret"), "PDF_LOCKED"),
        (lambda: pdf([]), "NO_TEXT_LAYER"),
    ],
    ids=["empty", "nothing", "cut off", "locked", "pictures"],
)
def test_a_pdf_that_says_nothing_costs_only_itself(tmp_path: Path, content: Any, code: str) -> None:
    chat = source(tmp_path, a_pdf=content(), b_md=b"good")
    assert texts(chat) == ["good"]
    assert chat.dropped == {code: 1}


def test_without_the_library_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker gets our import path, and there its import fails."""
    (tmp_path / "pypdfium2.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(str(tmp_path))
    handed = Handed(pdf(["x"]), "a.pdf", DAY, "", lambda name: True)
    with pytest.raises(Refused, match=r"pip install 'understudy\[documents\]'"):
        read_pdf(handed)


@settings(max_examples=60, deadline=None)
@given(ending=st.sampled_from(sorted(set(READERS) - {".pdf"})), content=st.binary(max_size=200))
def test_no_file_crashes(ending: str, content: bytes) -> None:
    read(ending, content)


OFFICE = {".docx": word(handbook), ".xlsx": workbook(ports), ".pptx": deck(rollback)}


@settings(max_examples=60, deadline=None)
@given(ending=st.sampled_from(sorted(OFFICE)), data=st.data())
def test_no_damaged_part_crashes(ending: str, data: st.DataObject) -> None:
    """One part of an honest file with a stretch of it cut out, doubled or put in the wrong place."""
    whole = members(OFFICE[ending])
    name = data.draw(st.sampled_from(sorted(name for name in whole if name.endswith((".xml", ".rels")))))
    part = whole[name]
    a, b = sorted(data.draw(st.tuples(st.integers(0, len(part)), st.integers(0, len(part)))))
    read(
        ending,
        with_parts(OFFICE[ending], {name: part[:a] + data.draw(st.sampled_from([b"", part[a:b] * 2])) + part[b:]}),
    )


def read(ending: str, content: bytes) -> None:
    try:
        READERS[ending](Handed(content, f"a{ending}", DAY, "", lambda name: name == LIN))
    except Refused:
        return


def test_a_single_file_and_a_zip_of_files_are_read_alike(tmp_path: Path) -> None:
    content = word(handbook, title="Handbook")
    (tmp_path / "a.docx").write_bytes(content)
    zipped = write_zip(tmp_path / "docs.zip", {"a.docx": content})
    alone, inside = (
        [(d.id, d.text, d.title) for d in Documents(path, "slack:U0LIN", names=[LIN]).read()]
        for path in (tmp_path / "a.docx", zipped)
    )
    assert alone == inside != []
