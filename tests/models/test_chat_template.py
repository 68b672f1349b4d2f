from __future__ import annotations

import pytest

from models.chat_template import ChatTemplate
from models.errors import EngineFailed
from models.protocols import ChatMessage

TALK = [ChatMessage("system", "Sé breve."), ChatMessage("user", "¿Qué hora es?")]


def _render(source: str | None, *, answer: bool = False) -> str:
    template = ChatTemplate(source, name="a.gguf", bos="<s>", eos="</s>")
    return template.render(TALK, answer=answer)


def test_a_model_without_a_template_gets_chatml() -> None:
    """The form that most small models know."""
    assert _render(None, answer=True) == (
        "<|im_start|>system\nSé breve.<|im_end|>\n"
        "<|im_start|>user\n¿Qué hora es?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_the_answer_is_opened_only_when_wanted() -> None:
    """A prompt's head ends behind its last message."""
    assert _render(None, answer=True).startswith(_render(None))
    assert _render(None).endswith("<|im_end|>\n")


def test_templates_see_what_they_expect() -> None:
    """Special tokens, JSON, loop controls and tags for training."""
    source = (
        "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{% continue %}"
        "{% endif %}{% generation %}{{ m['content'] | tojson }}{% endgeneration %}{% endfor %}"
        "{{ eos_token }}{% if strftime_now is defined or tools %}no{% endif %}"
    )
    assert _render(source) == '<s>"¿Qué hora es?"</s>'


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('no system role here') }}",
        "{{ messages[9]['content'].upper() }}",
        "{{ 1 / 0 }}",
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_that_fails_or_reaches_out_is_refused(source: str) -> None:
    """In one line that names the model."""
    with pytest.raises(EngineFailed, match=r"^a\.gguf: its chat template refused"):
        _render(source)


def test_a_broken_template_is_refused_at_once() -> None:
    """Not with the first question."""
    with pytest.raises(EngineFailed, match="not valid"):
        _render("{% for %}")
