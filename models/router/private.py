"""A sentence in; whether it is about this household, health or money out. Pure.

What is private never leaves the house, so these rules are wide on purpose: a general question that
they catch is answered by the resident model, which costs a poorer answer and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from models.folding import folded
from models.router.given_names import GIVEN_NAMES

_ANYBODY: Final = re.compile(
    r"\b(i wonder|i (want|would like|'d like) to know|i have a question|may i ask|"
    r"why do we have|how do we know|(tell|give|show|explain to|teach) (me|us)|public key|"
    r"private key|tengo (una duda|una pregunta|curiosidad)|(quiero|quisiera|me gustaria) saber|"
    r"no se|me (puedes|podrias|explicas|cuentas|dices|ayudas a entender|haces un resumen|"
    r"resumes)|clave publica|clave privada)\b"
)
"""Turns of speech in the first person that say nothing about the speaker, and terms of art."""

_FIRST_PERSON: Final = re.compile(
    r"\b(i|i'm|i've|i'd|i'll|my|mine|myself|we|we're|we've|us|our|ours|"
    r"yo|mi|mis|mio|mia|mios|mias|me|conmigo|nos|nosotr[oa]s|nuestr[oa]s?|"
    r"tengo|tenemos|tenia|estoy|estamos|soy|somos|he|hemos|voy|vamos|puedo|podemos|debo|debemos|"
    r"quiero|queremos|necesito|necesitamos|tomamos|ganamos|gastamos|pagamos|"
    r"compramos|guardamos|dejamos|vivimos|trabajo en|hicimos|fuimos|dije|dijimos|puse|hice|fui)\b"
)

_BY_ACCENT: Final = re.compile(
    r"\b(gano|tomo|pago|gasto|vivo|siento|(?!(?:café|comité|cliché|puré|paté|josé)\b)\w{3,}é)\b"
)
"""Spanish "tomo" and "compré", not "tomó": folding would take the accent away that tells."""

_PEOPLE: Final = re.compile(
    r"\b(mum|mom|mummy|mother|dad|daddy|father|grand(ma|pa|mother|father|son|daughter)|husband|"
    r"wife|boyfriend|girlfriend|fiancee?|son|daughter|baby|kids?|brother|sister|aunt|uncle|"
    r"cousin|niece|nephew|in-laws?|neighbou?rs?|landlord|landlady|tenant|nanny|babysitter|"
    r"madre|mama|padre|abuel[oa]s?|marido|espos[oa]|novi[oa]s?|hij[oa]s?|bebe|nin[oa]s?|"
    r"herman[oa]s?|sobrin[oa]s?|suegr[oa]s?|cunad[oa]s?|niet[oa]s?|vecin[oa]s?|caser[oa]|"
    r"inquilin[oa]|canguro)\b"
)

_HOUSE: Final = re.compile(
    r"\b(passwords?|pin|wi-?fi|alarm|keys?|passports?|appointments?|invoices?|lawyer|divorce|"
    r"school trip|notes|boiler|licence plates?|number plates?|matriculas?|basement|garage|"
    r"address|phone number|(door|gate|pin|alarm) code|code (of|for|to)|anniversary|birthday|"
    r"contrasenas?|alarma|llaves?|pasaportes?|cita|factura|abogad[oa]|divorcio|excursion|notas|"
    r"caldera|trastero|garaje|direccion|numero de telefono|codigo del?|aniversario|cumpleanos|"
    r"fontanero|plumber|colegio)\b"
)

_HEALTH: Final = re.compile(
    r"\b(doctor|dentist|nurse|surgeon|pills?|doses?|dosage|medicines?|medication|ibuprofen|"
    r"paracetamol|aspirin|antidepressants?|antibiotics?|insulin|symptoms?|pregnan(t|cy)|"
    r"miscarriage|cancer|tumou?r|lump|rash|pain|hurts?|\w*aches?|fever|blood (pressure|tests?|"
    r"sugar)|cholesterol|depress(ed|ion)|anxi(ety|ous)|suicid\w*|allerg(y|ic|ies)|diets?|"
    r"calories|therap\w*|psycholog\w*|psychiatr\w*|surgery|operation on|disease|illness|"
    r"diagnos\w*|nutritionist|vet|medic[oa]s?|doctora?|dentista|enfermer[oa]|cirujan[oa]|"
    r"pastillas?|dosis|medicinas?|medicamentos?|ibuprofeno|antidepresivos?|antibioticos?|"
    r"insulina|sintomas?|embaraz\w*|aborto|tumor|bulto|sarpullido|dolor(es)?|duelen?|fiebre|"
    r"tension arterial|azucar en sangre|colesterol|depresion|deprimid[oa]|ansiedad|suicid\w*|"
    r"alergi\w*|dietas?|calorias|terap\w*|psicolog\w*|psiquiatr\w*|operan|operaron|cirugia|"
    r"enfermedad(es)?|enferm[oa]s?|nutricionista|veterinari[oa])\b"
)

_TROUBLE: Final = re.compile(
    r"\b(custody|separation|cheats?|cheating|spouse|affair|drinking problem|alcoholi\w*|drunk|"
    r"hangover|smoking|weed|cocaine|bipolar|autis\w*|adhd|stage (three|four)|metasta\w*|"
    r"warfarin|lice|teenagers?|abus\w*|the will|court|hearing|judge|police|peeing|my period|"
    r"the period|menstru\w*|custodia|separacion|engan\w*|pareja|problema con la bebida|porros|"
    r"cocaina|adolescentes?|tdah|metastasis|sintrom|piojos|maltrat\w*|testamento|juzgado|"
    r"juicio|juez|policia|orinar|pis|(baja|bajado|venido|viene)( todavia)? la regla)\b"
)

_HERE_AND_NOW: Final = re.compile(
    r"\b(today|tonight|yesterday|tomorrow|the weekend|last (night|week|month|year|spring|"
    r"summer|autumn|winter|time|\w+day)|this (morning|afternoon|evening|week|month|year|street|"
    r"house)|(on|next) \w+day|upstairs|downstairs|hoy|ayer|anoche|manana|fin de semana|(semana|"
    r"verano|invierno|primavera|otono|mes|ano|lunes|martes|miercoles|jueves|viernes|sabado|"
    r"domingo) pasad[oa]|ultima vez|est[ae] (manana|tarde|noche|semana|mes|ano|calle|casa)|"
    r"el (lunes|martes|miercoles|jueves|viernes|sabado|domingo)|arriba|abajo)\b"
)
"""What happens here is known to no expert."""

_OUR_THINGS: Final = re.compile(
    r"\b(the|del|el|la|los|las|al) (new |last |spare |winter |electricity |gas |phone |"
    r"job )?(roof|kitchen|bathroom|bedroom|garden|driveway|safe|bill|tyres|flat|house|car|"
    r"school|teacher|headmaster|builders?|mechanic|cleaning lady|au pair|lodger|tenancy|"
    r"interview|receipt|remote( control)?|shower|smoke detector|browser|licence plate|"
    r"credit limit|piggy bank|party|trip to|meeting with|contract with|letter|children|family|"
    r"rubbish|tejado|cocina|bano|dormitorio|jardin|entrada|caja fuerte|recibo|ruedas|piso|casa|"
    r"casita|coche|cole|profesora?|directora?|albaniles|mecanico|senora de la limpieza|"
    r"entrevista|tique|mando|ducha|detector|navegador|matricula|limite|hucha|fiesta|viaje a|"
    r"reunion con|contrato con|carta|familia|basura|tarjeta)\b"
)
"""With the article of what is at hand: "the car", not "a car"."""

_MONEY: Final = re.compile(
    r"\b(mortgages?|loans?|salary|wages?|bank|accounts?|debts?|owes?|rent|tax(es)?|pension|"
    r"savings|insurance|credit cards?|inherit\w*|budget|lawsuit|hipotecas?|prestamos?|sueldo|"
    r"salario|nomina|banco|cuentas? (del banco|bancaria|corriente)|deudas?|alquiler|hacienda|"
    r"impuestos?|pension|ahorros?|(el|del) seguro|seguro (de|del)|tarjeta de credito|herencia|"
    r"presupuesto|demanda)\b"
)

_CAPITALISED: Final = re.compile(r"[^\W\d_]+")


def is_private(text: str, household: Collection[str] = ()) -> bool:
    """Return whether `text` may be about the speaker, their household, health or money.

    household: names of people and animals, of one word or more; a given name with no surname
    behind it counts too.
    """
    said = folded(text)
    plain = _ANYBODY.sub(" ", said)
    patterns = (
        _FIRST_PERSON, _PEOPLE, _HOUSE, _HEALTH, _TROUBLE, _MONEY, _HERE_AND_NOW, _OUR_THINGS,
    )  # fmt: skip
    return (
        any(pattern.search(plain) for pattern in patterns)
        or _BY_ACCENT.search(text.lower()) is not None
        or _any_of(tuple(household)).search(said) is not None
        or _names_someone(text)
    )


@lru_cache(maxsize=1)
def _any_of(household: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of these names in folded text, however many spaces are in them."""
    names = (r"\s+".join(map(re.escape, folded(name).split())) for name in household)
    # Not \b: a name may begin or end with a sign, as "J.R." does. Without names nothing is found.
    return re.compile(rf"(?<!\w)(?:{'|'.join(filter(None, names)) or '(?!)'})(?!\w)")


def _names_someone(text: str) -> bool:
    """Return whether a given name stands there without a surname."""
    words = [match.group() for match in _CAPITALISED.finditer(text)]
    for at, word in enumerate(words):
        name = folded(word)
        behind = words[at + 1] if at + 1 < len(words) else ""
        has_surname = behind[:1].isupper() and folded(behind) not in GIVEN_NAMES
        if word[:1].isupper() and name in GIVEN_NAMES and not has_surname:
            return True
    return False
