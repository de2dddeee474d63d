"""Bounds on a child's answers: how much it may say, and what may answer what.

The harness keeps to these bounds; a child that writes its own frames may not, so the
grader's side checks every answer before it believes it: that it answers the question
that was asked, in the form in which this question is answered, in words that are not
longer than the harness' own. Judging relies on it.
"""

from __future__ import annotations

import math
from typing import Final

from grader.model.job import Call, Differentiate, Play, PlayLine, Task, Trace
from grader.model.observation import (
    Defined,
    Differentiated,
    Evidence,
    Graph,
    Loaded,
    Misfit,
    Missing,
    Note,
    Outcome,
    Raised,
    Returned,
    Taped,
    Traced,
)
from grader.model.tape import MOST_ENTRIES, MOST_STEPS, Shown, Tape
from grader.model.values import (
    MAX_DIMENSIONS,
    Array,
    Foreign,
    Mapping,
    Nothing,
    Number,
    Sequence,
    Tensor,
    Value,
    Words,
)
from grader.model.wrong_gradients import GraphReading

MAX_NAME: Final = 80
MAX_MESSAGE: Final = 500
MAX_LINE: Final = 300
MAX_SIGNATURE: Final = 200
MAX_KEY: Final = 200
MAX_WORDS: Final = 4096
MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 4096
MAX_BASES: Final = 8
MAX_NODES: Final = 64
MAX_LINES: Final = 2**20
"""A source has fewer lines than this: each takes a byte at least."""
MAX_EDGES: Final = 256
MAX_NOTES: Final = 16
MAX_DEFINED: Final = 128
MAX_PARAMETERS: Final = 16
MAX_POINTS: Final = 64
"""So many points at which a function was called are told apart."""
MAX_MOVED: Final = 32
"""Of inputs with more entries not all points of a central difference are noted, and no quotient is formed."""
MAX_STEPS: Final = 8
"""So many values of a function near each entry are held against each other."""
MAX_QUOTIENTS: Final = 256
MAX_REACHED: Final = 256
"""So many statements are announced before they run."""


def of_loaded(loaded: Loaded) -> bool:
    """Whether a child can have loaded a module so. (How it *died* is not for it to say.)"""
    if loaded.failure is not None and not (isinstance(loaded.failure, Raised) and _raised(loaded.failure)):
        return False
    return (
        (loaded.predictions is None or _value(loaded.predictions))
        and len(loaded.misspelt) <= MAX_NAME
        and len(loaded.notes) <= MAX_NOTES
        and all(map(_note, loaded.notes))
        and len(loaded.defined) <= MAX_DEFINED
        and all(map(_defined, loaded.defined))
    )


def _note(note: Note) -> bool:
    small = note.line is None or abs(note.line) < 2**63
    # How a child ended is not for it to say.
    named = all(len(name) <= MAX_NAME for name in (note.name, note.stand_in))
    return note.what != "died" and small and named and len(note.message) <= MAX_MESSAGE


def _defined(one: Defined) -> bool:
    names = (one.name, one.inside, *(one.params or ()))
    return (
        abs(one.line) < 2**63
        and len(one.params or ()) <= MAX_PARAMETERS
        and all(len(name) <= MAX_NAME for name in names)
    )


def of_outcome(task: Task, outcome: Outcome) -> bool:
    """Whether ``outcome`` is an answer to ``task`` that the harness can have given."""
    match outcome:
        case Raised():
            return _raised(outcome)
        case Missing(found=found, near=near):
            return (found is None or len(found) <= MAX_NAME) and near is None
        case Misfit(signature=signature, wanted=wanted):
            given = () if isinstance(task, PlayLine) else task.args
            return len(signature) <= MAX_SIGNATURE and wanted == len(given)
        case Returned(value=value, mutated=mutated, evidence=evidence, roots=roots):
            lines = _line(outcome.asked) and _line(outcome.unkept)
            asked = isinstance(task, Call) and (evidence is None or _evidence(task, evidence)) and lines
            rooted = not roots or (isinstance(task, Call) and task.roots and all(map(_value, roots)))
            return asked and rooted and _positions(mutated, task) and _value(value)
        case Differentiated():
            return isinstance(task, Differentiate) and _differentiated(outcome, len(task.wrt), task)
        case Traced(graph=graph):
            return isinstance(task, Trace) and _graph(graph, task)
        case Taped(tape=tape, shown=shown):
            fits = shown is None if isinstance(task, Play) else shown is not None and _shown(shown)
            return isinstance(task, Play | PlayLine) and fits and _tape(tape)
        case _:
            return False


def _evidence(task: Call, evidence: Evidence) -> bool:
    if task.watched is None or not 0 <= evidence.nearby <= MAX_POINTS:
        return False
    fit = all(each.dtype == "float64" and math.prod(each.shape) <= MAX_MOVED for each in evidence.quotients)
    return fit and len(evidence.quotients) <= MAX_QUOTIENTS


