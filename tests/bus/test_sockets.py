from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import zmq
from msgspec.structs import replace

from bus import keys
from bus.errors import AddressUnusable, HubSilent, KeysMissing, KeysUnsafe
from bus.line import SupervisorLine
from bus.port import Port
from bus.sockets import Rendezvous
from config.settings import Settings
from tests.bus.bus_running import RunningHub, three_free_ports


def test_a_socket_path_that_is_too_long_is_refused(tmp_path: Path, settings: Settings) -> None:
    """The message says what to do."""
    with pytest.raises(AddressUnusable, match="shorter runtime folder"):
        SupervisorLine(tmp_path / ("x" * 100), settings.bus)


def test_an_address_that_cannot_be_bound_is_named(tmp_path: Path, settings: Settings) -> None:
    """A folder that is in the way of the socket, for example."""
    (tmp_path / "supervisor").mkdir()
    with pytest.raises(AddressUnusable, match="supervisor"):
        SupervisorLine(tmp_path, settings.bus)


def test_an_address_must_be_one(tmp_path: Path) -> None:
    """Only tcp://HOST:PORT, or nothing."""
    with pytest.raises(AddressUnusable, match="tcp://HOST:PORT"):
        Rendezvous(tmp_path, "udp://x", None)


def test_without_a_hub_a_worker_says_so(tmp_path: Path, settings: Settings) -> None:
    """Nothing hangs: the wait for Welcome is bounded."""
    port = Port(tmp_path, "talker", 0, 1, settings.bus)
    with pytest.raises(HubSilent, match="is it running"):
        port.open(within_ms=50)
    port.close()


def test_tcp_is_refused_without_keys(tmp_path: Path, settings: Settings) -> None:
    """No frame leaves a machine in the clear."""
    bus = replace(settings.bus, address="tcp://127.0.0.1:1", keys=str(tmp_path / "keys"))
    with pytest.raises(KeysMissing, match=r"python -m bus\.keys"):
        Port(tmp_path, "talker", 0, 1, bus)
    with pytest.raises(KeysMissing, match="refused without keys"):
        Rendezvous(tmp_path, "tcp://127.0.0.1:1", None)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    """A key file that others may read, or that holds no key, is refused."""
    path = keys.generate(tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    assert keys.load(tmp_path).public != keys.load(tmp_path).secret
    with pytest.raises(KeysUnsafe, match="delete it first"):
        keys.generate(tmp_path)
    path.chmod(0o644)
    with pytest.raises(KeysUnsafe, match="chmod 600"):
        keys.load(tmp_path)
    path.chmod(0o600)
    path.write_text("no key", encoding="ascii")
    with pytest.raises(KeysUnsafe, match="holds no key"):
        keys.load(tmp_path)


def test_the_command_makes_keys_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second time it says why not."""
    assert keys.main([str(tmp_path / "keys")]) == 0
    assert keys.main([str(tmp_path / "keys")]) == 2
    assert "there already" in capsys.readouterr().err


def test_a_house_with_keys_speaks_tcp_and_keeps_strangers_out(
    tmp_path: Path, settings: Settings
) -> None:
    """Whoever holds the pair is let in; another pair, though well made, is not."""
    keys.generate(tmp_path / "keys")
    address = f"tcp://127.0.0.1:{three_free_ports()}"
    house = replace(
        settings,
        bus=replace(settings.bus, address=address, keys=str(tmp_path / "keys")),
        supervisor=replace(settings.supervisor, beat_ms=20),
    )
    with closing(RunningHub(tmp_path, house)) as hub:
        hub.join("talker")
        keys.generate(tmp_path / "stranger" / "keys")
        strange = replace(house.bus, keys=str(tmp_path / "stranger" / "keys"))
        port = Port(tmp_path, "encoder", 0, 1, strange)
        with pytest.raises(HubSilent):
            port.open(within_ms=300)
        assert not _answers_a_thief(tmp_path, address)


def _answers_a_thief(tmp_path: Path, address: str) -> bool:
    """Return whether the hub answers who knows the house's public key alone."""
    thief = Rendezvous(tmp_path, address, _Thief(keys.load(tmp_path / "keys").public))
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    dealer = thief.connect(context, "data", b"encoder.0.1")
    dealer.send(b"\x81\xa5frame\xa7unknown")
    answered = bool(dealer.poll(300))
    dealer.close(linger=0)
    context.term()
    return answered


class _Thief(keys.Keys):
    """Knows the house's public key, but not the secret."""

    def __init__(self, public: bytes) -> None:
        super().__init__(zmq.curve_keypair()[1])
        self._house = public

    def visit(self, dealer: zmq.Socket[bytes]) -> None:
        super().visit(dealer)
        dealer.setsockopt(zmq.CURVE_SERVERKEY, self._house)
