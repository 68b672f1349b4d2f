"""Every frame that travels on the bus: one tagged union of frozen structs.

A frame names its session, turn and revision; outputs also carry their index, so that
(turn, revision, stage, index) names a frame for ever. `bus.wire` turns frames into bytes.
"""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from config.emotions import EMOTIONS

SAMPLE_RATE: Final = 16_000
"""Samples per second of the capture clock and of every AudioChunk."""

CHUNK_SAMPLES: Final = 320
"""Samples in an AudioChunk: 20 ms."""

EMOTION_DIMENSIONS: Final = len(EMOTIONS)
MAX_PCM_BYTES: Final = 1 << 20
MAX_TEXT: Final = 8_192

Count: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 62))]
SessionName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+\Z")
]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT)]
Language: TypeAlias = Annotated[str, Meta(max_length=8)]
Reason: TypeAlias = Annotated[str, Meta(max_length=128)]
Pcm: TypeAlias = Annotated[bytes, Meta(max_length=MAX_PCM_BYTES)]
Rate: TypeAlias = Annotated[int, Meta(ge=8_000, le=48_000)]
StageName: TypeAlias = Literal["capture", "encoder", "thinker", "talker", "playback"]
Member: TypeAlias = Literal[
    "capture", "encoder", "thinker", "talker", "playback", "hub", "supervisor"
]


class Frame(
    Struct, frozen=True, kw_only=True, tag_field="frame", forbid_unknown_fields=True, gc=False
):
    """What every frame carries."""

    seq: Count = 0
    """Stamped by the hub: one order for everything. 0 until then."""
    at_ns: Count = 0
    """Stamped by the hub: its monotonic clock, for latency figures only."""


class TurnFrame(Frame, frozen=True, kw_only=True):
    """A frame that belongs to a turn."""

    session: SessionName
    turn: Count
    revision: Count = 0
    """One guess at the utterance's end; 0 before the first guess."""


class AudioChunk(TurnFrame, frozen=True, kw_only=True, tag="audio_chunk"):
    """Microphone audio while someone speaks, in capture order, with pre-roll."""

    first_sample: Count
    """Index of the first sample on the capture clock (16 kHz)."""
    pcm: Pcm
    """Little-endian int16, mono, 16 kHz; CHUNK_SAMPLES samples."""


class SpeechStarted(TurnFrame, frozen=True, kw_only=True, tag="speech_started"):
    """Someone began to speak."""

    sample: Count
    """First sample of speech on the capture clock."""


class SpeechPaused(TurnFrame, frozen=True, kw_only=True, tag="speech_paused"):
    """A short silence: revision `revision` guesses that the utterance ends here."""

    sample: Count
    """Capture sample at which the pause was noticed; audio up to it has been sent."""
    speech_end_sample: Count
    """End of the last word, on the capture clock."""


class SpeechResumed(TurnFrame, frozen=True, kw_only=True, tag="speech_resumed"):
    """The user goes on: revision `revision` was a wrong guess."""

    sample: Count


class SpeechEnded(TurnFrame, frozen=True, kw_only=True, tag="speech_ended"):
    """The end of the turn is confirmed for `revision`."""

    sample: Count
    """Capture sample at which the end was decided; audio up to it has been sent."""
    speech_end_sample: Count
    """End of the last word, on the capture clock."""
    reason: Literal["silence", "maximum", "source_ended", "model"]


class Transcript(TurnFrame, frozen=True, kw_only=True, tag="transcript"):
    """What the encoder heard."""

    index: Count
    """Counts the transcripts of a turn."""
    text: Text
    stable_prefix: Text = ""
    """The part of `text` that later hypotheses are expected to keep."""
    language: Language
    emotion: tuple[float, ...] = ()
    """EMOTION_DIMENSIONS probabilities, or empty where no head is loaded."""
    latent: tuple[float, ...] = ()
    """Sentence embedding z, or empty."""
    state: Literal["partial", "candidate", "final"]

    def __post_init__(self) -> None:
        """Refuse NaN, infinities and over-long vectors."""
        if len(self.emotion) not in (0, EMOTION_DIMENSIONS) or len(self.latent) > 4096:
            raise ValueError("emotion or latent has the wrong length")
        if not all(map(math.isfinite, (*self.emotion, *self.latent))):
            raise ValueError("emotion and latent must be finite")


