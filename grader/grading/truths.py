"""A cache of truths and plans, by exercise digest and seed: computed once, however many ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from grader.grading.observe import Sandbox
from grader.grading.plan import Plan, make_plan
from grader.grading.truth import Truth, observe_truth
from grader.model.exercise import Exercise

MOST: Final = 512
"""Whole truths that are kept: the pools of two assignments, at 0.1 to 0.8 MiB each."""
MOST_RIGHT: Final = 2048
"""Truths that only say what is right: the pools of eight assignments, at 50 KiB each with their plans."""
_Key = tuple[str, int]
"""Digest of an exercise, seed."""


class Truths:
    """A cache of truths, safe for threads: each is computed once, whoever asks first.

    Of two kinds. To know what is right takes a run of the reference (some 5 ms), and nearly all
    submissions need no more. To know the wrong answers that have names takes many runs of parts of it and
    twenty times as long: only who got something wrong asks for that.

    :param most: how many whole truths are kept. :param most_right: how many that only say what is right.
    """

    def __init__(self, most: int = MOST, most_right: int = MOST_RIGHT) -> None:
        self._lock = threading.Lock()
        self._most = {True: most, False: most_right}
        self._known: dict[bool, OrderedDict[_Key, Truth]] = {True: OrderedDict(), False: OrderedDict()}
        """Whole ones, and those that only say what is right."""
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()
        self._busy: dict[tuple[_Key, bool], threading.Lock] = {}

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

    def full(self, *, whole: bool = True) -> bool:
        """Whether another truth would push one out."""
        with self._lock:
            return len(self._known[whole]) >= self._most[whole]

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
        for kind in (True, False)[: 1 if whole else 2]:
            if key in self._known[kind]:
                self._known[kind].move_to_end(key)
                return self._known[kind][key]
        return None

    def _get(self, plan: Plan, sandbox: Sandbox, *, whole: bool) -> Truth:
        key = (plan.exercise.digest, plan.seed)
        with self._lock:
            if (found := self._find(key, whole)) is not None:
                return found
            gate = self._busy.setdefault((key, whole), threading.Lock())
        with gate:
            with self._lock:
                if (found := self._find(key, whole)) is not None:
                    return found
            truth = observe_truth(plan, sandbox, whole=whole)
            with self._lock:
                self._known[whole][key] = truth
                self._busy.pop((key, whole), None)
                while len(self._known[whole]) > self._most[whole]:
                    self._known[whole].popitem(last=False)
            return truth
