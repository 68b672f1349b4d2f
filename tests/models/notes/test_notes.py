from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import msgspec
import pytest

from config.load import load_settings
from config.settings import Settings
from models.notes import Notes, open_notes
from models.notes.errors import KeyUnsafe, NotesDamaged, NotesLocked, NotesUnusable
from models.sentence_encoder import SentenceEncoder, open_sentence_encoder
from models.store import ModelStore

FACTS = (
    "Las llaves del trastero están en el cajón de la entrada.",
    "The boiler was serviced by Ramírez on the third of March.",
    "A Lucía le dan alergia los cacahuetes.",
    "The spare fuse for the oven is taped inside the cupboard under the sink.",
    "El recibo del seguro del coche se paga en octubre.",
)


@pytest.fixture(scope="module")
def encoder(settings: Settings, store: ModelStore) -> SentenceEncoder:
    """Return what embeds questions, as the encoder process does."""
    opened = open_sentence_encoder(settings, store)
    assert opened is not None
    return opened


def _settings(folder: Path, *options: str) -> Settings:
    return load_settings("tiny", None, [f"memory.path={folder}/notes.db", *options])


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    """Return a store with the facts."""
    opened = open_notes(_settings(tmp_path))
    for fact in FACTS:
        opened.remember(fact)
    yield opened
    opened.close()


def _found(notes: Notes, encoder: SentenceEncoder, question: str) -> list[str]:
    return [each.text for each in notes.recall(question, encoder.embed(question))]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("¿Dónde guardamos la llave del trastero?", 0),
        ("Where is the key to the storage room?", 0),
        ("¿Quién revisó la caldera?", 1),
        ("Which nuts must Lucia not eat?", 2),
        ("¿Dónde hay un fusible de repuesto del horno?", 3),
        ("When do we pay the car insurance?", 4),
    ],
)
def test_questions_find_their_fact_in_either_language(
    notes: Notes, encoder: SentenceEncoder, question: str, answer: int
) -> None:
    """It comes first."""
    assert _found(notes, encoder, question)[0] == FACTS[answer]


def test_what_has_nothing_to_do_with_the_notes_finds_none(
    notes: Notes, encoder: SentenceEncoder
) -> None:
    """Below the least score there is nothing, rather than the least bad."""
    assert _found(notes, encoder, "What is the capital of Mongolia?") == []


def test_a_name_is_found_without_a_vector(notes: Notes) -> None:
    """Words alone count where nothing tells what a question is about; accents do not."""
    assert [each.text for each in notes.recall("ramirez", ())] == [FACTS[1]]


def test_a_fact_is_kept_once_and_by_the_next_process(notes: Notes, tmp_path: Path) -> None:
    """Said twice it has one number; another process sees it at once."""
    first = notes.remember("El perro se llama Argos.")
    assert notes.remember("El perro se  llama Argos.") == first
    again = open_notes(_settings(tmp_path))
    (found,) = again.recall("Argos", ())
    again.close()
    assert (found.id, found.source, found.language) == (first, "", "es")


def test_nothing_of_what_is_forgotten_stays_in_the_files(
    notes: Notes, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """Neither words nor vector, neither in the file nor in the log beside it."""
    text = "The alarm code is quixotic zanzibar."
    number = notes.remember(text)
    execute = notes._shelf.connection.execute
    blob = execute("SELECT steps FROM vectors WHERE id = ?", (number,)).get
    bits = execute("SELECT bits FROM nearest WHERE id = ?", (number,)).get
    secrets = [b"zanzibar", b"quixotic", blob[:64], bits]
    assert all(secret in _files(tmp_path) for secret in secrets)
    assert notes.forget(number)
    assert [secret for secret in secrets if secret in _files(tmp_path)] == []
    assert not notes.forget(number)
    assert text not in _found(notes, encoder, "What is the alarm code?")


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("notes.db*"))


def test_the_fact_that_is_meant_is_forgotten_by_its_words(notes: Notes) -> None:
    """Only where it is certain which one."""
    meant = notes.fact_about("lo de la alergia de Lucía a los cacahuetes")
    assert meant is not None
    assert meant.text == FACTS[2]
    assert notes.fact_about("what I said about the holidays in Portugal") is None


