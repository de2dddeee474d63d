"""Codes of misconceptions: what the finder says of each where no author's word is at hand."""

from __future__ import annotations

from collections.abc import Iterator

from grader.authoring.finder import Named
from grader.authoring.findings import Finding, Folder
from grader.model.exercise import Exercise


def prove_codes(exercise: Exercise, named: list[Named], folder: Folder) -> Iterator[Finding]:
    """Codes that are listed, and that the finder alone does not give: they would be an untrue promise.

    :param named: what the finder says of each misconception at each check where it can tell.
    """
    assert exercise.solution is not None
    for n, wrong in enumerate(exercise.solution.misconceptions):
        rows = [row for row in named if row.answer == wrong.id]
        if not wrong.codes or not rows:
            continue
        where = f"$.misconception[{n}].codes"
        for row in rows:
            if row.alone not in wrong.codes:
                says = f"calls it '{row.alone}'" if row.alone else "has no name for it"
                what = f"misconception '{wrong.id}': at check '{row.check}' the finder alone {says}, not "
                yield folder.in_solution(what + " or ".join(f"'{code}'" for code in wrong.codes), where)
        given = {row.alone for row in rows}
        if given & set(wrong.codes):
            for code in wrong.codes:
                if code not in given:
                    what = (
                        f"misconception '{wrong.id}': the finder calls it '{code}' at no check; take it out"
                    )
                    yield folder.in_solution(what, where)


def lines(named: list[Named]) -> Iterator[str]:
    """Per misconception and check, whether the finder alone names it: ``yes (scale)`` or ``no``."""
    for row in named:
        if row.alone is None:
            says = "no"
        elif row.alone in row.right:
            says = f"yes ({row.alone})"
        else:
            says = f"yes ({row.alone}; if that is true of it, list it under codes)"
        yield f"{row.answer} at '{row.check}': named by the finder alone: {says}"
