"""Frozen settings of every part: TOML tables in, typed structs out. No default lives here.

Every default is written once, in pipeline.toml; profiles/*.toml and the user's file lie over it.
Ranges are checked when the tables are decoded.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from config.pool_settings import Pool
from config.stage_settings import Capture, Encoder, Limits, Playback, Talker, Thinker
from config.tables import LanguageCode, Natural, Positive, Table, Unit


class Daemon(Table, frozen=True):
    """The daemon as a whole."""

    session: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")]
    languages: Annotated[tuple[LanguageCode, ...], Meta(min_length=1)]
    """Languages the user speaks; the first is the one assumed when nothing tells."""
    record: bool
    """Keep the frame logs of closed turns."""
    seed: Natural
    speculate: bool
    """Work on what was said before its end is certain; what is heard is the same without."""
    log_level: Literal["debug", "info", "warning", "error"]


class Bus(Table, frozen=True):
    """Hub and sockets."""

    address: Annotated[str, Meta(pattern=r"^(tcp://[^\s/]+:\d{1,5})?$")]
    """Empty: sockets in the runtime folder. Or tcp://HOST:PORT, the first of three, with keys."""
    keys: str
    """Folder of the house's key pair, for tcp; empty: sarai/keys in the user's configuration."""
    window_bytes: Annotated[int, Meta(ge=65_536, le=1 << 28)]
    """Credit of one worker: data bytes under way to it."""
    backlog_bytes: Annotated[int, Meta(ge=65_536, le=1 << 30)]
    """Data bytes the hub holds for one worker beyond its window."""
    cancel_wait_ms: Positive
    """How long the next turn's thinker input waits for a cancelled turn's last Played."""
    limits: Limits


class Supervisor(Table, frozen=True):
    """Start, watch, restart, stop."""

    ready_within_s: Positive
    beat_ms: Positive
    max_restarts: Positive
    restart_period_s: Positive
    backoff_first_ms: Positive
    backoff_most_ms: Positive
    stop_within_s: Positive
    resume_within_s: Positive
    """A daemon that was killed is gone on with if it is started again by then; an answer that
    comes later is nobody's."""
    degrade: bool
    """Let stages take cheaper ways while turns are late."""
    turn_budget_ms: Positive
    """Last word to first sound. A turn above it counts against the stage that made it late."""
    turn_deadline_s: Positive
    """A turn that is not answered by then is given up with a Notice."""


class BargeIn(Table, frozen=True):
    """What happens when the user speaks while an answer is heard."""

    duck_gain: Unit
    """The answer is this loud until it is known whether there are words."""
    duck_ramp_ms: Positive
    """How long the answer takes to become softer, and to come back."""
    backchannels: dict[LanguageCode, tuple[str, ...]]
    """Words and phrases that say "go on": the answer does, and they get none themselves."""
    stop_words: dict[LanguageCode, tuple[str, ...]]
    """Phrases that, said alone over an answer, end it and get none themselves."""


class Memory(Table, frozen=True):
    """What the household told the daemon: notes, documents, facts."""

    embedding: str
    """Catalogue id of the model that tells what a sentence is about; empty: words alone count."""
    path: str
    """The store's file; empty: `notes.db` in the user's data folder."""
    key_file: str
    """File with the key that the store is encrypted with, readable for its owner only; empty:
    not encrypted."""
    look_up: bool
    """Answers draw on it; "remember that …" and "forget that …" are done."""
    sum_up: bool
    """What a prompt has no room for any more is summed up in idle time."""
    keep_conversation_h: Natural
    """A daemon that is started again goes on with a conversation that is not older; 0: never."""
    passage_tokens: Positive
    """The most that all passages in a prompt have."""
    passages: Annotated[int, Meta(ge=1, le=16)]
    """The most that are looked up for a question."""
    passage_words: Annotated[int, Meta(ge=20, le=400)]
    """The most that a piece of a document has."""
    words_weight: Unit
    """What having all words of the question adds to a passage's score, which is otherwise the
    nearness of meaning, about 0 to 1."""
    least_score: Unit
    """A passage below it has nothing to do with the question."""
    read_score: Unit
    """A passage below it is found by `recall`, and not read for an answer."""
    doubt_score: Unit
    """Where a question is about this home and no passage reaches this, none is read: it is told
    that there is none."""
    score_margin: Unit
    """A passage so much below the best one is not read."""
    forget_score: Unit
    """A fact below it is not what "forget that ..." means."""
    cache_mb: Annotated[int, Meta(ge=1, le=1024)]
    """Pages of the store that a process keeps."""


class Settings(Table, frozen=True):
    """All of pipeline.toml."""

    daemon: Daemon
    bus: Bus
    supervisor: Supervisor
    barge_in: BargeIn
    capture: Capture
    encoder: Encoder
    thinker: Thinker
    talker: Talker
    playback: Playback
    memory: Memory
    pool: Pool

    def __post_init__(self) -> None:
        """Refuse guests' languages that are spoken here, or that nobody hears."""
        for language in self.pool.languages:
            if language in self.daemon.languages:
                raise ValueError(f"pool.languages: {language!r} is among daemon.languages")
        if self.pool.languages and self.encoder.engine == "onnx-asr":
            raise ValueError('pool.languages: encoder.engine = "onnx-asr" does not tell them apart')

    @property
    def heard_languages(self) -> tuple[str, ...]:
        """Those that are written down: what is answered in itself, and what is translated."""
        return (*self.daemon.languages, *self.pool.languages)