class Clause(TurnFrame, frozen=True, kw_only=True, tag="clause"):
    """A piece of the answer, as early as it can be spoken well."""

    index: Count
    text: Text
    language: Language
    emotion: Annotated[str, Meta(max_length=64)] = ""
    last: bool
    """No clause follows; its text may then be empty."""


class SpeechChunk(TurnFrame, frozen=True, kw_only=True, tag="speech_chunk"):
    """Synthesised sound of one clause."""

    clause: Count
    clause_text: Text
    first_sample: Count
    """Index of the first sample within the clause, at `rate`."""
    rate: Rate
    pcm: Pcm
    """Little-endian int16, mono."""
    clause_last: bool
    """Last chunk of its clause."""
    last: bool
    """Last chunk of the answer."""


class Played(TurnFrame, frozen=True, kw_only=True, tag="played"):
    """What has left the loudspeaker, device latency taken off."""

    clause: Count
    samples: Count
    """Samples of this clause heard so far, at the rate of its chunks."""
    rate: Rate
    text: Text
    """The answer's text heard so far."""
    clock_sample: Count
    """Capture clock at the moment of the last sample heard."""
    first_clock_sample: Count
    """Capture clock at the moment of the turn's first sound."""
    last: bool
    """The answer has ended, or was cancelled."""


class Cancel(TurnFrame, frozen=True, kw_only=True, tag="cancel"):
    """Stop work on a turn, or on one revision of it. Only the hub decides this."""

    whole_turn: bool
    """True: the turn; False: only `revision`."""
    reason: Reason


class Notice(TurnFrame, frozen=True, kw_only=True, tag="notice"):
    """A line to say when there is no answer."""

    text: Text
    language: Language
    reason: Reason
    prerecorded: bool = False
    """Playback has it on file: no talker is needed to say it."""


class Done(TurnFrame, frozen=True, kw_only=True, tag="done"):
    """`stage` owes nothing more for the turn's `revision`.

    It travels on the data socket, behind the stage's own outputs, which it must not overtake.
    The answer to Cancel(whole_turn=True) is a Done with that Cancel's revision.
    """

    stage: StageName


class Obeyed(TurnFrame, frozen=True, kw_only=True, tag="obeyed"):
    """`stage` works on the turn on a lower rung of its ladder, from its first frame on.

    For the log alone: what is made on another rung is something else.
    """

    stage: StageName
    rung: Count


class Passage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of a note or document."""

    id: Count
    source: Annotated[str, Meta(max_length=512)]
    text: Text


class Recalled(TurnFrame, frozen=True, kw_only=True, tag="recalled"):
    """What was found in the notes for the words of a revision, and stands in its prompt."""

    passages: Annotated[tuple[Passage, ...], Meta(max_length=16)]


class SummedUp(TurnFrame, frozen=True, kw_only=True, tag="summed_up"):
    """From this turn on `text` stands in prompts for all exchanges but the last `kept`."""

    text: Text
    kept: Count


class Forgotten(TurnFrame, frozen=True, kw_only=True, tag="forgotten"):
    """The user wants the conversation forgotten, this turn included."""


Ending: TypeAlias = Literal["answered", "no_words", "no_answer", "cancelled", "given_up"]
"""How a turn ended. no_words: a noise; no_answer: words that want none, as "mm-hm" or "stop";
cancelled: the user spoke over it; given_up: the user was told why."""


class Closed(TurnFrame, frozen=True, kw_only=True, tag="closed"):
    """The hub forgets the turn: every stage is done. Kept outputs may go.

    It travels on the data socket: nothing of the turn comes after it, the last Played before it.
    """

    reason: Ending
    redelivered: Count = 0
    """How often the turn was given to the successor of a dead worker."""


class SourceEnded(Frame, frozen=True, kw_only=True, tag="source_ended"):
    """The recordings are over and every turn that they opened is closed (capture)."""

    clock_sample: Count
    """Where the capture clock stands."""
    turns: Count
    """Turns opened since the start."""


class OpenTurn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one side has come in an unfinished turn."""

    session: SessionName
    turn: Count
    seq: Count
    """Of the last frame; in a Hello, of the last that came on this socket."""


