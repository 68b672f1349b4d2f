"""The hub without its loop: messages of workers go in, and out to other workers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import zmq

from bus import wire
from bus.dispatch import Delivery
from bus.endings import rules_of
from bus.errors import WireError
from bus.frames import (
    AnyFrame,
    Closed,
    Credit,
    Gone,
    Hello,
    Ready,
    SourceEnded,
    TurnFrame,
    Unknown,
)
from bus.history import History
from bus.joining import Joining, Side, side_of
from bus.log import FrameLog
from bus.nuisances import Nuisances
from bus.peer import Parts, Peer, Sender
from bus.recovery import closed_turns, open_frames
from bus.sockets import sender_at
from bus.turns import Turns
from bus.workers import WorkerId
from config.logs import log
from config.settings import Settings

SIDES: Final[tuple[Side, ...]] = ("control", "data")
_OF_TURNS: Final = (TurnFrame, SourceEnded)


class Switchboard:
    """Routes between two ROUTER sockets. The time is an argument."""

    def __init__(
        self,
        sockets: dict[Side, zmq.Socket[bytes]],
        settings: Settings,
        runtime: Path,
        record: Path | None,
        *,
        incarnation: int,
        now_ns: int,
        since_ns: int = 0,
    ) -> None:
        """Take up what a dead hub has left in `runtime`.

        since_ns: above 0, all workers died with it, and older turns are forgotten.
        """
        self.dropped = 0
        """Malformed messages, and frames of workers that are not theirs to send."""
        self._send: dict[Side, Sender] = {
            side: sender_at(socket) for side, socket in sockets.items()
        }
        self._backlog_bytes = settings.bus.backlog_bytes
        self._turns = Turns(rules_of(settings))
        folder = runtime / "log"
        self._frame_log = FrameLog(folder, record=record)
        self._history = History(runtime, settings.pool.languages)
        self._closed = closed_turns(folder)
        for key in self._closed:
            self._turns.remember(*key)
        restored = open_frames(folder, since_ns=since_ns)
        self._turns.restore(restored, now_ns, alone=since_ns > 0)
        self._history.take_up(restored)
        self._unknown = wire.encode(Unknown(hub=incarnation))
        self._joining: dict[WorkerId, Joining] = {}
        self._peers: dict[bytes, Peer] = {}
        self._by_id: dict[WorkerId, Peer] = {}
        self._stuck: set[bytes] = set()
        self._waiting: list[Delivery] = []
        self._nuisances = Nuisances()

    @property
    def is_stuck(self) -> bool:
        """Whether a socket takes nothing just now: call `flush` again soon."""
        return bool(self._stuck)

    def next_due_ns(self) -> int | None:
        """Return when `tick` has something to do; None: no turn is unfinished."""
        return self._turns.next_due_ns()

    def take(self, side: Side, message: Parts, now_ns: int) -> None:
        """Take a message that arrived on a socket. Raises nothing, whatever it is.

        What follows from a frame of a turn is done by `commit`.
        """
        identity = message[0]
        if self._nuisances.mutes(identity, now_ns):
            self.dropped += 1
            return
        try:
            frame = wire.decode(message[1:])
        except WireError as error:
            self.dropped += 1
            log.debug("malformed message", sender=repr(identity), reason=str(error))
            if self._nuisances.offended(identity, now_ns):
                log.warning("a peer sends garbage; most goes unread", sender=repr(identity))
            return
        peer = self._peers.get(identity)
        if isinstance(frame, Hello):
            self._greet(side, identity, frame, now_ns)
        elif peer is None:
            # It knows a hub that is no more, or it is nobody: a worker will say Hello.
            self._send[side](identity, self._unknown)
        elif peer.id in self._joining and not self._joining[peer.id].may_speak(side):
            log.debug("said to a dead hub", sender=repr(identity), frame=type(frame).__name__)
        elif isinstance(frame, _OF_TURNS):
            self._waiting += self._turns.accept(peer.id, frame, now_ns)
        else:
            self._administer(peer, frame, now_ns)

    def commit(self, now_ns: int) -> None:
        """Log and send what follows from the frames that were taken: one write for them all."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._deliver(waiting, now_ns)

    def started(self, now_ns: int) -> None:
        """Let patience with turns begin: from now on somebody can go on with one."""
        self._turns.started(now_ns)

    def tick(self, now_ns: int) -> None:
        """Do what is due for the turns."""
        self._deliver(self._turns.tick(now_ns), now_ns)

    def flush(self) -> None:
        """Try again what a socket did not take."""
        for identity in list(self._stuck):
            peer = self._peers.get(identity)
            if peer is not None:
                peer.flush()
            if peer is None or not peer.is_stuck:
                self._stuck.discard(identity)

    def close(self) -> None:
        """Let go of files."""
        self._frame_log.close()

    def _greet(self, side: Side, identity: bytes, hello: Hello, now_ns: int) -> None:
        """Take in a worker; each of its sockets gets its own Welcome."""
        self.commit(now_ns)
        worker = WorkerId(hello.stage, hello.worker, hello.incarnation)
        if identity != worker.identity or self._turns.workers.refuses(worker):
            self.dropped += 1
            log.info("worker refused", sender=repr(identity), worker=worker)
            return
        peer = self._peers.get(identity)
        if peer is None:
            self._forget_all_but(worker)
            peer = Peer(
                worker,
                hello.window_bytes,
                self._backlog_bytes,
                self._send["data"],
                self._send["control"],
            )
            self._peers[identity] = self._by_id[worker] = peer
            self._deliver(self._turns.hello(worker, now_ns), now_ns)
        if side == "data":
            peer.welcomed(hello.window_bytes)
        self._send[side](identity, wire.encode(self._turns.welcome()))
        joining = self._joining.setdefault(worker, Joining())
        if joining.greeted(side, hello):
            del self._joining[worker]
            self._join(peer, joining, now_ns)

    def _join(self, peer: Peer, joining: Joining, now_ns: int) -> None:
        """Let a worker that has said Hello on both sockets have what a dead hub owed it."""
        for session, number in joining.turns:
            if not self._turns.claim(peer.id, session, number):
                if peer.id.stage == "capture" and self._turns.can_begin(session, number):
                    continue  # it began while there was no hub, and is about to be told
                self._turns.remember(session, number)
                unknown = Closed(session=session, turn=number, reason="given_up")
                closed = self._closed.get((session, number), unknown)
                peer.push(wire.encode(closed), "data")
        for frame in self._turns.missing(peer.id, lambda frame: joining.had(peer.id.stage, frame)):
            side = side_of(frame, peer.id.stage)
            peer.push(wire.encode(frame), side, must=True)
        self._mark(peer)
        if joining.is_ready:
            self._deliver(self._turns.ready(peer.id, now_ns), now_ns)

    def _administer(self, peer: Peer, frame: AnyFrame, now_ns: int) -> None:
        self.commit(now_ns)
        match frame:
            case Credit():
                peer.credit(frame.consumed_bytes)
                self._mark(peer)
            case Ready() if peer.id in self._joining:
                self._joining[peer.id].is_ready = True
            case Ready():
                self._deliver(self._turns.ready(peer.id, now_ns), now_ns)
            case Gone() if peer.id.stage == "supervisor":
                dead = WorkerId(frame.stage, frame.worker, frame.incarnation)
                self._forget(dead)
                gone = self._turns.gone(dead, now_ns, for_good=frame.for_good)
                self._deliver(gone, now_ns)
            case _:
                self.dropped += 1

    def _deliver(self, deliveries: Sequence[Delivery], now_ns: int) -> None:
        """Log what is new, then send; a turn that a worker has no room for is given up."""
        new = [each.frame for each in deliveries if each.is_new]
        of_turns = [frame for frame in new if isinstance(frame, TurnFrame)]
        self._frame_log.append(*of_turns)
        for noted in of_turns:
            self._history.note(noted)
        overflowed: set[tuple[str, int]] = set()
        for frame, to, _, is_past in deliveries:
            if not to:
                continue
            parts = wire.encode(frame)
            for worker in to:
                peer = self._by_id.get(worker)
                if peer is None or worker in self._joining:
                    continue  # it will be given what it lacks when it joins
                side: Side = "data" if is_past else side_of(frame, worker.stage)
                if not peer.push(parts, side, must=is_past) and isinstance(frame, TurnFrame):
                    overflowed.add((frame.session, frame.turn))
                self._mark(peer)
        for session, number in overflowed:
            self._deliver(self._turns.overflowed(session, number, now_ns), now_ns)

    def _mark(self, peer: Peer) -> None:
        if peer.is_stuck:
            self._stuck.add(peer.identity)

    def _forget_all_but(self, worker: WorkerId) -> None:
        """Drop what waits for the predecessors of `worker`: it will be given the turns anew."""
        for known in list(self._by_id):
            if known[:2] == worker[:2]:
                self._forget(known)

    def _forget(self, worker: WorkerId) -> None:
        self._peers.pop(worker.identity, None)
        self._by_id.pop(worker, None)
        self._joining.pop(worker, None)
