from __future__ import annotations

from pathlib import Path

import pytest

from models.notes.documents import files_below, read_document
from models.notes.errors import DocumentUnreadable
from models.notes.passages import Paragraph, passages_of

MARKDOWN = """# House

Some *words* with a [link](https://example.org/x) and
a second line.

## Boiler ##
- first point
- second `point`
"""
HTML = """<html><head><title>x</title><style>p { color: red }</style></head><body>
<nav><p>menu</p></nav><h1>House</h1><p>Some <b>bold</b> words.</p><script>alert(1)</script>
<h2>Boiler</h2><ul><li>first <p>inner</p></li><li>second</li></ul></body></html>"""

HTML_WITHOUT_PARAGRAPHS = """<!DOCTYPE html><title>x</title><body>Before <i>all.</i><!-- no -->
<div class="a"><h2>Boiler</h2><div>Serviced in March.<section>By Ramírez.</section> Old.</div>
<div> </div></div><article><h2>Keys</h2>In the <b>drawer</b>.</article></body>"""


def _pdf(*pages: str) -> bytes:
    """Return a PDF with a line of text a page, as small as one can be."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, text in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        font = "/Resources << /Font << /F1 3 0 R >> >>"
        page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * at} 0 R"
        objects += [
            f"<< {page} {font} >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + head.encode() + tail.encode()


def _encrypted(pdf: bytes) -> bytes:
    """Return a PDF that says it is encrypted with AES-256, for which pypdf lacks a package."""
    keys = " ".join(f"/{name} <{'00' * 48}>" for name in ("O", "U", "OE", "UE", "Perms"))
    filters = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /StmF /StdCF /StrF /StdCF"
    encryption = f"<< /Filter /Standard /V 5 /R 6 /Length 256 /P -4 {keys} {filters} >>"
    return pdf.replace(b"/Root", f"/ID [<00> <00>] /Encrypt {encryption} /Root".encode())


@pytest.mark.parametrize(
    ("name", "data", "paragraphs"),
    [
        ("a.txt", b"one\nline\n\n\ntwo", [("one\nline", "", ""), ("two", "", "")]),
        (
            "a.md",
            MARKDOWN.encode(),
            [
                ("Some words with a link and\na second line.", "House", ""),
                ("first point\nsecond point", "Boiler", ""),
            ],
        ),
        (
            "a.html",
            HTML.encode(),
            [
                ("Some bold words.", "House", ""),
                ("first inner", "Boiler", ""),
                ("second", "Boiler", ""),
            ],
        ),
        (
            "b.html",
            HTML_WITHOUT_PARAGRAPHS.encode(),
            [
                ("Before all.", "", ""),
                ("Serviced in March.", "Boiler", ""),
                ("By Ramírez.", "Boiler", ""),
                ("Old.", "Boiler", ""),
                ("In the drawer .", "Keys", ""),
            ],
        ),
        ("c.html", b"Words <b>alone</b>.", [("Words alone .", "", "")]),
        ("a.pdf", _pdf("The first page.", "Another."), [
            ("The first page.", "", "p. 1"),
            ("Another.", "", "p. 2"),
        ]),
    ],
)  # fmt: skip
def test_documents_are_read(name: str, data: bytes, paragraphs: list[tuple[str, str, str]]) -> None:
    """Paragraphs with their heading or page, without marks, menus and scripts."""
    read = [(each.text, each.heading, each.place) for each in read_document(Path(name), data)]
    assert read == paragraphs


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("The key is my_home_key_2.", None),
        ("Set 2*3*4 and 2 * 3 * 4.", None),
        ("See __init__.py and house/__init__.py, from ~5 to ~7.", None),
        ("It is *not _ours*.", "It is not _ours."),
        ("Mind the **red *hot* _plate_**, ~~now~~!", "Mind the red hot plate, now!"),
        ("_One_ and __two__ (_three_).", "One and two (three)."),
        ("The code is `*4_2_1*`, not ``a ` b``.", "The code is *4_2_1*, not a ` b."),
        ("The [`_door_` code](http://a_b_c).", "The _door_ code."),
    ],
)
def test_marks_of_markdown_go_and_words_stay(written: str, words: str | None) -> None:
    """A sign within a word is part of it, and so is every one within code."""
    (read,) = read_document(Path("a.md"), written.encode())
    assert read.text == (words or written)


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("a.docx", b"x", "convert it"),
        ("a.txt", b"\xff\xfe\x00", "UTF-8"),
        ("a.txt", b" \n ", "no text"),
        ("a.pdf", b"%PDF-1.4 nonsense", "PDF"),
        ("a.pdf", _encrypted(_pdf("x")), "PDF"),
        ("a.pdf", _pdf(""), "no text"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, data: bytes, complaint: str) -> None:
    """One line with the file and what to do."""
    with pytest.raises(DocumentUnreadable, match=rf"^{name}: .*{complaint}"):
        read_document(Path(name), data)


def test_folders_give_the_files_that_can_be_read(tmp_path: Path) -> None:
    """Those in folders within, too, in one order."""
    for name in ("b.txt", "a.md", "c.jpg", "in/d.PDF"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert [path.name for path in files_below(tmp_path)] == ["a.md", "b.txt", "d.PDF"]


def test_passages_end_where_paragraphs_or_sentences_do() -> None:
    """Short paragraphs share one; headings and pages do not; a long one is cut at its sentences."""
    texts = ("one two.", "three four.", "five six seven. Eight nine. " + "ten " * 9, "last")
    paragraphs = [Paragraph(text, "H" if at < 3 else "I") for at, text in enumerate(texts)]
    passages = list(passages_of(paragraphs, 5))
    assert [each.text for each in passages] == [
        "one two. three four.",
        "five six seven. Eight nine.",
        "ten ten ten ten ten",
        "ten ten ten ten",
        "last",
    ]
    assert [each.heading for each in passages] == ["H", "H", "H", "H", "I"]
