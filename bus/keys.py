"""CURVE keys for tcp: a folder in, the house's one key pair out.

Every process of a house, on whatever machine, holds the same pair; who does not hold it can
neither connect nor read. `python -m bus.keys` makes the pair.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import zmq

from bus.errors import KeysMissing, KeysUnsafe

if TYPE_CHECKING:
    from zmq.auth.thread import ThreadAuthenticator

    from config.settings import Bus

FILE_NAME: Final = "house.key"
_OTHERS: Final = 0o077
_DOMAIN: Final = "house"
"""Name of the ZAP domain: by it the authenticator finds who to ask."""


class Keys:
    """The house's key pair."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.public = zmq.curve_public(secret)

    def serve(self, router: zmq.Socket[bytes]) -> None:
        """Let only holders of the pair connect to `router`; call before bind."""
        router.setsockopt(zmq.CURVE_SERVER, 1)
        router.setsockopt(zmq.CURVE_SECRETKEY, self.secret)
        router.setsockopt(zmq.CURVE_PUBLICKEY, self.public)
        router.setsockopt(zmq.ZAP_DOMAIN, _DOMAIN.encode())

    def visit(self, dealer: zmq.Socket[bytes]) -> None:
        """Prove to the other side that we hold the pair, and check that it does."""
        dealer.setsockopt(zmq.CURVE_SERVERKEY, self.public)
        dealer.setsockopt(zmq.CURVE_SECRETKEY, self.secret)
        dealer.setsockopt(zmq.CURVE_PUBLICKEY, self.public)

    def callback(self, _domain: str, key: bytes) -> bool:
        """Return whether a visitor's public key is ours (the authenticator asks)."""
        return key == self.public


def doorkeeper(context: zmq.Context[zmq.Socket[bytes]], keys: Keys) -> ThreadAuthenticator:
    """Start the thread that asks `keys` about each visitor of this context; stop() ends it.

    CURVE by itself lets in whoever knows the public key; this lets in only who has the secret.
    """
    # It brings asyncio and some megabytes, which a house without tcp does not need.
    from zmq.auth.thread import ThreadAuthenticator  # noqa: PLC0415

    # Its own logger would write each visitor's address at info level.
    authenticator = ThreadAuthenticator(context, log=logging.getLogger("bus.keys"))
    authenticator.start()
    authenticator.configure_curve_callback(domain=_DOMAIN, credentials_provider=keys)
    return authenticator


def generate(folder: Path) -> Path:
    """Write a new pair into `folder` and return its file. Raises KeysUnsafe if one is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE_NAME
    _, secret = zmq.curve_keypair()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeysUnsafe(f"{path}: there already; delete it first to make a new one") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret + b"\n")
    return path


def load(folder: Path) -> Keys:
    """Return the pair in `folder`. Raises KeysMissing or KeysUnsafe."""
    path = folder / FILE_NAME
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path}: missing; make it with: python -m bus.keys {folder}") from error
    if mode & _OTHERS:
        raise KeysUnsafe(f"{path}: others may read it; run: chmod 600 {path}")
    try:
        return Keys(secret)
    except (ValueError, zmq.ZMQError) as error:
        raise KeysUnsafe(f"{path}: holds no key; delete it and make it anew") from error


def folder_of(keys: str) -> Path:
    """Return the folder that `bus.keys` names; "": one in the user's configuration."""
    from platformdirs import user_config_path  # noqa: PLC0415 - a house without tcp needs none

    return Path(keys).expanduser() if keys else user_config_path("sarai") / "keys"


def keys_for(bus: Bus) -> Keys | None:
    """Return the keys that the bus's address asks for; None: it asks for none.

    Raises KeysMissing or KeysUnsafe.
    """
    return load(folder_of(bus.keys)) if bus.address else None


def main(argv: Sequence[str] | None = None) -> int:
    """Make the house's keys; return the exit code."""
    parser = argparse.ArgumentParser(prog="bus.keys", description="Make the keys for tcp.")
    parser.add_argument("folder", type=Path, nargs="?", default=folder_of(""), help="bus.keys")
    folder: Path = parser.parse_args(argv).folder
    try:
        path = generate(folder)
    except (KeysUnsafe, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{path}: copy it to every machine of the house, readable by its user only\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
