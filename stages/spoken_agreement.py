"""A Spanish number's words and the words around it in, the form that agrees with them out. Pure."""

from __future__ import annotations

import re
from typing import Final

from stages.spoken_numbers import before_feminine, before_masculine


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


_NOT_NOUNS: Final = _words(
    "a al ante así aún aunque bajo cada como con contra cuando cuándo de del desde después dicho"
    " e el él ella ellas ellos en entonces entre era es ese eso esta este está están estas estos"
    " fue ha hacia hasta hay he la las le les lo los luego más me menos mi mis mucho muy nada ni no"
    " nos o para pero pues por porque que qué quien se según ser si sí sin sino sobre solo sólo"
    " son su sus también te tras tu tus u un una unas unos ya y cuesta trata queda llega"
)
_FEMININE: Final = _words(
    "vez veces mano manos foto fotos moto motos radio radios noche noches tarde tardes leche gente"
    " parte partes clase clases calle calles llave llaves nube nubes torre torres serie series flor"
    " flores luz luces voz voces mujer mujeres imagen imágenes base bases frase frases clave claves"
    " línea red redes piel sal miel carne sangre muerte muertes señal señales orden órdenes"
)
_MASCULINE: Final = _words(
    "día días mapa mapas problema problemas tema temas sistema sistemas programa programas idioma"
    " idiomas clima climas planeta planetas poema poemas sofá sofás gas gases país países mes meses"
    " tren panda pandas turista turistas kilograma cometa cometas fantasma fantasmas drama dramas"
    " síntoma síntomas esquema esquemas dilema dilemas diploma diplomas gramo"
)
_FEMININE_END: Final = re.compile(r"(?:a|as|ción|sión|ciones|siones|dad|dades|tud|tudes|umbres?)$")
_AGREES: Final = re.compile(r"uno$|(?:cient|quinient)os\b")
_LABELS: Final = _words(
    "capítulo número página paso artículo opción versión punto nivel grupo habitación canal línea"
    " sala tomo figura tabla fase puerta planta piso lección ejercicio pregunta temporada episodio"
    " volumen apartado sección tipo categoría etapa ronda kilómetro núm día zona carril andén"
)
"""A number after one of these counts nothing: `el capítulo 1 trata`."""


def agreed(words: str, before: str, after: str) -> str:
    """Return `words` as they are said between `before` and `after`.

    words: of a cardinal number. before, after: the neighbouring words, or "".
    """
    if before.lower() in _LABELS or not _AGREES.search(words):
        return words
    following = after.lower()
    if following == "mil":
        return before_masculine(words)
    counts_one = words == "uno"
    if not following or following in _NOT_NOUNS or counts_one == following.endswith("s"):
        return words
    return before_feminine(words) if is_feminine(following) else before_masculine(words)


def is_feminine(noun: str) -> bool:
    """Guess the gender of a Spanish noun in lower case."""
    if noun in _MASCULINE:
        return False
    return noun in _FEMININE or _FEMININE_END.search(noun) is not None
