"""Messages in, the prompt's text out, by the template that a model file carries.

Templates are Jinja programs written by strangers: they run in a sandbox, without files, clock or
attributes of Python objects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NoReturn

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.sandbox

from models.errors import EngineFailed
from models.protocols import ChatMessage

CHATML: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""What a model without a template of its own gets: the form that most small models know."""


class ChatTemplate:
    """One model's template.

    source: Jinja text, or None for ChatML. name: of the model, for messages.
    bos, eos: the text of these tokens, "" where there is none.
    Raises EngineFailed where `source` is no valid template.
    """

    def __init__(self, source: str | None, *, name: str, bos: str, eos: str) -> None:
        self._name = name
        self._bos = bos
        self._eos = eos
        world = jinja2.sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            extensions=[jinja2.ext.loopcontrols, _GenerationTag],
        )
        world.filters["tojson"] = _to_json
        world.globals["raise_exception"] = _refuse
        try:
            self._template = world.from_string(source or CHATML)
        except jinja2.TemplateError as error:
            raise EngineFailed(f"{name}: its chat template is not valid: {error}") from error

    def render(self, messages: Sequence[ChatMessage], *, answer: bool) -> str:
        """Return the prompt; `answer` opens the assistant's message.

        Raises EngineFailed when the template refuses the messages.
        """
        try:
            return self._template.render(
                messages=[{"role": each.role, "content": each.content} for each in messages],
                add_generation_prompt=answer,
                bos_token=self._bos,
                eos_token=self._eos,
            )
        except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise EngineFailed(
                f"{self._name}: its chat template refused the messages: {error}"
            ) from error


class _GenerationTag(jinja2.ext.Extension):
    """`{% generation %}`: marks the assistant's words for training; here it changes nothing."""

    tags = {"generation"}  # noqa: RUF012 - as the extension interface has it

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        """Return what stands between the tags."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _to_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)