def test_a_document_is_kept_in_passages_that_name_it(
    notes: Notes, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """Changed, it takes the place of what it was; forgotten by its name, all of it goes."""
    manual = tmp_path / "lavadora.md"
    manual.write_text("# Averías\n\nE18: el filtro está atascado.\n\n# Limpieza\n\nCada mes.\n")
    assert notes.remember_document(manual) == 2
    assert notes.remember_document(manual) == 0
    question = "¿Qué significa el error E18 de la lavadora?"
    (best, *_) = notes.recall(question, encoder.embed(question))
    assert (best.text, best.source) == ("Averías: E18: el filtro está atascado.", "lavadora.md")
    manual.write_text("# Averías\n\nE20: no desagua.\n")
    assert notes.remember_document(manual) == 1
    assert notes.count() == len(FACTS) + 1
    assert b"atascado" not in _files(tmp_path)
    assert notes.forget_document("lavadora.md") == 1
    assert notes.count() == len(FACTS)


def test_vectors_of_another_model_are_not_compared(
    notes: Notes, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """Words alone count until all is embedded anew; what came meanwhile is embedded, too."""
    execute = notes._shelf.connection.execute
    execute("UPDATE about SET value = 'another-model' WHERE name = 'embedding'")
    question = "Which nuts must Lucia not eat?"
    assert notes.remember("El wifi de invitados se llama Faro.") > len(FACTS)
    assert notes.recall("cacahuetes", encoder.embed("cacahuetes"))[0].text == FACTS[2]
    assert FACTS[2] not in _found(notes, encoder, "What may our girl not be given to eat?")
    assert notes.embed_again() == len(FACTS) + 1
    assert _found(notes, encoder, question)[0] == FACTS[2]
    assert notes.embed_again() == 0
    assert stat.S_IMODE((tmp_path / "notes.db").stat().st_mode) == 0o600


def test_a_store_without_a_model_finds_words(tmp_path: Path) -> None:
    """`memory.embedding` empty: no vectors; given a model later, it gets them."""
    plain = open_notes(_settings(tmp_path, "memory.embedding="))
    plain.remember(FACTS[0])
    assert [each.text for each in plain.recall("trastero", ())] == [FACTS[0]]
    plain.close()
    notes = open_notes(_settings(tmp_path))
    assert notes.embed_again() == 1
    notes.close()


def test_others_write_while_all_is_embedded_anew(tmp_path: Path) -> None:
    """Between two batches; what they forget gets no vector, what they tell the next call embeds."""
    other = open_notes(_settings(tmp_path, "memory.embedding="))
    numbers = [other.remember(f"Box {number} is on the shelf.") for number in range(120)]
    notes = open_notes(_settings(tmp_path))
    told: list[int] = []

    def between(done: int, total: int) -> None:
        assert total == len(numbers)
        told.append(done)
        other.remember(f"When {done} were done this was said.")
        other.forget(numbers[-1])

    notes.embed_again(between)
    made = [number for (number,) in notes._shelf.connection.execute("SELECT id FROM vectors")]
    assert made == numbers[:-1]
    assert len(told) > 1
    assert notes.embed_again() == len(told)
    notes.close()
    other.close()


def test_an_encrypted_store_opens_with_its_key_alone(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """No word is in the file; another key, no key, and a key that others may read are refused."""
    key = tmp_path / "key"
    key.write_text("a long random line\n")
    key.chmod(0o600)
    secret = _settings(tmp_path, f"memory.key_file={key}")
    notes = open_notes(secret)
    notes.remember(FACTS[2])
    notes.close()
    assert b"cacahuetes" not in _files(tmp_path)
    notes = open_notes(secret)
    assert _found(notes, encoder, "¿Qué alergia tiene Lucía?") == [FACTS[2]]
    notes.close()
    with pytest.raises(NotesLocked, match=r"memory\.key_file"):
        open_notes(_settings(tmp_path))
    key.write_text("another line")
    with pytest.raises(NotesLocked):
        open_notes(secret)
    key.chmod(0o644)
    with pytest.raises(KeyUnsafe, match="chmod 600"):
        open_notes(secret)


def test_a_damaged_store_is_named(notes: Notes, tmp_path: Path) -> None:
    """Noise in the middle of the file is found at the next opening."""
    for number in range(60):
        notes.remember(f"Fact {number}: " + "some words that fill a page " * 8)
    notes.close()
    path = tmp_path / "notes.db"
    data = bytearray(path.read_bytes())
    data[4_096 * 3 : 4_096 * 12] = bytes(range(256)) * (16 * 9)
    path.write_bytes(data)
    with pytest.raises(NotesDamaged, match=r"notes\.db: damaged .* move it away"):
        open_notes(_settings(tmp_path))


def test_other_files_are_not_written_into(tmp_path: Path) -> None:
    """A database of another program, and a folder that nobody may write to, are refused."""
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE t (a)')"
    run([sys.executable, "-c", script, str(tmp_path / "notes.db")], check=True)
    with pytest.raises(NotesUnusable, match="another program's"):
        open_notes(_settings(tmp_path))
    with pytest.raises(NotesUnusable, match=r"memory\.path"):
        open_notes(_settings(Path("/proc/none")))


def test_passages_travel(notes: Notes) -> None:
    """What is recalled is plain data."""
    (found,) = notes.recall("Ramírez", ())
    assert msgspec.json.decode(msgspec.json.encode(found))["text"] == FACTS[1]
