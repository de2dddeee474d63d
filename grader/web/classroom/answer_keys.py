"""Answer keys: how alike the answers to one assignment are, each text parsed once while the server runs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from grader.analytics.alike import answer_key, fragments, typed_key
from grader.analytics.normal_tree import Fragment
from grader.analytics.rows import Attempt
from grader.model.exercise import Exercise

MOST_PARSED: Final = 400
"""New texts in one request, at two milliseconds each. Those that are left out have the whole file's key."""
_KEPT: Final = 20_000

T = TypeVar("T")


class _Kept(Generic[T]):
    """The latest results by name, shared by all threads (least recently used goes first)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[tuple[str, str], T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: tuple[str, str]) -> T | None:
        with self._lock:
            found = self._found.get(name)
            if found is not None:
                self._found.move_to_end(name)
            return found

    def put(self, name: tuple[str, str], value: T) -> T:
        with self._lock:
            self._found[name] = value
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        return value


_answers: _Kept[str] = _Kept(_KEPT)
_fragments: _Kept[Mapping[str, Fragment]] = _Kept(_KEPT // 4)


def unexplained_keys(
    attempts: Iterable[Attempt],
    exercise: Exercise | None,
    trees: Mapping[str, tuple[str, str | None, dict[str, str], int]],
    texts: Callable[[Sequence[str]], Mapping[str, bytes]],
) -> dict[tuple[str, str], str]:
    """How alike the answers are that failed without a reason, by (submission, check).

    Of a typed answer by what was typed, else by the function that is judged and what it uses.

    :param trees: of each submission the digest of its text, the whole text's key, what was typed, and
        about which variant it is.
    :param texts: reads texts by their digests; called once.
    """
    functions = {check.id: check.function for check in (exercise.checks if exercise is not None else ())}
    typed = {check.id: check.answer for check in (exercise.checks if exercise is not None else ())}
    keys: dict[tuple[str, str], str] = {}
    wanted: dict[tuple[str, str], list[tuple[str, str]]] = {}
    newest_first = sorted(attempts, key=lambda attempt: attempt.at, reverse=True)
    for attempt in newest_first:
        digest, tree, said, variant = trees.get(attempt.submission_id, ("", None, {}, 0))
        for check in attempt.checks:
            if not check.unexplained:
                continue
            place = attempt.submission_id, check.check_id
            answer, function = typed.get(check.check_id), functions.get(check.check_id)
            if tree is not None:
                keys[place] = tree
            if answer is not None and answer in said:
                keys[place] = typed_key(said[answer])
            elif function is not None and digest:
                wanted.setdefault((digest, function), []).append(place)
            if answer is not None and variant and place in keys:
                keys[place] += f" variant {variant}"  # the same numbers answer another question there
    known = {name: _answers.get(name) for name in wanted}
    missing = [name for name, key in known.items() if key is None][:MOST_PARSED]
    read = texts(sorted({digest for digest, _ in missing}))
    for name in missing:
        if name[0] in read:
            known[name] = _answers.put(name, answer_key(read[name[0]], name[1]))
    for name, places in wanted.items():
        key = known[name]
        if key is not None:
            keys |= dict.fromkeys(places, key)
    return keys


def fragments_of(
    digests: Sequence[str], texts: Callable[[Sequence[str]], Mapping[str, bytes]]
) -> dict[str, Mapping[str, Fragment]]:
    """The fragments of texts, by their digests.

    :param texts: reads texts by their digests; called once.
    """
    found = {digest: _fragments.get((digest, "")) for digest in digests}
    read = texts(sorted(digest for digest, known in found.items() if known is None))
    for digest, text in read.items():
        found[digest] = _fragments.put((digest, ""), fragments(text))
    return {digest: known for digest, known in found.items() if known is not None}
