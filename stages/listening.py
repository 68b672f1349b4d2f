"""What a session names in; capture of it, with its source and its models, out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bus.frames import SAMPLE_RATE
from models.silero import open_silero
from models.smart_turn import open_smart_turn
from models.store import open_store
from stages.capture import Capture
from stages.hearing import Device
from stages.place import PlaceFile
from stages.recorded_hearing import Recordings
from stages.turn_judge import SoundJudge
from stages.voice_activity import VoiceActivityDetector

if TYPE_CHECKING:
    from bus.frames import Welcome
    from config.session import Session
    from config.settings import Settings
    from config.stage_settings import Capture as CaptureSettings
    from stages.hearing import Hearing


def build_capture(
    settings: Settings,
    session: Session,
    welcome: Welcome,
    runtime: Path | None = None,
    *,
    paced: bool = True,
) -> Capture:
    """Return capture of what the session names, going on from `welcome`.

    runtime: where the place in recordings is kept for a successor. paced: see Recordings.
    Raises ModelMissing, ModelDamaged or EngineFailed for the models.
    """
    store = open_store()
    turn_model = settings.capture.endpointing.model
    return Capture(
        settings.capture,
        _open_hearing(settings.capture, session, welcome, PlaceFile(runtime), paced=paced),
        VoiceActivityDetector(settings.capture.vad, open_silero(store)),
        session=settings.daemon.session,
        next_turn=welcome.next_turn,
        half_duplex=not (session.listens_always or settings.capture.headset),
        judge=SoundJudge(open_smart_turn(turn_model, store)) if turn_model else None,
    )


def _open_hearing(
    settings: CaptureSettings, session: Session, welcome: Welcome, kept: PlaceFile, *, paced: bool
) -> Hearing:
    """Return the session's recordings, or the microphone where it has none.

    welcome: what the hub knows of a predecessor. kept: where the place in recordings is kept.
    paced: see Recordings.
    """
    if not session.recordings:
        return Device(settings.device)
    place = kept.read()
    quiet_since = place is not None and welcome.next_turn <= place.turns + 1
    return Recordings(
        [Path(name) for name in session.recordings],
        realtime=session.realtime,
        gap_samples=settings.gap_between_files_ms * SAMPLE_RATE // 1000,
        kept=kept,
        place=place,
        known_sample=welcome.clock_sample if quiet_since else 0,
        paced=paced,
    )
