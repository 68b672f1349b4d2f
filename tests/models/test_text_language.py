import pytest

from models.text_language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Pon un temporizador de diez minutos", "es"),
        ("¿Qué hora es?", "es"),
        ("Set a timer for ten minutes", "en"),
        ("What is the weather like today?", "en"),
        ("Enciende la luz de la cocina", "es"),
        ("Turn on the kitchen light", "en"),
        ("mañana", "es"),
    ],
)
def test_function_words_tell_the_language(text: str, language: str) -> None:
    """Commands and questions of a home."""
    assert guess_language(text, ["es", "en"])[0] == language
    assert guess_language(text, ["en", "es"])[0] == language


def test_the_first_language_is_taken_where_nothing_tells() -> None:
    """A name has no language."""
    assert guess_language("Sarai", ["en", "es"]) == ("en", 0.5)
