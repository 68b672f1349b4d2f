"""Settings of the stages: one table each, and what they are made of. Part of `config.settings`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from config.delivery import Delivery
from config.emotions import Emotion
from config.tables import LanguageCode, Natural, Positive, Table, Threads, Unit


class Limits(Table, frozen=True):
    """What the supervisor holds a worker to."""

    silence_ms: Positive
    """Longest time without a beat while work is in hand."""
    needs_mb: Positive
    """What it holds once its models are loaded; where that is not free nothing is started."""
    soft_mb: Positive
    hard_mb: Positive
    kill_mb: Positive
    """Proportional set size (PSS)."""


class StageTable(Table, frozen=True):
    """What every stage has."""

    workers: Annotated[int, Meta(ge=1, le=16)]
    threads: Threads
    cores: tuple[Annotated[int, Meta(ge=0, le=1023)], ...]
    """Places among the cores that the daemon may use, shared out among the workers; empty: all."""
    nice: Annotated[int, Meta(ge=0, le=19)]
    limits: Limits


class VoiceActivity(Table, frozen=True):
    """Speech or not, per frame of sound."""

    gate_mode: Annotated[int, Meta(ge=0, le=3)]
    """webrtcvad aggressiveness of the cheap gate in front of Silero."""
    gate_open_ms: Positive
    """Silero keeps running this long after the gate last saw speech."""
    start_probability: Unit
    stop_probability: Unit


class Patience(Table, frozen=True):
    """How long silence must last until a turn is over; see stages.hangover."""

    sure_probability: Unit
    """The speaker is done with this probability or more: `sure_ms` will do."""
    sure_ms: Positive
    unsure_ms: Positive
    """In between, and without a model."""
    hesitant_probability: Unit
    """With this or less the speaker is in the middle of a sentence: `hesitant_ms`."""
    hesitant_ms: Positive


Style: TypeAlias = Literal["patient", "normal", "brisk"]


class Endpointing(Table, frozen=True):
    """Where an utterance begins and ends."""

    start_ms: Positive
    """Speech needed within a short window before an utterance begins."""
    preroll_ms: Positive
    dip_ms: Positive
    """A dip of the level this long is worth a candidate transcript."""
    pause_ms: Positive
    """The same for silence by the detector alone, where noise hides the dip."""
    model: str
    """Catalogue id of the model that tells whether a speaker is done; empty: silence alone."""
    judge_ms: Positive
    """Silence after which the model is asked."""
    style: Style
    styles: dict[Style, Patience]
    longest_s: Positive
    """An utterance is ended here at the latest."""


class Capture(StageTable, frozen=True):
    """Sound in, utterances out."""

    workers: Annotated[int, Meta(ge=1, le=1)]
    """A room has one microphone; replicas are for stages that compute."""
    device: str
    """Name or number of the microphone; empty: the system's default."""
    headset: bool
    """True: listen while the answer plays (no loudspeaker in the room)."""
    gap_between_files_ms: Positive
    vad: VoiceActivity
    endpointing: Endpointing


class Guards(Table, frozen=True):
    """When a transcript is not believed."""

    no_speech_probability: Unit
    """Share of "no speech" before the first word at which the next two thresholds hold."""
    least_log_probability: float
    """Mean over the tokens; below it there were no words."""
    phantom_log_probability: float
    """The same for texts that the model is known to invent."""
    no_speech_slope: Annotated[float, Meta(ge=0.0, le=10.0)]
    """How much both thresholds rise as "no speech" rises from 0 to 1."""
    most_compression: Annotated[float, Meta(ge=1.0, le=10.0)]
    longest_repeat: Annotated[int, Meta(ge=1, le=20)]
    """An n-gram that follows itself more often than this is a loop."""


class Partials(Table, frozen=True):
    """When an unfinished utterance is written down, in sound heard: never by the clock."""

    share: Annotated[float, Meta(gt=0.0, le=4.0)]
    """Of one core, at most, on average over an utterance."""
    first_ms: Positive
    """Sound from its beginning to the first hypothesis."""
    least_ms: Positive
    """New sound between two hypotheses, at least."""
    cost_ms: Natural
    cost_ms_per_s: Natural
    """What a hypothesis takes of one core: so much, and so much more for a second of sound."""
    least_log_probability: float
    """Below it, a text is not shown before the next hypothesis begins with the same word."""


