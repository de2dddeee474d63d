"""Relations to wrong answers that were read off the reference's graph, several of a kind.

Their keys are ``code:place:label`` (:mod:`grader.sandbox.inside.relatives`); the label is
``variable|operation``, with a ``*`` before the operation where all places of a kind were changed at once.
"""

from __future__ import annotations

import numpy as np

from grader.checks.compare import ATOL, same
from grader.checks.points import Numbers
from grader.checks.samples import Relation, Sample, all_telling, telling

SCALE_ENTRIES = 3
"""So many entries that are not zero must agree on a factor before it is called one."""


def family(code: str, sample: Sample) -> dict[str, Numbers]:
    """The wrong answers of one kind at one case, by key."""
    prefix = f"{code}:"
    return {key: v for key, v in (sample.relatives or {}).items() if key.startswith(prefix)}


def _label(key: str) -> str:
    return key.rpartition(":")[2]


def _place(key: str) -> str:
    return key.split(":", 2)[1]


def _together(place: str) -> bool:
    """Whether it is all places of a kind at once."""
    return place.startswith("all-")


def of_family(code: str, samples: list[Sample]) -> Relation | None:
    """The one of several wrong answers of a kind that ``given`` is at every case.

    By its place in the graph; and where the graph is another from case to case (a loop), by its name.
    """
    fitting: list[dict[str, Numbers]] = []
    for sample in samples:
        members = family(code, sample)
        if not members and sample.correct:
            continue  # nothing of the kind happens on this branch, and the answer is right there
        fits = {key: v for key, v in members.items() if same(sample.given, v)}
        if not fits:
            return None
        fitting.append(fits)
    if not fitting or all_telling(samples) < 2:
        return None
    places = set.intersection(*({_place(key) for key in fits} for fits in fitting))
    # Where all places of a kind come to the same as one of them, the one is named.
    places = {place for place in places if not _together(place)} or places
    labels = {_label(key) for key in fitting[0] if _place(key) in places}
    for fits in fitting if places else []:
        labels &= {_label(key) for key in fits}
    if places and not labels:
        # In one case a round of a loop has a name, in another none has: the operation is what they share.
        labels = {f"|{_label(key).partition('|')[2]}" for key in fitting[0] if _place(key) in places}
    if not places:
        labels = set.intersection(*({_label(key) for key in fits} for fits in fitting)) - {"", "|"}
        if not labels:
            return None
    return Relation(code, labels=(_one(labels),))


def _one(labels: set[str]) -> str:
    """The label; where several places give the same numbers, no place is named."""
    return next(iter(labels)) if len(labels) == 1 else "|"


def of_graph(samples: list[Sample]) -> Relation | None:
    """Without one edge, one local derivative, or two edges: the one that fits, if one does."""
    path, factor = of_family("missing-path", samples), of_family("missing-factor", samples)
    # A term that is the whole of what one variable brings is both; the path says more of where to look.
    return path or factor or two_paths(samples)


def two_paths(samples: list[Sample]) -> Relation | None:
    """``right − c_i − c_j``: two edges are missing, each with what flows along it.

    Only where neither lies behind the other: of two edges on one way, the flow along one is a part of the
    other's, and would be taken away twice.
    """
    pairs: set[tuple[str, str]] | None = None
    for sample in sorted(samples, key=lambda s: -telling(s.given, s.right)):
        members = {k: v for k, v in family("missing-path", sample).items() if not _together(_place(k))}
        keys = sorted(members)
        if len(keys) < 2 or any(members[k].shape != sample.given.shape for k in keys):
            return None
        if pairs is None:
            pairs = _likely_pairs(sample, members, keys)
        apart = _apart(sample)
        pairs = {
            (a, b)
            for a, b in pairs
            if a in members
            and b in members
            and (apart is None or (_place(a), _place(b)) in apart)
            and same(sample.given, members[a] + members[b] - sample.right)
        }
        if not pairs:
            return None
    assert pairs is not None
    if all_telling(samples) < 2:
        return None
    named = {tuple(sorted((_label(a), _label(b)))) for a, b in pairs}
    return Relation("missing-path", labels=named.pop() if len(named) == 1 else ("|", "|"))


