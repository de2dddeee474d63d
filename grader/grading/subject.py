"""Subject of the pictures of a submission: the function that they are of, and the prediction beside it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.check import Check
from grader.model.exercise import Exercise, Input


@dataclass(frozen=True)
class Subject:
    """What the pictures are of.

    :ivar function: the first function of the student's whose gradient is judged, or else the first.
    :ivar judged: whether a gradient of it is.
    :ivar prediction: the check of a programmed prediction of its gradient, and the function that predicts.
    :ivar one: its only input, where that is a number of floating point that it is differentiated by.
    :ivar own: the student designed it: right is what autograd says of it.
    """

    function: str
    args: tuple[str, ...]
    output: int | str | None
    judged: bool
    prediction: Check | None
    one: Input | None
    own: bool


def subject_of(exercise: Exercise) -> Subject:
    through = {check.function: check for check in reversed(exercise.checks) if check.through_function}
    main = next((f for f in exercise.functions if f.name in through), exercise.functions[0])
    check = through.get(main.name)
    inputs = {i.name: i for i in exercise.inputs}
    first = inputs[main.args[0]] if len(main.args) == 1 else None
    one = first if first is not None and first.differentiable and first.dtype.startswith("float") else None
    predicting = [
        c
        for c in exercise.checks
        if c.whole_gradient
        and c.function is not None
        and c.of == main.name
        and exercise.function(c.function).args == main.args
    ]
    own = any(c.of_own for c in predicting)
    return Subject(
        function=main.name,
        args=main.args,
        output=check.output if check is not None else None,
        judged=check is not None or bool(predicting),
        prediction=predicting[0] if predicting else None,
        one=one,
        own=own,
    )