class Encoder(StageTable, frozen=True):
    """Speech to text."""

    budget_ms: Positive
    """From a pause to its transcript."""
    engine: Literal["whisper", "onnx-asr"]
    model: str
    """Catalogue id, a folder, or for onnx-asr a name that library knows."""
    quantisation: Annotated[str, Meta(pattern=r"^\w*$")]
    """onnx-asr: which of a model's files, for example int8; empty: the float ones."""
    silence_positions: Annotated[int, Meta(ge=0, le=1500)]
    """Cached silence after the words, in encoder positions of 20 ms."""
    retry_silence_positions: Annotated[int, Meta(ge=0, le=1500)]
    """The same for the second try."""
    language_bias: dict[LanguageCode, Annotated[float, Meta(ge=-10.0, le=10.0)]]
    """Added to a language's logit when one is chosen, against what the model prefers."""
    emotion: bool
    """Hear how something is said, where the model is Whisper base; it takes some milliseconds."""
    partials: Partials
    guards: Guards


class Thinker(StageTable, frozen=True):
    """The resident language model."""

    budget_ms: Positive
    """From a transcript to the first clause."""
    model: str
    """Catalogue id or the path of a GGUF file."""
    context_tokens: Annotated[int, Meta(ge=256, le=131_072)]
    batch_tokens: Annotated[int, Meta(ge=1, le=2048)]
    kv_type: Literal["f16", "q8_0"]
    flash_attention: bool
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)]
    top_p: Unit
    min_p: Unit
    repeat_penalty: Annotated[float, Meta(ge=1.0, le=2.0)]
    most_tokens: Positive
    """Longest answer."""
    short_tokens: Positive
    """Longest answer while turns are late."""
    first_clause_characters: Positive
    """A first clause shorter than this waits for more."""
    longest_clause_characters: Positive
    rest_ms: Natural
    """Pause after an answer's first clause, so that the voice has the cores for its first sound."""
    exact_answers: str
    """TOML file of questions whose answer never changes; empty: the model answers all."""
    script: str
    """Benchmarks only: forces this answer through the real forward passes. Empty: off."""


class Talker(StageTable, frozen=True):
    """Text to speech."""

    budget_ms: Positive
    """From the first clause to its first sound."""
    voices: dict[LanguageCode, str]
    """Language to voice: catalogue id, path of a Piper .onnx, or "espeak"."""
    resident: Annotated[int, Meta(ge=1, le=16)]
    """Voices that stay loaded; another language's voice takes the place of the oldest."""
    weights: Literal["float", "half", "int8"]
    """How Piper's voices are stored: half takes 26 MB less a voice than float and sounds the same,
    int8 another 13 MB less, and it is another voice by a little."""
    speed: Annotated[float, Meta(ge=0.5, le=2.0)]
    emotions: dict[Emotion, Delivery]
    """How the user sounds to how the answer is said; as usual for those that are not here."""
    phrase_characters: Natural
    """A clause no longer than this is a phrase: its sound is kept, and is always the same."""
    phrases_mb: Annotated[float, Meta(ge=0, le=64)]
    """The sound of all phrases that are kept."""
    phrases: dict[LanguageCode, tuple[str, ...]]
    """Phrases whose sound is made in quiet, before they are wanted."""
    noise: Unit
    """Scale of the voice's random variation; 0 is deterministic without a seed."""
    first_chunk_frames: Positive
    """Vocoder frames of a clause's first chunk; each that follows has twice as many."""
    chunk_frames: Positive
    """The most frames of a chunk."""
    context_frames: Natural
    """Vocoder frames on each side of a chunk, so that chunks equal the unsplit output."""
    ahead_ms: Positive
    """How far synthesis may run ahead of what was heard."""


class Playback(StageTable, frozen=True):
    """Sound out."""

    workers: Annotated[int, Meta(ge=1, le=1)]
    """A room has one loudspeaker."""
    device: str
    block_ms: Positive
