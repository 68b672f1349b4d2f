"""Model ids and paths in, verified files on this machine out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import platformdirs

from models.catalogue import Catalogue, ModelFile, is_path, load_catalogue
from models.durable import publish
from models.errors import CacheUnusable, ModelDamaged, ModelMissing, UnknownModel
from models.pins import PinBook
from models.seals import Seal, digest_of, read_seals, remember, unbroken

CACHE_VARIABLE: Final = "SARAI_CACHE"
"""Environment variable that names another cache folder."""

_KEY_LENGTH: Final = 12
"""Hexadecimal digits of a derived folder's key: 48 bits, collisions out of question."""


def default_root() -> Path:
    """Return the cache folder: $SARAI_CACHE, else `sarai` in the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE, "")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("sarai")


class ModelStore:
    """The model files of one cache folder, and what was made of them.

    `models/ID/` holds a model's files under their own names, `derived/` what was made of them,
    `work/` what is being fetched, `pins.json` the hashes of first downloads.
    """

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self.root = root
        self.catalogue = catalogue
        self._pins = PinBook(root)

    def folder(self, model_id: str) -> Path:
        """Return the folder of a model's files, there or not."""
        return self.root / "models" / model_id

    def files(self, model_id: str) -> dict[str, Path]:
        """Return the model's files by role.

        Cheap enough for each start: a file is hashed only if it was touched since the last time.
        Raises ModelMissing, ModelDamaged, CacheUnusable, UnknownModel.
        """
        folder = self.folder(model_id)
        return {
            file.role: folder / file.name for file, _ in self._checked(model_id, read_seals(folder))
        }

    def verify(self, model_id: str) -> None:
        """Hash each file of the model. Raises what `files` raises."""
        for _ in self._checked(model_id, {}):
            pass

    def wanting(self, model_id: str) -> tuple[ModelFile, ...]:
        """Return the files of the model that have to be fetched: absent or damaged."""
        seals = read_seals(self.folder(model_id))
        lacking = []
        for file in self.catalogue.model(model_id).files:
            try:
                self._check(model_id, file, seals.get(file.name))
            except (ModelMissing, ModelDamaged):
                lacking.append(file)
        return tuple(lacking)

    def adopt(self, model_id: str, file: ModelFile, staged: Path) -> None:
        """Take a fetched file, on the same file system, into the store.

        Raises ModelDamaged when it is not what the catalogue or an earlier pin says; it then
        stays where it is.
        """
        sha256 = digest_of(staged)
        flaw = self._flaw(model_id, file, staged.stat().st_size, sha256)
        if flaw:
            raise ModelDamaged(flaw)
        if file.sha256 is None:
            self._pins.put(model_id, file.name, sha256)
        final = self.folder(model_id) / file.name
        publish(staged, final)
        remember(final, sha256)

    def derived(self, reference: str, name: str) -> Path:
        """Return where `name`, made of a model, is kept; `models.derived.build_once` fills it.

        reference: as for `resolve`. The path changes with the model's files, so that nothing made
        of other files is ever found there. Its parent exists; the folder itself may not.
        Raises ModelMissing, ModelDamaged, CacheUnusable, UnknownModel.
        """
        if is_path(reference):
            files = self.resolve(reference)
            label = next(iter(files.values())).stem
            # Hashing a user's file at each start would cost seconds; its place, size and time do.
            marks = [f"{role}={path.resolve()} {_times(path)}" for role, path in files.items()]
        else:
            label = reference
            seals = read_seals(self.folder(reference))
            marks = [f"{file.role}={sha}" for file, sha in self._checked(reference, seals)]
        key = hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()[:_KEY_LENGTH]
        folder = self.root / "derived" / label / f"{name}-{key}"
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheUnusable(folder.parent, error) from error
        return folder

    def resolve(self, reference: str) -> dict[str, Path]:
        """Return the files of a catalogue id, or of a user's own model, by role.

        reference: an id; the path of a .gguf file; the path of an .onnx voice with its .onnx.json
        beside it. Raises ModelMissing, ModelDamaged, CacheUnusable, UnknownModel.
        """
        if not is_path(reference):
            return self.files(reference)
        path = Path(reference).expanduser()
        roles = {"model": path}
        if path.suffix == ".onnx":
            roles = {"voice": path, "voice-config": path.with_name(f"{path.name}.json")}
        for each in roles.values():
            if not each.is_file():
                raise UnknownModel(str(each))
        return roles

    def _checked(self, model_id: str, seals: Mapping[str, Seal]) -> Iterator[tuple[ModelFile, str]]:
        for file in self.catalogue.model(model_id).files:
            yield file, self._check(model_id, file, seals.get(file.name))

    def _check(self, model_id: str, file: ModelFile, known: Seal | None) -> str:
        path = self.folder(model_id) / file.name
        try:
            return self._check_readable(model_id, file, path, known)
        except OSError as error:
            raise CacheUnusable(path, error) from error

    def _check_readable(
        self, model_id: str, file: ModelFile, path: Path, known: Seal | None
    ) -> str:
        if not path.is_file():
            raise ModelMissing(model_id, str(path))
        size = path.stat().st_size
        right_size = file.sha256 is None or size == file.size_bytes
        if right_size and not unbroken(path, known):
            known = remember(path, digest_of(path))
        sha256 = known.sha256 if known else ""
        flaw = self._flaw(model_id, file, size, sha256)
        if flaw:
            raise ModelDamaged(
                f"model {model_id}: {path} {flaw}; fetch it again with: "
                f"python run_pipeline.py models fetch {model_id}"
            )
        if file.sha256 is None:
            self._pins.put(model_id, file.name, sha256)
        return sha256

    def _flaw(self, model_id: str, file: ModelFile, size_bytes: int, sha256: str) -> str:
        if file.sha256 is not None and size_bytes != file.size_bytes:
            return f"has {size_bytes:,} bytes, not {file.size_bytes:,}"
        expected = file.sha256 or self._pins.get(model_id, file.name)
        if expected is not None and sha256 != expected:
            return f"has SHA-256 {sha256[:12]}…, not {expected[:12]}…"
        return ""


def open_store() -> ModelStore:
    """Return the store in the default cache folder, with the shipped catalogue."""
    return ModelStore(default_root(), load_catalogue())


def _times(path: Path) -> str:
    now = path.stat()
    return f"{now.st_size} {now.st_mtime_ns}"
