"""REPO PATH REVISION FOLDER in; the repository's file in FOLDER, begun or gone on with.

Run as a file, by `models.hub`, in a process of its own: a client that hangs can then be ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.file_download import http_get


def main() -> None:
    """Download the file; the client's errors end the process."""
    repo, path, revision, folder = sys.argv[1:]
    url = hf_hub_url(repo, path, revision=revision)
    found = get_hf_file_metadata(url, timeout=10)
    # The client's own download starts from nothing after each kill. The name holds the version,
    # so that a changed file is not appended to the old one.
    partial = Path(folder, f"{Path(path).name}.{(found.etag or 'unknown')[:16]}.partial")
    token = get_token() if found.location == url else None  # other addresses are signed instead
    with partial.open("ab") as sink:
        http_get(
            found.location,
            sink,
            resume_size=sink.tell(),
            headers={"authorization": f"Bearer {token}"} if token else {},
            expected_size=found.size,
        )
    partial.replace(Path(folder, Path(path).name))


if __name__ == "__main__":
    main()
