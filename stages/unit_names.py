"""Signs of units and currencies in, their names in Spanish and English out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct


class Name(Struct, frozen=True):
    """What a unit is called in one language."""

    one: str
    many: str
    feminine: bool = False


class Currency(Struct, frozen=True):
    """What a currency and its hundredth are called in one language."""

    whole: Name
    part: Name


_UNITS: Final = """
km: kilómetro kilómetros m kilometer kilometers
m: metro metros m meter meters
cm: centímetro centímetros m centimeter centimeters
mm: milímetro milímetros m millimeter millimeters
kg: kilo kilos m kilogram kilograms
g gr: gramo gramos m gram grams
mg: miligramo miligramos m milligram milligrams
lb lbs: libra libras f pound pounds
oz: onza onzas f ounce ounces
ft: pie pies m foot feet
l L: litro litros m liter liters
gal: galón galones m gallon gallons
tbsp: cucharada cucharadas f tablespoon tablespoons
tsp: cucharadita cucharaditas f teaspoon teaspoons
dl dL: decilitro decilitros m deciliter deciliters
cl cL: centilitro centilitros m centiliter centiliters
ml mL: mililitro mililitros m milliliter milliliters
h hr hrs: hora horas f hour hours
min mins: minuto minutos m minute minutes
s seg sec secs: segundo segundos m second seconds
ms: milisegundo milisegundos m millisecond milliseconds
W: vatio vatios m watt watts
kW: kilovatio kilovatios m kilowatt kilowatts
kWh: kilovatio_hora kilovatios_hora m kilowatt_hour kilowatt_hours
V: voltio voltios m volt volts
Hz: hercio hercios m hertz hertz
kHz: kilohercio kilohercios m kilohertz kilohertz
MHz: megahercio megahercios m megahertz megahertz
GHz: gigahercio gigahercios m gigahertz gigahertz
KB kB: kilobyte kilobytes m kilobyte kilobytes
MB: megabyte megabytes m megabyte megabytes
GB: gigabyte gigabytes m gigabyte gigabytes
TB: terabyte terabytes m terabyte terabytes
cal: caloría calorías f calorie calories
kcal: kilocaloría kilocalorías f kilocalorie kilocalories
dB: decibelio decibelios m decibel decibels
px: píxel píxeles m pixel pixels
hPa: hectopascal hectopascales m hectopascal hectopascals
km/h kph: kilómetro_por_hora kilómetros_por_hora m kilometer_per_hour kilometers_per_hour
mph: milla_por_hora millas_por_hora f mile_per_hour miles_per_hour
m/s: metro_por_segundo metros_por_segundo m meter_per_second meters_per_second
Mbps Mb/s: megabit_por_segundo megabits_por_segundo m megabit_per_second megabits_per_second
cm² cm2: centímetro_cuadrado centímetros_cuadrados m square_centimeter square_centimeters
m² m2: metro_cuadrado metros_cuadrados m square_meter square_meters
km² km2: kilómetro_cuadrado kilómetros_cuadrados m square_kilometer square_kilometers
m³ m3: metro_cúbico metros_cúbicos m cubic_meter cubic_meters
°C ºC: grado grados m degree_Celsius degrees_Celsius
°F ºF: grado_Fahrenheit grados_Fahrenheit m degree_Fahrenheit degrees_Fahrenheit
°: grado grados m degree degrees
cts ¢: céntimo céntimos m cent cents
%: por_ciento por_ciento m percent percent
‰: por_mil por_mil m per_thousand per_thousand
"""
"""Signs: Spanish one, many, gender, English one, many."""

_ENGLISH_ONLY: Final = {"mi": Name("mile", "miles"), "yd": Name("yard", "yards")}
"""`mi` is a word in Spanish."""

_CURRENCIES: Final = """
€ EUR: euro euros m céntimo céntimos euro euros cent cents
$ US$ USD: dólar dólares m centavo centavos dollar dollars cent cents
£ GBP: libra libras f penique peniques pound pounds penny pence
¥ JPY: yen yenes m sen sen yen yen sen sen
MXN: peso pesos m centavo centavos peso pesos cent cents
"""
"""Signs: Spanish one, many, gender, hundredth, hundredths, English likewise."""


def _fields(table: str) -> list[tuple[list[str], list[str]]]:
    rows = [line.split(": ") for line in table.strip().splitlines()]
    return [
        (signs.split(), [name.replace("_", " ") for name in names.split()]) for signs, names in rows
    ]


def _units(language: str) -> dict[str, Name]:
    names: dict[str, Name] = {}
    for signs, (one, many, gender, english_one, english_many) in _fields(_UNITS):
        spanish = Name(one, many, feminine=gender == "f")
        names |= dict.fromkeys(
            signs, spanish if language == "es" else Name(english_one, english_many)
        )
    return names if language == "es" else names | _ENGLISH_ONLY


def _currencies(language: str) -> dict[str, Currency]:
    names: dict[str, Currency] = {}
    for signs, row in _fields(_CURRENCIES):
        spanish = Currency(Name(row[0], row[1], feminine=row[2] == "f"), Name(row[3], row[4]))
        english = Currency(Name(row[5], row[6]), Name(row[7], row[8]))
        names |= dict.fromkeys(signs, spanish if language == "es" else english)
    return names


UNITS: Final[Mapping[str, Mapping[str, Name]]] = {name: _units(name) for name in ("es", "en")}
"""Language → sign → name."""
CURRENCIES: Final[Mapping[str, Mapping[str, Currency]]] = {
    name: _currencies(name) for name in ("es", "en")
}
"""Language → sign → names."""