def _apart(sample: Sample) -> set[tuple[str, str]] | None:
    """The pairs of places neither of which lies behind the other; None where nothing is known of that."""
    relatives = sample.relatives or {}
    rows = [relatives[key] for key in ("independent", "independent-inside") if key in relatives]
    if not rows:
        return None
    found: set[tuple[str, str]] = set()
    for row in np.concatenate(rows).astype(int).tolist():
        one, other = f"{row[0]}.{row[1]}", f"{row[2]}.{row[3]}"
        found |= {(one, other), (other, one)}
    return found


def _likely_pairs(sample: Sample, members: dict[str, Numbers], keys: list[str]) -> set[tuple[str, str]]:
    """Pairs that fit roughly, in the entry that is furthest off: a hundred edges make thousands of pairs."""
    gap = np.nan_to_num(np.abs(sample.given - sample.right), nan=-1.0, posinf=-1.0)
    if not gap.size:
        return set()
    at = int(np.argmax(gap))
    there = np.array([members[key].flat[at] for key in keys], dtype=np.float64)
    due = float(sample.given.flat[at]) + float(sample.right.flat[at])
    size = float(np.max(np.abs(sample.given), initial=0.0))
    near = np.abs(there[:, None] + there[None, :] - due) <= 0.03 * size + 1e-6
    return {(keys[i], keys[j]) for i, j in np.argwhere(near) if i < j}


def scaled_path(samples: list[Sample]) -> Relation | None:
    """``right + (k − 1)·c``, ``c`` what flows along one edge: one term has the wrong sign or a factor."""
    factors: dict[str, float] = {}
    for sample in samples:
        fits: dict[str, float] = {}
        for key, without in family("missing-path", sample).items():
            if without.shape != sample.right.shape or sample.given.shape != sample.right.shape:
                return None
            term = (sample.right - without).astype(np.float64)
            k = _ratio(sample.given - without, term)
            if k is not None:
                fits[key] = k
        if sample.correct and not fits:
            return None
        if sample is samples[0]:
            factors = fits
        # A term that vanishes at this case says nothing of its factor there.
        factors = {
            key: (k if np.isnan(fits[key]) else fits[key])
            for key, k in factors.items()
            if key in fits and (np.isnan(k) or np.isnan(fits[key]) or abs(k - fits[key]) <= 1e-6 * abs(k))
        }
        if not factors:
            return None
    known = {key: k for key, k in factors.items() if np.isfinite(k) and abs(k - 1) > 1e-3 and k != 0}
    if len({round(k, 5) for k in known.values()}) != 1 or all_telling(samples) < SCALE_ENTRIES:
        return None
    k = next(iter(known.values()))
    nice = next((p / q for q in range(1, 7) for p in range(-12, 13) if abs(k - p / q) <= 1e-6 * abs(k)), None)
    if nice is None:
        return None
    single = {_label(key) for key in known if not _together(_place(key))}
    label = _one(single or {_label(key) for key in known})
    return Relation("sign", labels=(label,)) if nice == -1 else Relation("scale", nice, labels=(label,))


def _ratio(numbers: Numbers, term: Numbers) -> float | None:
    """The one factor between two arrays; NaN where the second is zero throughout, None for none."""
    size = float(np.max(np.abs(term), initial=0.0))
    zero = np.abs(term) <= ATOL * max(1.0, size)
    if not (np.isfinite(numbers).all() and np.isfinite(term).all()):
        return None
    if zero.all():
        return float("nan") if bool((np.abs(numbers) <= ATOL * max(1.0, size)).all()) else None
    k = float(np.median(numbers[~zero] / term[~zero]))
    return k if same(numbers.astype(np.float64), k * term) else None
