from __future__ import annotations

import re

import pytest

from stages.spoken_text import spoken_text

SPANISH = {
    # times
    "Son las 10:30.": "Son las diez y media.",
    "A las 15:05 h sale el tren.": "A las quince cero cinco sale el tren.",
    "Quedamos a las 7 pm.": "Quedamos a las siete de la tarde.",
    "a las 1:20": "a la una y veinte",
    "las 12:45": "las doce cuarenta y cinco",
    "de 9:00 a 14:00": "de nueve a catorce horas",
    "9:00-14:00": "nueve a catorce horas",
    "a las 9h": "a las nueve horas",
    "7 a. m. en punto": "siete de la mañana en punto",
    "11 p. m.": "once de la noche.",
    "a las 10.30": "a las diez y media",
    "0:30": "cero treinta",
    "2 h 30 min": "dos horas treinta minutos",
    # dates
    "Hoy es 21/11/2026.": "Hoy es veintiuno de noviembre de dos mil veintiséis.",
    "2026-11-21": "veintiuno de noviembre de dos mil veintiséis",
    "El 3 de mayo de 2024": "El tres de mayo de dos mil veinticuatro",
    "1-3 de mayo": "uno a tres de mayo",
    "3-nov-2026": "tres de noviembre de dos mil veintiséis",
    "el 21/11": "el veintiuno de noviembre",
    "los años 90": "los años noventa",
    "(2020-2024)": "dos mil veinte a dos mil veinticuatro",
    "El 25/12.": "El veinticinco de diciembre.",
    "a las 1:00": "a la una",
    # units
    "máx. 31º, mín. 8º.": "máximo treinta y un grados, mínimo ocho grados.",
    "120 km/h": "ciento veinte kilómetros por hora",
    "-5 °C": "menos cinco grados",
    "21 °C": "veintiún grados",
    "37,2 ºC": "treinta y siete coma dos grados",
    "1 kg": "un kilo",
    "21 libras": "veintiuna libras",
    "25 m²": "veinticinco metros cuadrados",
    "500 g de harina": "quinientos gramos de harina",
    "100 g/día": "cien gramos por día",
    "3 cm x 4 cm": "tres centímetros por cuatro centímetros",
    "5-10 km": "cinco a diez kilómetros",
    "50%": "cincuenta por ciento",
    "12,5 %": "doce coma cinco por ciento",
    "(aprox. 5 min)": "aproximadamente cinco minutos",
    # money
    "5,50 €": "cinco euros con cincuenta",
    "0,99 €": "noventa y nueve céntimos",
    "1 €": "un euro",
    "10.000 €": "diez mil euros",
    "$20": "veinte dólares",
    "2 M€": "dos millones de euros",
    "3 millones de euros": "tres millones de euros",
    "100 €/mes": "cien euros por mes",
    "3,50€/kg": "tres euros con cincuenta por kilo",
    # numbers
    "1.234.567": "un millón doscientos treinta y cuatro mil quinientos sesenta y siete",
    "1.500 metros": "mil quinientos metros",
    "3,14": "tres coma catorce",
    "0,05": "cero coma cero cinco",
    "3.5": "tres coma cinco",
    "1/2 taza y 1/2 litro": "media taza y medio litro",
    "2 1/2 horas": "dos horas y media",
    "3/4 partes": "tres cuartas partes",
    "¼ de hora": "un cuarto de hora",
    "versión 3.11.7": "versión tres punto once punto siete",
    "007": "cero cero siete",
    "21 mil": "veintiún mil",
    "3 x 4 = 12": "tres por cuatro igual a doce",
    "+5 °C": "más cinco grados",
    "Pan – 2 barras": "Pan, dos barras",  # noqa: RUF001
    "4,5/5": "cuatro coma cinco sobre cinco",
    # agreement
    "200 personas": "doscientas personas",
    "1 casa y 1 libro": "una casa y un libro",
    "21 días": "veintiún días",
    "El capítulo 1 trata": "El capítulo uno trata",
    "hay 1 de cada 10": "hay uno de cada diez",
    # ordinals, Roman numerals
    "1º": "primero",
    "2ª planta": "segunda planta",
    "3er piso": "tercer piso",
    "siglo XXI": "siglo veintiuno",
    "Felipe VI": "Felipe sexto",
    "Alfonso XIII": "Alfonso trece",
    "Nº 5": "número cinco",
    # digits
    "Llama al 612 345 678": "Llama al seis uno dos, tres cuatro cinco, seis siete ocho",
    "B12": "B doce",
    "COVID-19": "COVID diecinueve",
    # abbreviations, addresses
    "Sr. Pérez y la Sra. López, etc.": "señor Pérez y la señora López, etcétera.",
    "EE. UU. es grande": "Estados Unidos es grande",
    "p. ej. pan": "por ejemplo pan",
    "www.ejemplo.com/ayuda": "ejemplo punto com barra ayuda",
    "hola@correo.es": "hola arroba correo punto es",
    "y/o": "y o",
    "¡Hola!¿Qué tal?": "¡Hola! ¿Qué tal?",
}

