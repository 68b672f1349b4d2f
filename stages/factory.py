"""A stage's name and the settings in, the stage out; each import is made only where it is needed.

A worker loads one stage, and the memory of the daemon is the sum of what its workers import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bus.frames import StageName, Welcome
    from config.session import Session
    from config.settings import Settings
    from stages.stage import Stage


def build(
    name: StageName, settings: Settings, session: Session, welcome: Welcome, runtime: Path
) -> Stage:
    """Return the stage `name`, not yet opened. Raises SourceError for sound that is not there."""
    match name:
        case "capture":
            from stages.listening import build_capture  # noqa: PLC0415

            return build_capture(settings, session, welcome, runtime)
        case "encoder":
            from stages.encoder import Encoder  # noqa: PLC0415

            return Encoder(settings)
        case "thinker":
            from stages.resting import Resting  # noqa: PLC0415
            from stages.thinker import Thinker  # noqa: PLC0415

            return Resting(Thinker(settings, runtime), settings.thinker.rest_ms)
        case "talker":
            from stages.talker import Talker  # noqa: PLC0415

            return Talker(settings)
        case "playback":
            from stages.playback import build_playback  # noqa: PLC0415

            return build_playback(settings, session, runtime)