def _differentiated(outcome: Differentiated, wanted: int, task: Task) -> bool:
    """One gradient for each leaf, or a problem and none; an error only where it raised."""
    values = [outcome.value, *outcome.grads]
    read = outcome.reading
    return (
        len(outcome.grads) == (0 if outcome.problem else wanted)
        and (outcome.problem == "raised") is (outcome.error is not None)
        and (outcome.error is None or _raised(outcome.error))
        and (read is None or (isinstance(task, Differentiate) and _reading(read, task)))
        and _positions(outcome.mutated, task)
        and _line(outcome.unkept)
        and all(map(_value, values))
    )


def _reading(read: GraphReading, task: Differentiate) -> bool:
    """Asked for, of bounded length, with no name that is longer than the harness' own."""
    several = (read.wrong, read.sums or (), read.means or (), read.independent or ())
    names = [name for pair in read.independent or () for name in pair]
    for wrong in read.wrong:
        mistake = wrong.mistake
        names += [mistake.code, mistake.place, mistake.label.variable, mistake.label.operation]
    return (
        (task.wrong_gradients or task.sides)
        and all(len(some) <= MAX_ITEMS for some in several)
        and all(len(name) <= MAX_NAME for name in names)
    )


def _graph(graph: Graph, task: Trace) -> bool:
    """Every arrow joins nodes that are there, forwards; only leaves are reached, each once."""
    size = len(graph.nodes)
    return (
        size <= MAX_NODES
        and len(graph.edges) <= MAX_EDGES
        and all(0 <= a < b < size for a, b in graph.edges)
        and len(graph.cut) <= len(graph.edges)
        and set(graph.cut) <= set(graph.edges)
        and (graph.output is None or 0 <= graph.output < size)
        and len(graph.reached) <= len(task.wrt)
        and set(graph.reached) <= set(task.wrt)
        and all(len(n.name) <= MAX_NAME and len(n.shape) <= MAX_DIMENSIONS for n in graph.nodes)
        and all(n.line is None or 1 <= n.line <= MAX_LINES for n in graph.nodes)
    )


def _tape(tape: Tape) -> bool:
    """Every step leads to a later one; arrays and words are small."""
    size = len(tape.steps)
    moves = [move for step in tape.steps for move in step.onward]
    arrays = [*(step.into for step in tape.steps), *(a for move in moves for a in (move.local, move.out))]
    shapes = [*(step.shape for step in tape.steps), *(s for move in moves for s in (move.shape, move.view))]
    return (
        size <= MOST_STEPS
        and len(moves) <= MAX_EDGES
        and all(n < move.to < size for n, step in enumerate(tape.steps) for move in step.onward)
        and all(len(word) <= MAX_NAME for step in tape.steps for word in (step.operation, step.name))
        and all(step.line is None or 1 <= step.line <= MAX_LINES for step in tape.steps)
        and all(len(shape) <= MAX_DIMENSIONS for shape in shapes)
        and all(array is None or _entries(array) <= MOST_ENTRIES for array in arrays)
    )


def _shown(shown: Shown) -> bool:
    arrays = [shown.value, *shown.inputs.values(), *([] if shown.held is None else [shown.held])]
    return (
        len(shown.inputs) <= MAX_ITEMS
        and all(len(name) <= MAX_NAME for name in (shown.leaf, shown.output, *shown.inputs))
        and len(shown.at) <= MAX_DIMENSIONS
        and all(_entries(array) <= MOST_ENTRIES for array in arrays)
    )


def _entries(array: Array) -> int:
    return math.prod(array.shape)


def _positions(mutated: tuple[int, ...], task: Task) -> bool:
    given = () if isinstance(task, PlayLine) else task.args
    return len(mutated) <= len(given) and all(0 <= i < len(given) for i in mutated)


def _line(line: int) -> bool:
    """Of the file, from 1; or 0 for none."""
    return 0 <= line <= MAX_LINES


def _raised(error: Raised) -> bool:
    return (
        len(error.type) <= MAX_NAME
        and len(error.message) <= MAX_MESSAGE
        and len(error.text) <= MAX_LINE
        and len(error.kinds) <= MAX_BASES
        and all(len(name) <= MAX_NAME for name in error.kinds)
        and all(n is None or abs(n) < 2**63 for n in (error.line, error.column, error.errno, error.culprit))
        and not (error.absent or error.later)
        and _line(error.asked)
        and _line(error.unkept)
        and len(error.stand_in) <= MAX_NAME
    )


def _value(value: Value, depth: int = 0) -> bool:
    match value:
        case Nothing() | Tensor():
            return True
        case Number(array=array):
            return array.shape == ()
        case Words(text=text):
            return len(text) <= MAX_WORDS
        case Foreign(type=name, absent=absent, parts=parts):
            names = (name, absent, *parts)
            return len(parts) <= MAX_ITEMS and all(len(each) <= MAX_NAME for each in names)
        case Sequence(items=items):
            return depth < MAX_DEPTH and len(items) <= MAX_ITEMS and all(_value(v, depth + 1) for v in items)
        case Mapping(items=entries):
            return (
                depth < MAX_DEPTH
                and len(entries) <= MAX_ITEMS
                and all(len(key) <= MAX_KEY and _value(v, depth + 1) for key, v in entries.items())
            )