ENGLISH = {
    # times
    "It's 10:30 AM.": "It's ten thirty AM.",
    "Meet at 7 p.m. Then go.": "Meet at seven PM. Then go.",
    "15:05": "fifteen oh five",
    "10:00": "ten o'clock",
    "at 0:00": "at midnight",
    "10:00-11:30": "ten o'clock to eleven thirty",
    "5pm-6pm": "five PM to six PM",
    "1 hr 5 min": "one hour five minutes",
    # dates
    "On 11/21/2026": "On November twenty-first, twenty twenty-six",
    "21/11/2026": "November twenty-first, twenty twenty-six",
    "2026-11-21": "November twenty-first, twenty twenty-six",
    "Nov 3": "November third",
    "May 3rd, 2024": "May third, twenty twenty-four",
    "3 May 2024": "the third of May twenty twenty-four",
    "the 4th of July": "the fourth of July",
    "on 12/25": "on December twenty-fifth",
    "May 3-5": "May third to fifth",
    "12th–14th May": "twelfth to the fourteenth of May",  # noqa: RUF001
    "in 1999": "in nineteen ninety-nine",
    "the 1990s": "the nineteen nineties",
    "30/02/2026": "thirty zero two twenty twenty-six",
    # units
    "120 km/h": "one hundred and twenty kilometers per hour",
    "60 mph": "sixty miles per hour",
    "-5 °C": "minus five degrees Celsius",
    "72°F": "seventy-two degrees Fahrenheit",
    "5 ft": "five feet",
    "I'm 5'10\" tall": "I'm five foot ten tall",
    "100 m²": "one hundred square meters",
    "20–30%": "twenty to thirty percent",  # noqa: RUF001
    "~5 min": "about five minutes",
    "<5 kg": "less than five kilograms",
    # money
    "$5.50": "five dollars and fifty cents",
    "$0.99": "ninety-nine cents",
    "$1.5 million": "one point five million dollars",
    "€20": "twenty euros",
    "$100/month": "one hundred dollars per month",
    "$5-10": "five to ten dollars",
    "$2B": "two billion dollars",
    "100K users, 5M views": "one hundred thousand users, five million views",
    # numbers
    "1,234,567": "one million two hundred and thirty-four thousand five hundred and sixty-seven",
    "3.14": "three point one four",
    ".5": "zero point five",
    "1/2 cup": "one half cup",
    "2/3": "two thirds",
    "4.5/5 stars": "four point five out of five stars",
    "7 days/week": "seven days per week",
    "AA1234": "AA twelve thirty-four",
    "3 1/2": "three and a half",
    "24/7": "twenty-four seven",
    "-3": "minus three",
    "3 - 2 = 1": "three minus two equals one",
    "16:9": "sixteen to nine",
    "v3.11.7": "v three point eleven point seven",
    "a 10-year-old": "a ten-year-old",
    "4K": "four K",
    "x²": "x squared",
    # ordinals, Roman numerals
    "1st, 22nd and 103rd": "first, twenty-second and one hundred and third",
    "Henry VIII": "Henry the eighth",
    "World War II": "World War two",
    "When I was young": "When I was young",
    # digits
    "call 555-1234": "call five five five, one two three four",
    "(555) 123-4567": "five five five, one two three, four five six seven",
    "Dial 911 now": "Dial nine one one now",
    # abbreviations, addresses
    "U.S. dollars": "U S dollars",
    "e.g. bread": "for example, bread",
    "Dr. Smith, etc.": "Doctor Smith, et cetera.",
    "St. Peter on Main St.": "Saint Peter on Main Street.",
    "me@example.com": "me at example dot com",
    "http://a.b.com/x?y=1.": "a dot b dot com slash x.",
    "file.txt": "file dot txt",
    "C# and R&D": "C sharp and R and D",
    "no. 5": "number five",
}

