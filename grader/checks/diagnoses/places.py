"""Places in the reference's graph: the one of several wrong gradients of a code that came at every case."""

from __future__ import annotations

from msgspec.structs import replace

from grader.checks.compare import same
from grader.checks.diagnoses.reason import Holds
from grader.checks.diagnoses.samples import Relation, Sample, all_telling, everywhere
from grader.model.wrong_gradients import NO_LABEL, Label, Mistake


def at_one_place(code: str, samples: list[Sample]) -> Relation | None:
    """The one of several wrong answers of a kind that ``given`` is at every case.

    By its place in the graph; and where the graph is another from case to case (a loop), by its name.
    """
    fitting: list[list[Mistake]] = []
    for sample in samples:
        members = sample.wrong_gradients.several(code)
        if not members and sample.correct:
            continue  # nothing of the kind happens on this branch, and the answer is right there
        fits = [mistake for mistake, wrong in members.items() if same(sample.given, wrong)]
        if not fits:
            return None
        fitting.append(fits)
    if not fitting or all_telling(samples) < 2:
        return None
    places = set.intersection(*({mistake.place for mistake in fits} for fits in fitting))
    # Where all places of a kind come to the same as one of them, the one is named.
    together = {mistake.place for mistake in fitting[0] if mistake.label.everywhere}
    places = (places - together) or places
    labels = {mistake.label for mistake in fitting[0] if mistake.place in places}
    for fits in fitting if places else []:
        labels &= {mistake.label for mistake in fits}
    if places and not labels:
        # In one case a round of a loop has a name, in another none has: the operation is what they share.
        labels = {replace(m.label, variable="") for m in fitting[0] if m.place in places}
    if not places:
        labels = set.intersection(*({m.label for m in fits} for fits in fitting)) - {NO_LABEL}
        if not labels:
            return None
    return Relation(code, labels=(one_label(labels),))


def one_label(labels: set[Label]) -> Label:
    """The label; where several places give the same numbers, no place is named."""
    return next(iter(labels)) if len(labels) == 1 else NO_LABEL


def at_a_place(code: str) -> Holds:
    """A rule for one of several wrong gradients of a kind."""

    def rule(samples: list[Sample]) -> Relation | None:
        return at_one_place(code, samples)

    return rule


def single(code: str) -> Holds:
    """A rule for a wrong gradient of which there is only one."""

    def rule(samples: list[Sample]) -> Relation | None:
        found = everywhere(samples, lambda s: s.wrong_gradients.single(code))
        return Relation(code) if found else None

    return rule
