"""Languages as ISO 639-1 codes in, as NLLB names them out. Pure. Source: FLORES-200."""

from __future__ import annotations

from typing import Final

from models.errors import EngineFailed

LANGUAGES: Final = {
    "ar": "arb_Arab", "bg": "bul_Cyrl", "ca": "cat_Latn", "cs": "ces_Latn", "da": "dan_Latn",
    "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn", "eu": "eus_Latn",
    "fi": "fin_Latn", "fr": "fra_Latn", "gl": "glg_Latn", "he": "heb_Hebr", "hi": "hin_Deva",
    "hu": "hun_Latn", "it": "ita_Latn", "ja": "jpn_Jpan", "ko": "kor_Hang", "nl": "nld_Latn",
    "no": "nob_Latn", "pl": "pol_Latn", "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl",
    "sv": "swe_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab", "vi": "vie_Latn",
    "zh": "zho_Hans",
}  # fmt: skip


def flores_of(language: str) -> str:
    """Return the name of a language. Raises EngineFailed where it has none here."""
    name = LANGUAGES.get(language)
    if name is None:
        raise EngineFailed(f"language {language!r}: not among {', '.join(LANGUAGES)}")
    return name
