"""A conversation in, the answer of an OpenAI-compatible server out, word by word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2

from config.pool_settings import Pool
from models.errors import EngineFailed, ModelError
from models.pool.event_stream import words
from models.pool.messages import Chat, Task


class ServerExpert:
    """Asks `pool.server`; what is sent is the messages, and nothing else about the house.

    Raises ModelError when there is no such key file.
    """

    def __init__(self, name: str, pool: Pool) -> None:
        specialist = pool.specialists[name]
        self._url = f"{pool.server.url.rstrip('/')}/chat/completions"
        self._model = specialist.model
        self._most_tokens = pool.most_tokens
        self._client = httpx2.Client(
            headers=_key(pool.server.key_file),
            # No limit to read: who asks judges silence, and ends this process.
            timeout=httpx2.Timeout(None, connect=pool.server.connect_ms / 1000),
            trust_env=False,  # where questions go is written in one place
        )

    def answer(self, task: Task) -> Iterator[str | None]:
        """Yield words as the server sends them. Raises EngineFailed when it stops before the end.

        How long the words may take is watched by who asked.
        """
        if not isinstance(task, Chat):
            raise EngineFailed("a server answers conversations only")
        wanted = {
            "model": self._model,
            "messages": [{"role": each.role, "content": each.content} for each in task.messages],
            "max_tokens": self._most_tokens,
            "stream": True,
        }
        try:
            with self._client.stream("POST", self._url, json=wanted) as response:
                if response.status_code != httpx2.codes.OK:
                    raise EngineFailed(f"{self._url}: HTTP {response.status_code}")
                yield from words(response.iter_lines())
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise EngineFailed(f"{self._url}: {_told(error)}; is the server running?") from error
        except httpx2.HTTPError as error:
            raise EngineFailed(f"{self._url}: {_told(error)}") from error


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


def _key(path: str) -> dict[str, str]:
    if not path:
        return {}
    try:
        key = Path(path).expanduser().read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"pool.server.key_file: {path} cannot be read; write the key there"
        ) from error
    return {"Authorization": f"Bearer {key}"}
