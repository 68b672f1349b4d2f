from __future__ import annotations

import pytest

from stages.clauses import ClauseSplitter


def _split(pieces: list[str], *, first_min: int = 12, longest: int = 160) -> list[str]:
    splitter = ClauseSplitter(first_min, longest)
    clauses = [clause for piece in pieces for clause in splitter.feed(piece)]
    rest = splitter.finish()
    return [*clauses, rest] if rest else clauses


WHOLE_TEXTS = [
    ("Sí, claro que sí. Ahora mismo voy.", ["Sí, claro que sí.", "Ahora mismo voy."]),
    ("Hola, buenos días, ¿qué tal?", ["Hola, buenos días,", "¿qué tal?"]),
    ("Son 3.5 grados y llueve. Abrígate.", ["Son 3.5 grados y llueve.", "Abrígate."]),
    ("Cuesta 1.250,75 euros en total. Es caro.", ["Cuesta 1.250,75 euros en total.", "Es caro."]),
    ("It costs 1,000 dollars. Too much.", ["It costs 1,000 dollars.", "Too much."]),
    ("El tren sale a las 10:30 de aquí. Corre.", ["El tren sale a las 10:30 de aquí.", "Corre."]),
    ("Nació en el año 1999. Murió joven.", ["Nació en el año 1999.", "Murió joven."]),
    ("Pregunta por el Sr. García o la Dra. Ruiz.", ["Pregunta por el Sr. García o la Dra. Ruiz."]),
    ("Ask for Mr. Smith or Dr. Jones.", ["Ask for Mr. Smith or Dr. Jones."]),
    ("Come más fruta, p. ej. una pera.", ["Come más fruta,", "p. ej. una pera."]),
    ("Eat fruit today, e.g. a pear.", ["Eat fruit today,", "e.g. a pear."]),
    ("Vive en EE. UU. desde ayer mismo.", ["Vive en EE. UU. desde ayer mismo."]),
    ("Vive en EE. UU. Trabaja mucho.", ["Vive en EE. UU.", "Trabaja mucho."]),
    ("It opens at 7 a.m. on Sundays.", ["It opens at 7 a.m. on Sundays."]),
    ("It opens at 7 a.m. Closes late.", ["It opens at 7 a.m.", "Closes late."]),
    ("No. I do not. See No. 5 there.", ["No. I do not.", "See No. 5 there."]),
    ("Look at example.com for more. Bye.", ["Look at example.com for more.", "Bye."]),
    (
        "It is at https://a.b/c?d=e,f:g for you. Bye.",
        ["It is at https://a.b/c?d=e,f:g for you.", "Bye."],
    ),
    ("Well... I do not know. Sorry.", ["Well... I do not know.", "Sorry."]),
    ("J. K. Rowling wrote that book. Yes.", ["J. K. Rowling wrote that book.", "Yes."]),
    (
        "Necesitas:\n1. Leche\n2. Pan con sal\n- Huevos\n",
        ["Necesitas:", "1. Leche", "2. Pan con sal", "- Huevos"],
    ),
    ('"¿Qué tal estás hoy?" Bien.', ['"¿Qué tal estás hoy?"', "Bien."]),
    ("Él dijo **hola a todos**. Luego nada.", ["Él dijo **hola a todos**.", "Luego nada."]),
    ("Sí.", ["Sí."]),
    ("  \n\n ...", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "clauses"), WHOLE_TEXTS)
def test_clauses_end_where_a_speaker_would_pause(text: str, clauses: list[str]) -> None:
    """A text that comes at once is split at sentences, and early at commas, nowhere else."""
    assert _split([text]) == clauses


@pytest.mark.parametrize(("text", "clauses"), WHOLE_TEXTS)
def test_the_size_of_the_pieces_does_not_matter(text: str, clauses: list[str]) -> None:
    """One character at a time gives the same words in the same clauses."""
    bare = [clause.strip("\"*'") for clause in _split(list(text))]
    assert bare == [clause.strip("\"*'") for clause in clauses]