WRITTEN_FOR_THE_EYE = {
    "**Hola** *mundo* `x`": "Hola mundo x",
    "# Título\n- uno\n- dos": "Título. uno. dos",
    "1. Primero\n2. Segundo": "uno, Primero. dos, Segundo",
    "😀 Hola 👍🏽": "Hola",
    "🇪🇸 Spain 👨‍👩‍👧": "Spain",
    "[enlace](https://x.com/a)": "enlace",
    "![foto](a.png) mira": "foto mira",
    "| Ana | Luis |\n|---|---|\n| sí | no |": "Ana, Luis. sí, no",
    "```python\nhola\n```\nListo.": "hola. Listo.",
    "> cita": "cita",
    "**Abierto": "Abierto",
    "cerrado**": "cerrado",
    "- [x] Hecho": "Hecho",
    "<b>negrita</b><br>otra": "negrita. otra",
    "pan &amp; agua": "pan y agua",
    "Bien :)": "Bien",
    "nombre_de_variable": "nombre de variable",
    "Hola (de verdad)": "Hola, de verdad",
    "«Hola» “mundo”": "Hola mundo",
    "Espera…": "Espera...",
    "---": "",
    "***": "",
    "😀": "",
    "": "",
    "¿?": "",
}


@pytest.mark.parametrize(("written", "spoken"), SPANISH.items())
def test_spanish_is_written_out(written: str, spoken: str) -> None:
    """Figures, units, dates and abbreviations become the words that a Spaniard says."""
    assert spoken_text(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), ENGLISH.items())
def test_english_is_written_out(written: str, spoken: str) -> None:
    """Figures, units, dates and abbreviations become the words that an English speaker says."""
    assert spoken_text(written, "en") == spoken


@pytest.mark.parametrize(("written", "spoken"), WRITTEN_FOR_THE_EYE.items())
def test_what_is_for_the_eye_is_not_said(written: str, spoken: str) -> None:
    """Markdown, tags and emoji leave the words only."""
    assert spoken_text(written, "es") == spoken


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_figure_or_sign_is_left(language: str) -> None:
    """Whatever is written, a voice gets letters and the marks that make pauses."""
    for written in (*SPANISH, *ENGLISH, *WRITTEN_FOR_THE_EYE, "#*|`~^<>{}[]\\=+%$€°§→•😀 a1b2"):
        spoken = spoken_text(written, language)
        assert not re.search(r"[^\W\d_]*[\d#*|`~^<>{}\[\]\\=+%$€°_→•]", spoken), spoken


@pytest.mark.parametrize("language", ["es", "en"])
def test_spoken_text_is_left_alone(language: str) -> None:
    """What was written out once is not changed by a second time."""
    for written in (*SPANISH, *ENGLISH):
        spoken = spoken_text(written, language)
        assert spoken_text(spoken, language) == spoken


def test_other_languages_keep_their_figures() -> None:
    """espeak-ng reads the figures of a language that is not written out here."""
    assert spoken_text("**Um** 10 Uhr 😀", "de") == "Um 10 Uhr"
