"""Settings as JSON on stdin and a language in, the PSS in MB of a process that spoke it out."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from config.settings import Settings
from models.voices import Voices


def main() -> None:
    """Speak three clauses and print."""
    language = sys.argv[1]
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=Settings)
    daemon = msgspec.structs.replace(settings.daemon, languages=(language,))
    voices = {language: settings.talker.voices[language]}
    talker = msgspec.structs.replace(settings.talker, voices=voices)
    loaded = Voices(msgspec.structs.replace(settings, daemon=daemon, talker=talker))
    loaded.open()
    for seed in range(3):
        for _ in loaded.voice(language).speak("One, two, three. Uno dos tres.", seed=seed):
            pass
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    print(int(rollup.split("Pss:")[1].split()[0]) / 1024)


if __name__ == "__main__":
    main()
