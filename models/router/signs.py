"""A sentence in; turns of speech that tell what kind of wish it is, as numbers, out. Pure.

Signs and not verdicts: the head weighs them together with what the sentence means.
"""

from __future__ import annotations

import re
from typing import Final

from models.folding import folded
from models.router.given_names import GIVEN_NAMES

_LANGUAGES: Final = (
    r"(english|spanish|french|german|italian|portuguese|catalan|basque|galician|dutch|swedish|"
    r"norwegian|danish|finnish|polish|czech|hungarian|romanian|bulgarian|greek|turkish|russian|"
    r"ukrainian|arabic|hebrew|hindi|chinese|mandarin|japanese|korean|latin|thai|vietnamese|"
    r"ingles|inglesa|espanol|espanola|castellano|frances|francesa|aleman|alemana|italiano|"
    r"italiana|portugues|portuguesa|catalan|euskera|gallego|holandes|neerlandes|sueco|noruego|"
    r"danes|fines|polaco|checo|hungaro|rumano|bulgaro|griego|turco|ruso|ucraniano|arabe|hebreo|"
    r"chino|japones|coreano|tailandes|vietnamita)"
)

_SIGNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # translation
        (
            rf"\b(in|into|to|from|en|al|del|palabra|expresion) {_LANGUAGES}\b|"
            rf"\b{_LANGUAGES} (word|expression|for)\b"
        ),
        r"\b(translate|translating|traduc\w+|interpret\w*|haz de interprete)\b",
        (
            r"\b(how (do|does|would|can|is|are)\b.*\b(say|said|spell|pronounced?)|"
            r"como (se )?(dice|dicen|digo|diria|pronuncia|escribe))\b"
        ),
        r"\b(what does .* mean|what is .* in \w+$|que (significa|quiere decir))\b",
        # vision
        (
            r"\b(look (at|out)|(have|take) a look|(do|can) you see|describe (the|this|what)|camera|"
            r"mira|mirad?lo|echale? un vistazo|que ves|ves (a|al|algo)|describe (la|lo|esta|este)|"
            r"camara)\b"
        ),
        (
            r"\b(this|these|esta|este|esto|estas|estos)\b.*\b(picture|photo\w*|image|label|sign|"
            r"box|bottle|tin|here|plant|imagen|foto\w*|etiqueta|cartel|caja|botella|lata|aqui|"
            r"planta)\b"
        ),
        (
            r"\b(holding|in my hand|in front of (the|you)|written on|en la mano|ensenando|"
            r"delante de|escrito en|que pone en)\b"
        ),
        # command
        (
            r"^((please|hey|oye|por favor|ok|okay)\b[ ,]*)?(remember|forget|turn|set|switch|stop|"
            r"say|wake|remind|add|delete|play|close|open|cancel|pause|lock|unlock|repeat|dim|note|"
            r"take this down|keep in mind|start|speak|louder|quieter|softer|make (it|a note)|put|"
            r"be quiet|don't|raise|lower|skip|recuerda|recuerdame|olvida|olvidate|enciende|apaga|"
            r"pon|baja|sube|deja|para|repite|repitelo|despiertame|anade|habla|empieza|apunta|anota|"
            r"borra|cancela|estate|callate|toma nota|pausa|ten en cuenta|haz una nota|no contestes|"
            r"cierra|abre|atenua|mas (alto|bajo|despacio)|reproduce|salta)\b"
        ),
        (
            r"\b(timer|volume|alarm|lights?|heating|shopping list|blinds|temporizador|volumen|"
            r"alarma|luz|luces|calefaccion|lista de la compra|persianas)\b"
        ),
        # expert
        (
            r"^(explain|explica(me)?|compare|compara|prove|demuestra|solve|resuelve|summari[sz]e|"
            r"resume|give me a summary|hazme un resumen|hablame de|tell me about)\b"
        ),
        (
            r"\b(difference between|how (does|do) an? |invented|discovered|composed|was the first|"
            r"(en que se diferencian?|diferencia hay)|como funcionan?|(invento|descubrio|compuso|"
            r"pinto)\b)"
        ),
        r"\b(what (is|are|was) (an? |the )?|que (es|son|fue|era) )",
        r"\b(1\d{3}|20\d\d|century|siglo)\b",
        (
            r"^\W*(how|why|who|when|where|which|what|como|por que|quien|cuando|donde|cual|cuales|"
            r"que)\b"
        ),
    )
)

_PROPER: Final = re.compile(r"(?<=[\w,] )[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,}")

COUNT: Final = len(_SIGNS) + 1


def signs(text: str) -> tuple[float, ...]:
    """Return 1.0 for each sign that `text` shows and 0.0 for each other: COUNT numbers."""
    plain = folded(text).strip(" ¿¡?!.,")
    shown = [sign.search(plain) is not None for sign in _SIGNS]
    names = [folded(name) for name in _PROPER.findall(text)]
    shown.append(any(name not in GIVEN_NAMES for name in names))
    return tuple(map(float, shown))
