"""How an attack is run, and how it is seen that it harmed nobody.

An attack aims at points it has not earned, at what it may not see, at what is outside, or at
everybody's patience. Each runs through ``grader.grading.grade`` on the exercise
``control-flow`` (value 2, gradient 2, prediction 4, ratio 2) and afterwards an honest
submission, on the same pool, must be judged as ever.
"""

from __future__ import annotations

import platform
import textwrap
import time
from dataclasses import dataclass

import msgspec

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Limits
from grader.model.report import CheckResult, Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

F = """
import torch
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b
"""
"""The function the text gives, right."""

WRONG_F = """
import torch
def f(a):
    return a * 0
"""

ZERO = """
def grad_f(a):
    return a * 0
"""
"""A prediction that is wrong everywhere."""

ASK = """
def ask(a):
    x = a.detach().clone().requires_grad_(True)
    return torch.autograd.grad(f(x), x)[0]
"""
"""What a forbidden prediction would return."""

TOOLS = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def refused():
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *arguments) == -1:
        refused()
    raise SystemError(f"system call {number} was made")
def machine(code):
    # Runs bytes as machine code and returns what they leave in the first register.
    import mmap
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
def found(what):
    raise SystemError(f"found {what}")
"""
"""What an attacker brings along. ``found`` and ``call`` raise a SystemError where an attack succeeds."""

QUICK = Limits(case_seconds=0.25, total_seconds=1.5)
"""Limits under which a timeout does not take long."""
PATIENT = Limits(case_seconds=8.0, total_seconds=20.0)
"""Limits under which what ends by itself does so on a busy machine, too."""
SLACK = 15.0
"""Seconds that judging may take beyond a submission's limits, on a busy machine."""

HONEST = f"{F}\ndef grad_f(a):\n    return f(a) / a\n\nPREDICTIONS = {{'ratio': True}}\n"
HALF = f"{F}\ndef grad_f(a):\n    return f(a) / a / 2\n\nPREDICTIONS = {{'ratio': False}}\n"


@dataclass(frozen=True)
class Range:
    """Where attacks are tried."""

    pool: Pool
    library: Library
    truths: Truths

    def judge(
        self,
        source: str,
        seed: int = 0,
        exercise: str = "control-flow",
        limits: Limits | None = None,
        free: bool = False,
        **typed: str,
    ) -> Report:
        """The report on a submission; it is always graded: no attack makes *us* fail.

        :param free: predictions may be made as one likes, so that the verdict is the jail's, not a
            judgement on the means that the text names.
        """
        submission = Submission(textwrap.dedent(source).encode(), typed, seed)
        wanted = self.library.get(exercise)
        if limits is not None:
            wanted = msgspec.structs.replace(wanted, limits=limits)
        if free:
            checks = tuple(
                msgspec.structs.replace(check, autograd_allowed=True)
                if "autograd_allowed" in check.__struct_fields__
                else check
                for check in wanted.checks
            )
            wanted = msgspec.structs.replace(wanted, checks=checks)
        report = grade(wanted, submission, self.pool, self.truths)
        assert report.status == "graded"
        assert report.score == sum(c.points for c in report.checks if c.verdict == "passed")
        return report

    def attack(self, source: str, **more: str) -> dict[str, float]:
        """Points by check that an attack scores, once it is seen that it changed nothing for others."""
        points = {check.id: check.points for check in self.judge(source, **more).checks}
        self.assert_unharmed()
        return points

    def verdicts(self, source: str) -> dict[str, str]:
        """Verdicts by check of an attack, once it is seen that it changed nothing for others."""
        found = {check.id: str(check.verdict) for check in self.judge(source).checks}
        self.assert_unharmed()
        return found

    def attempt(self, body: str, *, limits: Limits = PATIENT, alone: bool = True) -> CheckResult:
        """The verdict on a prediction whose body is ``body``.

        It came in time, it scores nothing, it changed nothing for others, and (where it acts
        ``alone``) it costs the submission's other checks nothing.
        """
        body = textwrap.indent(textwrap.dedent(body), " ")
        source = f"{F}{TOOLS}\ndef grad_f(a):\n{body}\n"
        started = time.monotonic()
        report = self.judge(source, limits=limits, free=True)
        took = time.monotonic() - started
        assert took < limits.total_seconds + SLACK, f"{took:.1f} s"
        checks = {check.id: check for check in report.checks}
        assert checks["prediction"].points == 0
        if alone and checks["prediction"].verdict != "timeout":  # else their time may have been spent, too
            assert (checks["value"].points, checks["gradient"].points) == (2, 2)
        self.assert_unharmed(rounds=1)
        return checks["prediction"]

    def assert_unharmed(self, rounds: int = 2) -> None:
        """As many honest submissions as there are spares, or more: right ones are right, wrong ones wrong."""
        for _ in range(rounds):
            assert self.judge(HONEST).score == 10
            assert {c.id: c.points for c in self.judge(HALF).checks} == {
                "value": 2, "gradient": 2, "prediction": 0, "ratio": 0
            }  # fmt: skip


def number_of(name: str) -> int:
    """The number of a system call on this architecture; 424 and above are the same on all."""
    import pyseccomp

    number: int = _NEW.get(name, -1)
    return number if number >= 0 else pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)


_NEW = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "quotactl_fd": 443, "landlock_create_ruleset": 444, "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
    "memfd_secret": 447, "process_mrelease": 448, "futex_waitv": 449, "cachestat": 451, "fchmodat2": 452,
    "map_shadow_stack": 453, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459,
    "setxattrat": 463, "open_tree_attr": 467,
}  # fmt: skip
X86_64 = platform.machine() == "x86_64"
