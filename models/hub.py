"""Files of Hugging Face repositories in, files on this machine out, through their own client."""

from __future__ import annotations

import errno
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from models.catalogue import HubSource
from models.child import Outcome, run_watched
from models.errors import SourceFailed

PROBE_S: Final = 2.5
"""How long a repository may take to answer before it counts as out of reach."""

_QUIET: Final = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
_NETWORK: Final = re.compile(
    r"ConnectError|ReadError|ConnectionError|Timeout|ProtocolError|ProxyError"
    r"|Consistency check failed"
)


def objection(source: HubSource, within_s: float = PROBE_S) -> SourceFailed | None:
    """Return why the file cannot be had now, or None if its repository offers it.

    Asks in a thread, because a dead name server can hold a look-up much longer than `within_s`.
    """
    answers: list[SourceFailed | None] = []

    def ask() -> None:
        answers.append(_asked(source, within_s))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(within_s)
    return answers[0] if answers else _out_of_reach()


def _asked(source: HubSource, within_s: float) -> SourceFailed | None:
    # Imported here: it takes half a second and only fetching needs it.
    from huggingface_hub import errors as refusals  # noqa: PLC0415
    from huggingface_hub import get_hf_file_metadata, hf_hub_url  # noqa: PLC0415

    url = hf_hub_url(source.repo, source.path, revision=source.revision)
    try:
        get_hf_file_metadata(url, timeout=within_s)
    except refusals.GatedRepoError:
        return SourceFailed(f"access to {source.repo} is refused; accept its terms, then log in")
    except (refusals.RepositoryNotFoundError, refusals.EntryNotFoundError):
        return SourceFailed(f"{source.repo} has no {source.path}")
    except refusals.RevisionNotFoundError:
        return SourceFailed(f"{source.repo} has no revision {source.revision}")
    except refusals.HfHubHTTPError as error:
        status = error.response.status_code
        return SourceFailed(f"answers with status {status}", unreachable=status >= 500)
    except Exception:  # noqa: BLE001  (which transport it uses, and its errors, vary by version)
        return _out_of_reach()
    return None


def _out_of_reach() -> SourceFailed:
    return SourceFailed("cannot be reached", unreachable=True)


def download_file(source: HubSource, folder: Path, grown: Callable[[int], None]) -> Path:
    """Return the file, downloaded into `folder`; goes on where an earlier try was cut off.

    grown: called with the bytes downloaded so far.
    Raises SourceFailed, in about PROBE_S where there is no network; OSError when the disk is full.
    """
    refusal = objection(source)
    if refusal is not None:
        raise refusal
    folder.mkdir(parents=True, exist_ok=True)
    program = Path(__file__).with_name("hub_download.py")
    command = [sys.executable, "-I", str(program), source.repo, source.path, source.revision]
    outcome = run_watched([*command, str(folder)], {**os.environ, **_QUIET}, folder, grown)
    if outcome.code != 0:
        raise _explained(outcome)
    return folder / Path(source.path).name


def _explained(outcome: Outcome) -> Exception:
    if "No space left on device" in outcome.log:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if outcome.stalled or _NETWORK.search(outcome.log):
        return SourceFailed("the connection broke off", unreachable=True)
    errors = [line for line in outcome.log.splitlines() if "Error" in line]
    return SourceFailed(errors[-1].strip() if errors else f"ended with code {outcome.code}")