@pytest.mark.parametrize(
    ("pieces", "ready"),
    [
        (["Hola", ", buenos", " días", ","], "Hola, buenos días,"),
        (["What", " do", " you", " mean", "?"], "What do you mean?"),
        (["¡Cuánto", " me", " alegro", "!"], "¡Cuánto me alegro!"),
    ],
)
def test_the_first_clause_waits_for_nothing_behind_it(pieces: list[str], ready: str) -> None:
    """Behind a plain word a comma, a question or an exclamation is an end at once."""
    splitter = ClauseSplitter(12, 160)
    *before, last = pieces
    assert not any(splitter.feed(piece) for piece in before)
    assert splitter.feed(last) == [ready]


@pytest.mark.parametrize("beginning", ["It costs 1,", "It is 3.", "See www.example.", "At 10:"])
def test_what_may_go_on_is_waited_for(beginning: str) -> None:
    """A number or an address may go on behind its punctuation."""
    assert ClauseSplitter(2, 160).feed(beginning) == []


def test_a_short_first_clause_takes_the_next_with_it() -> None:
    """Below the least length a clause is not worth the pause behind it."""
    assert _split(["Sí. Es verdad, lo sé."], first_min=12) == ["Sí. Es verdad,", "lo sé."]
    assert _split(["Sí. Es verdad, lo sé."], first_min=3) == ["Sí.", "Es verdad,", "lo sé."]


def test_later_clauses_are_longer() -> None:
    """Commas end the first clause, then only clauses three times as long, then none."""
    text = "Primero hay agua, luego pan, luego sal, y después aceite, vino, y un poco de calma. Ya."
    assert _split([text]) == [
        "Primero hay agua,",
        "luego pan, luego sal, y después aceite,",
        "vino, y un poco de calma.",
        "Ya.",
    ]


@pytest.mark.parametrize(
    ("text", "second"),
    [
        (
            "Claro que sí, el primer tren de mañana sale de Atocha y el segundo de Chamartín.",
            "el primer tren de mañana sale de Atocha",
        ),
        (
            "Yes, of course, there is one at nine, the other one leaves the old station at ten.",
            "there is one at nine,",
        ),
        (
            "Yes, of course, the one that you wanted to take tomorrow leaves at nine, not at ten.",
            "the one that you wanted to take tomorrow leaves at nine,",
        ),
    ],
)
def test_no_clause_lets_the_voice_run_dry(text: str, second: str) -> None:
    """While one character is spoken three are written: by then a comma or an "and" will do."""
    assert _split(list(text))[1] == second


@pytest.mark.parametrize("first", [12, 20, 36, 60])
def test_every_clause_is_written_before_the_voice_needs_it(first: int) -> None:
    """Wherever there are connectives, whatever the length of the first clause."""
    text = "a" * (first - 1) + ", " + "y luego dos cosas " * 60
    clauses = _split(list(text))
    written = spoken = len(clauses[0])
    begun = written
    for clause in clauses[1:-1]:
        written += len(clause) + len(" y luego")
        assert written <= begun + 3 * spoken + len(" y luego dos cosas ")
        spoken += len(clause)
        written -= len(" y luego")


def test_a_text_without_punctuation_is_cut_at_a_connective() -> None:
    """The first clause does not wait for an end that does not come."""
    words = "the old dog of the tall house sleeps on the warm sofa because it is very tired today"
    assert _split([words])[0] == "the old dog of the tall house sleeps on the warm sofa"


@pytest.mark.parametrize("longest", [40, 60, 160])
def test_no_clause_is_longer_than_the_longest(longest: int) -> None:
    """Whatever comes, clauses stay within the limit, and no word is lost or cut."""
    text = " ".join(f"palabra{number} sigue" for number in range(80))
    clauses = _split(list(text), longest=longest)
    assert all(len(clause) <= longest for clause in clauses)
    assert " ".join(clauses) == text


def test_a_word_without_end_is_not_cut() -> None:
    """A very long address stays whole, and what follows goes on as usual."""
    address = "https://example.com/" + "a" * 300
    assert _split([f"{address} is the address."])[0] == address


def test_a_closing_quote_that_comes_late_is_dropped() -> None:
    """What only closes the clause that has left does not begin the next one."""
    assert _split(["He asked: why not now", "?", '" Then', " he left."]) == [
        "He asked: why not now?",
        "Then he left.",
    ]
