"""Made-up models in; real wheels, a package index, a model hub and a catalogue to test with out."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BLOCK = 4096


def build_wheel(folder: Path, package: str, members: Mapping[str, bytes]) -> Path:
    """Write a wheel that pip accepts. package: name==version. Members are stored, not packed."""
    name, version = package.split("==")
    stem = f"{name.replace('-', '_')}-{version}"
    wheel = folder / f"{stem}-py3-none-any.whl"
    info = f"{stem}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        for member, content in {**members, **metadata}.items():
            archive.writestr(member, content)
    return wheel


def wheels_source(*parts: tuple[str, str]) -> str:
    """Return a TOML inline table: (package, member) in order."""
    listed = ", ".join(f'{{ package = "{name}", member = "{path}" }}' for name, path in parts)
    return f'{{ kind = "wheels", parts = [{listed}] }}'


def hub_source(repo: str, path: str) -> str:
    """Return a TOML inline table."""
    return f'{{ kind = "hub", repo = "{repo}", path = "{path}", revision = "main" }}'


def file_entry(model: str, role: str, name: str, content: bytes, *sources: str) -> str:
    """Return a file's entry of the catalogue, pinned to `content`."""
    return (
        f'[[models.{model}.files]]\nrole = "{role}"\nname = "{name}"\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nsize_bytes = {len(content)}\n'
        f"sources = [{', '.join(sources)}]\n"
    )


def write_catalogue(path: Path, packages: Mapping[str, int], models: Mapping[str, str]) -> Path:
    """Write a catalogue. packages: bytes of each; models: id to file entries."""
    sizes = "".join(f'"{name}" = {size}\n' for name, size in packages.items())
    entries = "".join(
        f'[models.{name}]\nabout = "made up"\nkind = "gguf"\nlicence = "CC0-1.0"\n{files}'
        for name, files in models.items()
    )
    path.write_text(f"[wheel_bytes]\n{sizes}\n{entries}", encoding="utf-8")
    return path


class Served:
    """What a local server offers and what was asked of it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        """Path of the URL to content."""
        self.held: dict[str, int] = {}
        """Path to the number of bytes after which the server waits for `released`."""
        self.released = threading.Event()
        self.asked: list[str] = []
        """Paths whose content was asked for, with the first byte wanted where not 0."""
        self.address = ""


@contextmanager
def serving() -> Iterator[Served]:
    """Serve files over HTTP on this machine, as a package index and a model hub do."""
    served = Served()

    class Handler(_Handler):
        offer = served

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET, with ranges; lists packages below /simple/."""

    offer: Served
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """Answer with the headers that the hub's client asks for."""
        self._answer(with_body=False)

    def do_GET(self) -> None:
        """Answer with content, in part where a range is asked for."""
        self._answer(with_body=True)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def _answer(self, *, with_body: bool) -> None:
        content = self._index() or self.offer.files.get(self.path)
        if content is None:
            self.send_response(HTTPStatus.NOT_FOUND)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        wanted = self.headers.get("Range", "")
        first = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        self.send_response(HTTPStatus.PARTIAL_CONTENT if first else HTTPStatus.OK)
        if first:
            span = f"bytes {first}-{len(content) - 1}/{len(content)}"
            self.send_header("Content-Range", span)
        kind = "text/html" if self.path.startswith("/simple/") else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) - first))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        if with_body:
            self.offer.asked.append(f"{self.path} from {first}" if first else self.path)
            self._send(content, first)

    def _send(self, content: bytes, first: int) -> None:
        hold_at = self.offer.held.get(self.path, len(content))
        try:
            if first < hold_at:
                self.wfile.write(content[first:hold_at])
                self.wfile.flush()
            if hold_at < len(content):
                self.offer.released.wait(60)
                self.wfile.write(content[max(first, hold_at) :])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _index(self) -> bytes | None:
        """Return the page of a package: links to its wheels."""
        if not self.path.startswith("/simple/"):
            return None
        name = self.path.removeprefix("/simple/").strip("/").replace("-", "_")
        wheels = [path for path in self.offer.files if Path(path).name.startswith(f"{name}-")]
        links = "".join(f'<a href="{path}">{Path(path).name}</a>' for path in wheels)
        return f"<!DOCTYPE html><html><body>{links}</body></html>".encode() if wheels else None
