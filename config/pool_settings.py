"""Settings of the pool: the specialists whom the thinker may ask. Part of `config.settings`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from config.tables import LanguageCode, Natural, Positive, Table, Threads

SpecialistName: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z")]
Kind: TypeAlias = Literal["server", "local", "vision", "translation"]
"""server: another program over HTTP; local: a GGUF chat model."""


class Server(Table, frozen=True):
    """A server that speaks OpenAI's chat protocol."""

    url: Annotated[str, Meta(pattern=r"^(https?://[^\s?#]+)?\Z")]
    """Up to and with /v1; empty: there is none."""
    key_file: str
    """File with the key that the server asks for; empty: it asks for none."""
    connect_ms: Positive


class Breaker(Table, frozen=True):
    """When a specialist that fails is left alone."""

    failures: Positive
    """In a row."""
    pause_s: Positive
    """Then it is not asked for so long, and then once."""


class Specialist(Table, frozen=True):
    """One whom the thinker may ask; runs in a process of its own while it is needed."""

    kind: Kind
    model: str
    """Catalogue id, path, or the server's name for it; empty: this specialist is not there."""
    memory_mb: Positive
    """What its process holds when it answers."""
    ttl_s: Positive
    """It is unloaded when nobody has asked it for so long."""
    threads: Threads
    context_tokens: Annotated[int, Meta(ge=256, le=131_072)]
    load_s: Positive
    """It has failed when it is not loaded by then."""
    first_ms: Positive
    """... when its first words are not there so long after the question."""
    between_ms: Positive
    """... when nothing follows for so long."""
    fallback: str
    """Who is asked when this one cannot answer; empty: the thinker's own model answers."""


class Pool(Table, frozen=True):
    """All specialists together."""

    expert: bool
    """Ask an expert what asks for much knowledge. Such questions leave the house with a server."""
    prefer: Literal["server", "local"]
    """Which expert is asked first."""
    languages: tuple[LanguageCode, ...]
    """Spoken here beside `daemon.languages`: translated into the first of those, and back."""
    household: tuple[str, ...]
    """Names of people and animals: what is said with one of them never goes to an expert."""
    most_tokens: Positive
    """Longest answer of a specialist."""
    max_concurrent_llms: Annotated[int, Meta(ge=0, le=16)]
    """Loaded at a time, beside the thinker's own."""
    memory_mb: Natural
    """What specialists may hold together."""
    keep_free_mb: Natural
    """None is loaded that would leave less free."""
    image: str
    """The picture that questions about what is seen are about; empty: there is none."""
    camera: tuple[str, ...]
    """A command that writes it, before each question; empty: it is there."""
    server: Server
    breaker: Breaker
    specialists: dict[SpecialistName, Specialist]

    def __post_init__(self) -> None:
        """Refuse a fallback that is nobody, and languages without a translator."""
        for name, each in self.specialists.items():
            if each.fallback and each.fallback not in self.specialists:
                raise ValueError(f"{name} falls back on {each.fallback!r}, which is no specialist")
        if self.languages and not any(each.kind == "translation" for each in self.present.values()):
            raise ValueError("languages want a model of specialists.translation")

    @property
    def present(self) -> dict[str, Specialist]:
        """Those that there are: with a model, and with a server where they need one."""
        return {
            name: each
            for name, each in self.specialists.items()
            if each.model and (each.kind != "server" or self.server.url)
        }
