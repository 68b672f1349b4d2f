"""Names of the processes of the daemon: settings in, the ordered list of children out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from supervisor.zygote import Birth

if TYPE_CHECKING:
    from pathlib import Path

    from bus.frames import Member, StageName, Vitals
    from config.settings import Settings
    from config.stage_settings import Limits

STAGES: Final[tuple[StageName, ...]] = ("capture", "encoder", "thinker", "talker", "playback")


class Child(Struct, frozen=True, kw_only=True):
    """One process to be kept alive."""

    member: Member
    worker: int
    limits: Limits
    nice: int
    arguments: tuple[str, ...] = ()
    """What it is told on its command line beside its name and place."""

    @property
    def name(self) -> str:
        """Return the name that users read: `encoder`, a second one `encoder.1`."""
        return name_of(self.member, self.worker)

    def birth(self, incarnation: int, runtime: Path) -> Birth:
        """Return what is asked of the zygote."""
        is_hub = self.member == "hub"
        return Birth(
            module="bus.hub" if is_hub else "stages.worker",
            arguments=(
                *(() if is_hub else (self.member,)),
                *("--runtime", str(runtime)),
                *("--worker", str(self.worker)),
                *("--incarnation", str(incarnation)),
                *self.arguments,
            ),
            nice=self.nice,
        )


def name_of(member: Member, worker: int) -> str:
    """Return a process's name from what its frames say."""
    return member if worker == 0 else f"{member}.{worker}"


def lives_on_without(name: str, *, started: bool, recordings: bool) -> bool:
    """Return whether the daemon goes on when `name` stays down.

    It does once it has started, but for the hub. On recordings it needs capture and playback too:
    whoever gave them waits for their end, which would never come.
    """
    needed = ("hub", "capture", "playback") if recordings else ("hub",)
    return started and name not in needed


def ends_all(failure: Vitals, *, started: bool) -> bool:
    """Return whether the daemon ends with a worker's last words: who can help is the user.

    Once it has started it lives on without who thinks or speaks, as after any other death; not
    without microphone or loudspeaker.
    """
    return failure.exit_code > 1 and (not started or failure.stage in ("capture", "playback"))


def children(settings: Settings, record: str = "") -> list[Child]:
    """Return the hub and the workers, in the order in which they start; they stop in reverse.

    record: the file that the hub adds closed turns to.
    """
    recording = ("--record", record) if record else ()
    hub = Child(member="hub", worker=0, limits=settings.bus.limits, nice=0, arguments=recording)
    tables = {stage: getattr(settings, stage) for stage in STAGES}
    return [hub] + [
        Child(member=stage, worker=worker, limits=table.limits, nice=table.nice)
        for stage, table in tables.items()
        for worker in range(table.workers)
    ]
