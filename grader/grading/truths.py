"""Cache of truths and plans, by exercise digest and seed: computed once, however many ask."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Final

from grader.checks.evidence import Plan, Truth
from grader.errors import TruthBusy, TruthFailed, TruthLate
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.grading.truth import observe_truth
from grader.model.exercise import Exercise

MOST: Final = 512
"""Whole truths that are kept: the pools of two assignments, at 0.1 to 0.8 MiB each."""
MOST_RIGHT: Final = 2048
"""Truths that only say what is right: the pools of eight assignments, at 50 KiB each with their plans."""
OF_USE_SECONDS: Final = 1800.0
"""What is worked out ahead pushes out no truth that was asked for, or worked out, more recently."""
SLOW_SECONDS: Final = 5.0
"""A reference that took longer once is run by one thread at a time."""
FAILED_SECONDS: Final = 60.0
"""So long a reference that failed is not run again at the same seed; nor at any, if it was slow to fail."""
MOST_LATE: Final = 3
"""A reference that ran out of time so often in a row has failed: the machine is not to blame."""
_Key = tuple[str, int]
"""Digest of an exercise, seed."""


class Truths:
    """A cache of truths, safe for threads: each is computed once, whoever asks first.

    Of two kinds. To know what is right takes a run of the reference (some 5 ms), and nearly all
    submissions need no more. To know the wrong answers that have names takes many runs of parts of it and
    twenty times as long: only who got something wrong asks for that.

    A reference that is broken or slow holds up nobody else: its failure is remembered, and where others wait
    for their verdicts, too, only one thread at a time runs a reference that is not known to be quick.

    :param most: how many whole truths are kept.
    :param patience: seconds that a thread waits while another runs the reference, before it raises
        :class:`grader.errors.TruthBusy`; None: as long as it takes.
    """

    def __init__(self, most: int = MOST, patience: float | None = None) -> None:
        self._lock = threading.Lock()
        self._patience = patience
        self._ended = threading.Condition(self._lock)
        """Notified when a reference has run."""
        self._began: dict[tuple[_Key, bool], float] = {}
        """What is being worked out, and since when."""
        self._at_once: Counter[str] = Counter()
        """How many of an exercise are."""
        self._seconds: dict[str, float] = {}
        """The longest that an exercise's reference took."""
        self._failed: OrderedDict[tuple[str, int | None], tuple[float, TruthFailed]] = OrderedDict()
        """Until when a failure is remembered, and which it was; at all seeds where that is None."""
        self._late: Counter[str] = Counter()
        """How often an exercise's reference has run out of time since it last came to an end."""
        self._most = {True: most, False: MOST_RIGHT}
        self._known: dict[bool, OrderedDict[_Key, Truth]] = {True: OrderedDict(), False: OrderedDict()}
        """Whole ones, and those that only say what is right."""
        self._used: dict[_Key, float] = {}
        """When the truths that are kept were of use last."""
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()

    def plan(self, exercise: Exercise, seed: int) -> Plan:
        """The plan of ``exercise`` at ``seed``; it is as lasting as the truth, and kept with it."""
        key = (exercise.digest, seed)
        with self._lock:
            plan = self._plans.get(key)
        if plan is None or plan.exercise is not exercise:
            plan = make_plan(exercise, seed)
            with self._lock:
                self._plans[key] = plan
                while len(self._plans) > max(self._most.values()):
                    self._plans.popitem(last=False)
        return plan

    def missing(self, exercise: Exercise, seeds: Iterable[int], *, whole: bool = True) -> int | None:
        """The first of ``seeds`` whose truth is not at hand. None, too, where another truth would push out
        one that was of use within the last :data:`OF_USE_SECONDS`."""
        with self._lock:
            kept = self._known[whole]
            if len(kept) >= self._most[whole]:
                oldest = next(iter(kept))
                if time.monotonic() - self._used[oldest] < OF_USE_SECONDS:
                    return None
            return next((seed for seed in seeds if not self._has((exercise.digest, seed), whole)), None)

    def _has(self, key: _Key, whole: bool) -> bool:
        """Called with the lock held."""
        return key in self._known[True] or (not whole and key in self._known[False])

    def known(self, plan: Plan, *, whole: bool = True) -> bool:
        """Whether the truth of ``plan`` is at hand: the whole of it, or at least what is right."""
        with self._lock:
            return self._find((plan.exercise.digest, plan.seed), whole) is not None

    def of(self, plan: Plan, sandbox: Sandbox) -> Truth:
        """The whole truth of ``plan``: what is right, and the wrong answers that are known.

        :raises TruthFailed: the reference does not do what its exercise says.
        :raises SandboxFailed: it could not be run.
        """
        return self._get(plan, sandbox, whole=True)

    def right(self, plan: Plan, sandbox: Sandbox) -> Truth:
        """The truth of ``plan`` as far as it says what is right. Raises as :meth:`of`."""
        return self._get(plan, sandbox, whole=False)

    def _find(self, key: _Key, whole: bool) -> Truth | None:
        """Called with the lock held."""
        found = None
        for kind in (True, False)[: 1 if whole else 2]:
            if key in self._known[kind]:
                self._known[kind].move_to_end(key)
                self._used[key] = time.monotonic()
                found = found or self._known[kind][key]
        return found

    def ask(self, plan: Plan) -> None:
        """Raise at once what :meth:`right` would raise after a while, where that is known."""
        key = (plan.exercise.digest, plan.seed)
        with self._lock:
            if self._find(key, False) is None:
                self._raise_known_failure(key)
                patience = self._patience
                if patience is not None and self._held_up(key, False) and self._waited_for(key) >= patience:
                    raise _busy(plan)

    def _get(self, plan: Plan, sandbox: Sandbox, *, whole: bool) -> Truth:
        key = (plan.exercise.digest, plan.seed)
        with self._lock:
            began = time.monotonic()
            while True:
                if (found := self._find(key, whole)) is not None:
                    return found
                self._raise_known_failure(key)
                if not self._held_up(key, whole):
                    break
                left = None
                if self._patience is not None:
                    left = self._patience - max(self._waited_for(key), time.monotonic() - began)
                    if left <= 0:
                        raise _busy(plan)
                self._ended.wait(left)
            began = self._began[key, whole] = time.monotonic()
            self._at_once[key[0]] += 1
        try:
            truth = observe_truth(plan, sandbox, whole=whole)
        except TruthFailed as error:
            self._note_failure(key, error, time.monotonic() - began)
            raise
        else:
            self._note(key, whole, truth, time.monotonic() - began)
            return truth
        finally:
            with self._lock:
                del self._began[key, whole]
                self._at_once[key[0]] -= 1
                self._ended.notify_all()

    def _held_up(self, key: _Key, whole: bool) -> bool:
        """Whether another thread is to end first. Called with the lock held."""
        if (key, whole) in self._began:
            return True
        quick = self._seconds.get(key[0], SLOW_SECONDS) < SLOW_SECONDS
        return self._patience is not None and not quick and self._at_once[key[0]] > 0

    def _waited_for(self, key: _Key) -> float:
        """For how long the exercise's reference has been running. Called with the lock held."""
        since = [began for (other, _), began in self._began.items() if other[0] == key[0]]
        return time.monotonic() - min(since, default=time.monotonic())

    def _raise_known_failure(self, key: _Key) -> None:
        """Called with the lock held."""
        for which in ((key[0], None), key):
            until, error = self._failed.get(which, (0.0, None))
            if error is not None and until > time.monotonic():
                if self._patience is not None and isinstance(error, TruthLate):
                    # Who asks has not tried: it counts as no failure of theirs.
                    raise TruthBusy(str(error), until - time.monotonic())
                raise type(error)(str(error))
            self._failed.pop(which, None)

    def _note(self, key: _Key, whole: bool, truth: Truth, seconds: float) -> None:
        with self._lock:
            self._late.pop(key[0], None)
            self._seconds[key[0]] = max(seconds, self._seconds.get(key[0], 0.0))
            self._known[whole][key] = truth
            self._used[key] = time.monotonic()
            while len(self._known[whole]) > self._most[whole]:
                old, _truth = self._known[whole].popitem(last=False)
                if not self._has(old, whole=False):
                    self._used.pop(old, None)

    def _note_failure(self, key: _Key, error: TruthFailed, seconds: float) -> None:
        with self._lock:
            until = time.monotonic() + FAILED_SECONDS
            kept = type(error)(str(error))  # without a way back to what was seen
            if isinstance(error, TruthLate):
                self._late[key[0]] += 1
                if self._late[key[0]] >= MOST_LATE:
                    kept = TruthFailed(str(error))
            self._failed[key if seconds < SLOW_SECONDS else (key[0], None)] = (until, kept)
            while len(self._failed) > self._most[True]:
                self._failed.popitem(last=False)


def _busy(plan: Plan) -> TruthBusy:
    return TruthBusy(
        f"{plan.exercise.slug}: the reference is being run for another submission, and takes long"
    )