class Hello(Frame, frozen=True, kw_only=True, tag="hello"):
    """A worker introduces itself on each of its sockets."""

    stage: Member
    worker: Count
    incarnation: Count
    window_bytes: Count
    """Credit: bytes of data frames it takes before it acknowledges any."""
    open_turns: tuple[OpenTurn, ...] = ()


class Welcome(Frame, frozen=True, kw_only=True, tag="welcome"):
    """The hub's answer to Hello."""

    next_turn: Count
    """The number of the next turn (capture)."""
    clock_sample: Count
    """The capture clock goes on from here (capture)."""
    open_turns: tuple[OpenTurn, ...] = ()


class Ready(Frame, frozen=True, kw_only=True, tag="ready"):
    """A worker has loaded its models and takes frames."""

    stage: Member
    worker: Count
    incarnation: Count


class Unknown(Frame, frozen=True, kw_only=True, tag="unknown"):
    """The hub does not know the sender, for it was restarted: say Hello and Ready again."""

    hub: Count = 0
    """Its incarnation: the answer to the first of several is the answer to all."""


class Resume(TurnFrame, frozen=True, kw_only=True, tag="resume"):
    """Announces, on both sockets, an open turn to the successor of a dead worker.

    On the data socket `inputs` frames that the stage was given follow, then `sent` frames of its
    own; on the control socket it tells that later control frames of the turn come after those.
    """

    inputs: Count
    sent: Count


class Credit(Frame, frozen=True, kw_only=True, tag="credit"):
    """A worker has consumed `consumed_bytes` in all since Hello."""

    consumed_bytes: Count


class Gone(Frame, frozen=True, kw_only=True, tag="gone"):
    """The supervisor says: this incarnation is dead; refuse its frames."""

    stage: Member
    worker: Count
    incarnation: Count
    for_good: bool = False
    """It will not be started again: turns that need its stage end with a reason."""


class Vitals(Frame, frozen=True, kw_only=True, tag="vitals"):
    """A worker's beat, from its working loop. Supervisor's own socket."""

    stage: Member
    worker: Count
    incarnation: Count
    ready: bool
    busy: bool
    """It has work in hand: only then is silence a fault."""
    queue_wait_ms: Annotated[float, Meta(ge=0)] = 0.0
    step_ms: Annotated[float, Meta(ge=0)] = 0.0
    """Longest step since the last beat."""
    rung: Count = 0
    dropped: Count = 0
    """Malformed frames refused since start."""
    failure: Annotated[str, Meta(max_length=1024)] = ""
    """One line: why the worker is about to end."""
    exit_code: Annotated[int, Meta(ge=0, le=3)] = 0
    """With `failure`: 1 may work next time, 2 bad input, 3 a model file is missing or damaged."""

    def __post_init__(self) -> None:
        """Refuse NaN and infinities."""
        if not (math.isfinite(self.queue_wait_ms) and math.isfinite(self.step_ms)):
            raise ValueError("queue_wait_ms and step_ms must be finite")


class Order(Frame, frozen=True, kw_only=True, tag="order"):
    """What the supervisor wants of a worker. Supervisor's own socket."""

    kind: Literal["start", "shed", "degrade", "drain", "greet", "stop"]
    """greet: the hub is a new one, say Hello to it."""
    rung: Count = 0
    clock_ns: Count = 0
    """start: the monotonic instant of sample 0 on the capture clock."""


AnyTurnFrame: TypeAlias = (
    AudioChunk | SpeechStarted | SpeechPaused | SpeechResumed | SpeechEnded | Transcript
    | Clause | SpeechChunk | Played | Cancel | Notice | Done | Obeyed | Closed | Resume
    | Recalled | SummedUp | Forgotten
)  # fmt: skip
"""Frames that belong to a turn."""

AnyFrame: TypeAlias = (
    AnyTurnFrame | SourceEnded
    | Hello | Welcome | Ready | Unknown | Credit | Gone | Vitals | Order
)  # fmt: skip

CONTROL: Final = (
    SpeechStarted, SpeechPaused, SpeechResumed, SpeechEnded, Cancel, Notice,
    SourceEnded, Hello, Welcome, Ready, Unknown, Resume, Gone,
)  # fmt: skip
"""Frames that travel on the control socket, so that none waits behind sound.

The supervisor is given every frame on its data socket: it gets no sound, and wants one order.
"""
