"""Tape of a backward pass as a numbered list. A script may play it; without one, it is there to read."""

from __future__ import annotations

import json
from typing import Final

from markupsafe import Markup, escape

from grader.model.tape import TapePicture
from grader.model.text import Language, Text
from grader.model.values import Plain
from grader.pictures import tape_view as say
from grader.pictures.graph_view import plain

_RULE: Final = Text(
    "At each step: what comes in, times the local derivative, goes on. "
    "What comes along several ways is added up.",
    "每一步：传入的梯度乘以局部导数，再传下去；从几条路径传来的梯度相加。",
)
_IN: Final = Text("comes in", "传入")
_LOCAL: Final = Text("local derivative", "局部导数")
_ON: Final = Text("goes on to step {}", "传到第 {} 步")
_TOOLS: Final = Text("Play the steps", "播放各步")
_BUTTONS: Final = (
    ("back", Text("← back", "← 上一步")),
    ("play", Text("play", "播放")),
    ("on", Text("next →", "下一步 →")),
    ("all", Text("all steps", "全部步骤")),
)
_WORDS: Final = {
    "step": Text("Step {n} of {all}", "第 {n} 步，共 {all} 步"),
    "play": _BUTTONS[1][1],
    "pause": Text("pause", "暂停"),
}
"""For the script."""


def tape_figure(tape: TapePicture, language: Language) -> Markup:
    """The figure: title, what it is the tape of, buttons for a script, and every step."""
    items = []
    for run, said in say.rounds(tape):
        steps = Markup("").join(_step(tape, n, language) for n in range(run.start, run.end))
        if said.en:
            steps = Markup(
                '<li class="rounds"><details{}><summary>{}</summary><ol start="{}">{}</ol></details></li>'
            ).format(
                Markup(" open") if tape.differs is not None and run.start <= tape.differs < run.end else "",
                said.in_(language), run.start + 1, steps,
            )  # fmt: skip
        items.append(steps)
    return Markup(
        '<figure class="picture tape" data-words="{}"><figcaption>{}</figcaption>'
        '<p class="quiet">{}</p><p class="quiet">{}</p>{}<ol class="steps">{}</ol></figure>'
    ).format(
        json.dumps({name: text.in_(language) for name, text in _WORDS.items()}),
        say.title(tape).in_(language),
        tape.title.in_(language), _RULE.in_(language), _tools(language), Markup("").join(items),
    )  # fmt: skip


def _tools(language: Language) -> Markup:
    """For the script, which shows them."""
    buttons = Markup("").join(
        Markup('<button type="button" data-go="{}">{}</button>').format(go, text.in_(language))
        for go, text in _BUTTONS
    )
    return Markup(
        '<div class="tape-tools" role="group" aria-label="{}" hidden>{}'
        '<p class="quiet" aria-live="polite"></p></div>'
    ).format(_TOOLS.in_(language), buttons)


def _step(tape: TapePicture, n: int, language: Language) -> Markup:
    step = tape.steps[n]
    name, sign = say.name(step, tape.by).in_(language), say.sign(step)
    what = Markup('<p class="what"><strong>{}</strong>{}{}</p>').format(
        name,
        Markup(' <span class="quiet">{}</span>').format(sign) if sign else "",
        Markup(" <code>{}</code>").format(say.code(step)) if step.code else "",
    )
    rows = []
    if step.operation == "leaf":
        for term, text, mine in say.arrival(tape, step):
            rows.append((term.in_(language), _marked(tape.yours, tape.right) if mine else escape(text)))
    else:
        rows.append((_IN.in_(language), escape(say.value(step.into, step.shape))))
        if step.right is not None:
            number = (
                Markup("{} ✓").format(plain(step.yours)) if step.right else _marked(step.yours, step.into)
            )
            rows.append((say.yours(step).in_(language), number))
    for move in step.moves:
        words, numbers = say.local(move)
        said = Markup('<span class="words">{}</span>{}').format(
            words.in_(language), f" {numbers}" if numbers else ""
        )
        rows.append((_LOCAL.in_(language), said))
        rows.append((_ON.in_(language).format(move.to + 1), escape(say.value(move.out, move.shape))))
    difference = say.difference(tape).in_(language) if n == tape.differs else ""
    if n == len(tape.steps) - 1 and tape.stopped:
        difference = say.end(tape).in_(language)
    return Markup('<li value="{}" class="step{}">{}<dl>{}</dl>{}</li>').format(
        n + 1,
        " stop" if n == (len(tape.steps) - 1 if tape.differs is None else tape.differs) else "",
        what,
        Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(term, text) for term, text in rows),
        Markup('<p class="difference">{}</p>').format(difference) if difference else "",
    )


def _marked(yours: Plain, right: Plain) -> Markup:
    """The student's numbers, those marked that are not right."""
    if isinstance(yours, list):
        beside = right if isinstance(right, list) and len(right) == len(yours) else [right] * len(yours)
        return Markup("[{}]").format(Markup(", ").join(map(_marked, yours, beside)))
    text = plain(yours)
    return (
        escape(text)
        if not isinstance(right, list) and text == plain(right)
        else Markup("<mark>{}</mark>").format(text)
    )
