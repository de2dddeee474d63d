"""Forged answers, hidden tracks, borrowed answers: what a student's code may try on the way out.

Doors to autograd itself: ``test_asking_autograd.py``.
"""

# Attacks are one-liners, as they are handed in.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from grader.model.exercise import Limits

from .bench import ASK, HONEST, WRONG_F, ZERO, F, Range

NOTHING = {"value": 0, "gradient": 0, "prediction": 0, "ratio": 0}
ONLY_F = {"value": 2, "gradient": 2, "prediction": 0, "ratio": 0}
BY_HAND = """
import os, struct, sys
from grader.sandbox import wire
from grader.model import observation as o, values as v
def send(*messages):
    for message in messages:
        os.write(3, message if type(message) is bytes else wire.encode(message))
def scalar(x):
    return v.Tensor(v.Array("float64", (), struct.pack("<d", x)))
def tasks():
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == "Tasks":
                return value.tasks
            if type(value) is tuple and value and type(value[0]).__name__ in ("Call", "Differentiate"):
                return value
        frame = frame.f_back
    import gc
    for thing in gc.get_objects():
        if type(thing) is tuple and thing and type(thing[0]).__name__ in ("Call", "Differentiate"):
            return thing
    return ()
def answer(task, x=0.0, evidence=True):
    if type(task).__name__ == "Call":
        return o.Returned(scalar(x), (), o.Evidence() if evidence else None)
    return o.Differentiated(scalar(x), (scalar(x),))
"""
"""What it takes to speak as the harness speaks."""


# Frames written by hand.


@pytest.mark.parametrize(
    "forgery",
    [
        # Everything at once, and gone before the harness can speak.
        "for t in tasks(): send(wire.Finished(t.id, answer(t)))\n    send(wire.Done()); os._exit(0)",
        # Twice the same answer; an answer and the harness' own; an answer to another question.
        "send(*[wire.Finished(tasks()[0].id, answer(tasks()[0]))] * 2)",
        "send(wire.Finished(tasks()[0].id, answer(tasks()[0])))",
        "send(wire.Finished(tasks()[-1].id, answer(tasks()[-1])))",
        "send(wire.Finished('no such task', answer(tasks()[0])))",
        # The end before the end, and more after it.
        "send(wire.Done()); os._exit(0)",
        "send(wire.Done(), wire.Done())",
        "for t in tasks(): send(wire.Finished(t.id, answer(t)))\n"
        "    send(wire.Done(), *[wire.Finished(t.id, answer(t, 2.0)) for t in tasks()])",
        # The beginning again.
        "send(wire.Waiting(()), wire.Loading(o.Loaded()))",
        "send(wire.Hello('3', '2', 0.0))",
        # Cut short, too long, out of shape.
        "send(wire.encode(wire.Done())[:-1]); os._exit(0)",
        "send(struct.pack('<4sI', b'grw2', 2**32 - 1))",
        "send(b'[' * 10**6)",
        "send(b'\\0' * 12)",
        # What the harness would never say.
        "send(wire.Finished(tasks()[0].id, o.Died('timeout')))",
        "send(wire.Finished(tasks()[0].id, o.Skipped()))",
        "send(wire.Finished(tasks()[0].id, o.Differentiated(scalar(0.0), ())))",
        "send(wire.Finished(tasks()[0].id, answer(tasks()[0], evidence=False)))",
        "send(wire.Finished(tasks()[0].id, o.Raised('x' * 10**6, 'y' * 10**6)))",
        "send(wire.Finished(tasks()[0].id, o.Returned(v.Words('x' * 10**6), (), o.Evidence())))",
        "send(wire.Finished(tasks()[0].id, o.Returned(scalar(0.0), (99, -1), o.Evidence())))",
        "send(wire.Finished(tasks()[0].id, o.Missing('x' * 10**6)))",
        "send(b''.join(wire.encode(wire.Finished(t.id, answer(t))) for t in tasks()) * 50)",
    ],
)
def test_cant_write_frames_by_hand(range_: Range, forgery: str) -> None:
    """In the prediction, in f, and while the module is executed: no point, and no failure of ours."""
    assert range_.attack(f"{WRONG_F}{BY_HAND}\ndef grad_f(a):\n    {forgery}\n    return a * 0\n") == NOTHING
    assert range_.judge(f"{F}{BY_HAND}\ndef f(a):\n    {forgery}\n    return a * 0\n{ZERO}").score == 0
    attack = f"{WRONG_F}{ZERO}{BY_HAND}\nif True:\n    send(wire.Loading(o.Loaded()))\n    {forgery}\n"
    assert range_.judge(attack.replace("tasks()[0]", "(tasks() or [0])[0]")).score == 0


def test_cant_win_by_a_frame_without_end(range_: Range) -> None:
    """It swallows what the harness says after it, until the time is over."""
    swallow = "send(struct.pack('<4sI', b'grw2', 9 << 20) + b' ' * 4096)"
    short = Limits(case_seconds=0.5, total_seconds=2.0)
    for attack in (
        f"{WRONG_F}{BY_HAND}\ndef grad_f(a):\n    {swallow}\n    return a * 0\n",
        f"{F}{BY_HAND}\ndef f(a):\n    {swallow}\n    return a * 0\n{ZERO}",
        f"{WRONG_F}{ZERO}{BY_HAND}\nif True:\n    send(wire.Loading(o.Loaded()))\n    {swallow}\n",
    ):
        assert range_.judge(attack, limits=short).score == 0
    range_.assert_unharmed()


@pytest.mark.parametrize(
    "outcome",
    [
        "o.Differentiated(scalar(0.0), ())",
        "o.Differentiated(scalar(0.0), (scalar(0.0),) * 5)",
        "o.Differentiated(scalar(0.0), (), 'raised')",
        "o.Differentiated(scalar(0.0), (scalar(0.0),), 'no-graph')",
        "o.Differentiated(scalar(0.0), (v.Words('x'),), '', None, {'undetached': scalar(0.0)})",
        "o.Returned(scalar(0.0), (), o.Evidence())",
        "o.Returned(v.Number('float', v.Array('float64', (2,), bytes(16))))",
        "o.Misfit('f()', -5)",
    ],
)
def test_cant_answer_in_a_form_that_was_not_asked_for(range_: Range, outcome: str) -> None:
    """A gradient check is answered by a gradient, one for each leaf, or by a problem: judging relies on it."""
    attack = f"""
{F}{BY_HAND}
def f(a):
    send(wire.Finished(tasks()[int(os.environ.get("N", "0"))].id, {outcome}))
def grad_f(a):
    for t in tasks():
        send(wire.Finished(t.id, answer(t) if type(t).__name__ == "Call" else {outcome}))
    send(wire.Done())
    os._exit(0)
"""
    assert range_.attack(attack) == NOTHING


def test_cant_wake_the_grader_with_a_shape_that_no_array_has(range_: Range) -> None:
    """No bytes, and wider than numpy can count: refused on the wire, not a failure of ours."""
    attack = f"""
{F}{BY_HAND}
def grad_f(a):
    empty = v.Tensor(v.Array("float64", (0, 10**30), b""))
    for t in tasks():
        call = type(t).__name__ == "Call"
        send(wire.Finished(t.id, o.Returned(empty, (), o.Evidence()) if call else o.Differentiated(empty, (empty,))))
    send(wire.Done())
    os._exit(0)
"""
    assert range_.attack(attack) == ONLY_F


def test_cant_send_and_never_end(range_: Range) -> None:
    """A channel that is kept busy with nothing is still late."""
    trickle = "import os, time\ndef grad_f(a):\n    while True:\n        os.write(3, b'grw2')\n        time.sleep(0.2)\n"
    assert range_.attack(F + trickle) == ONLY_F


# Dying at the right moment.


@pytest.mark.parametrize(
    "way",
    [
        "os._exit(0)",
        "sys.exit(0)",
        "raise SystemExit(0)",
        "ctypes.CDLL(None).exit(0)",
        "ctypes.CDLL(None)._exit(0)",
        "os.kill(os.getpid(), 15)",
        "os.kill(0, 9)",
        "os.kill(-1, 9)",
        "os.abort()",
    ],
)
def test_cant_win_by_ending_well(range_: Range, way: str) -> None:
    """A zero on the way out says nothing: what was not answered is not scored, wherever it ends."""
    start = f"import os, sys, ctypes\ndef end(*a):\n    {way}\n"
    assert range_.attack(start + WRONG_F + ZERO + "end()") == NOTHING
    for source in (WRONG_F + "grad_f = end\n", ZERO + "f = end\n", "f = grad_f = end\n"):
        assert range_.judge(start + source).score == 0


@pytest.mark.parametrize(
    "later",
    [
        "import atexit; atexit.register(end)",
        "sys.stdout.flush = end",
        "class D:\n    __del__ = end\nD()\nkeep = D()",
        "sys.excepthook = sys.unraisablehook = end",
        "sys.settrace(end)",
        "sys.setprofile(end)",
        "sys.addaudithook(end)",
        "import signal; signal.signal(signal.SIGALRM, end); signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)",
        "import gc; gc.callbacks.append(end); gc.enable(); gc.set_threshold(1)",
        "import builtins; builtins.memoryview = builtins.len = builtins.print = end",
        "import warnings; warnings.showwarning = end",
    ],
)
def test_cant_win_by_waiting(range_: Range, later: str) -> None:
    """A hook that runs later runs in the same child, which knows as little then as now."""
    attack = f"""
import os, sys
{WRONG_F}{ZERO}{BY_HAND}
def end(*a, **k):
    for t in tasks(): send(wire.Finished(t.id, answer(t)))
    send(wire.Done())
    os._exit(0)
{later}
"""
    assert range_.attack(attack) == NOTHING


# Asking autograd all the same.

REBINDINGS = {
    "os.write": "os.write = lambda fd, data: real_write(fd, clean(data))\nreal_write = __import__('posix').write",
    "wire.encode": "wire.encode = lambda m: clean(real(m))",
    "msgspec": "import msgspec; dumps = msgspec.msgpack.encode; msgspec.msgpack.encode = lambda *a, **k: clean(dumps(*a, **k))",
    "Evidence": "harness.Evidence = o.Evidence = lambda *a, **k: quiet",
    "Returned": "old = harness.Returned; harness.Returned = o.Returned = lambda v, m=(), e=None: old(v, m, quiet)",
    "memoryview": "import builtins; view = memoryview; builtins.memoryview = lambda data: view(clean(data))",
    "bytes": "import builtins; builtins.bytes = lambda *a: clean(*a)",
    "json": "import json; json.dumps = json.JSONEncoder.encode = lambda *a, **k: '{}'",
    "struct": "struct.pack = lambda *a: b''",
    "vars": "import builtins; builtins.vars = lambda *a: {}",
    "the harness' functions": "harness._task_runner = harness.observe = harness.serialize = lambda *a: quiet",
    "the harness itself": "sys.modules['grader.sandbox.inside.harness'] = sys.modules['grader.sandbox.wire'] = None",
    "every name of the harness": "for n in list(vars(harness)):\n    if n[:2] != '__' and n not in KEEP: setattr(harness, n, quiet)",
}


@pytest.mark.parametrize("rebind", list(REBINDINGS.values()), ids=list(REBINDINGS))
def test_cant_hide_autograd_by_rebinding(range_: Range, rebind: str) -> None:
    """Nothing looks: whatever is bound anew, there is no autograd to be asked where predictions are made."""
    attack = f"""
{F}{ASK}{BY_HAND}
from grader.sandbox.inside import harness
import re
KEEP = ()
real, quiet = wire.encode, o.Evidence()
def clean(data):
    return re.sub(rb'(?<=nearby)[\x01-\x7f]', b'\0', data)
grad_f = ask
{rebind}
"""
    assert range_.attack(attack)["prediction"] == 0


BETWEEN = """
cache = {}
def compute(*a):
    for task in tasks():
        x = torch.frombuffer(bytearray(task.args[0].data), dtype=torch.float64)[0].clone()
        if x.item() not in cache:
            cache[x.item()] = None
            cache[x.item()] = ask(x)
def grad_f(a):
    return cache.get(a.item(), a * 0)
"""


@pytest.mark.parametrize(
    "when",
    [
        "compute()",
        "class Out:\n    write = lambda self, text: None\n    def flush(self): compute()\nsys.stdout = Out()",
        "import signal\nsignal.signal(signal.SIGALRM, compute)\nsignal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)",
        "g = grad_f\nclass G:\n    __call__ = lambda self, a: g(a)\n"
        "    @property\n    def __signature__(self):\n        compute()\n        raise ValueError\ngrad_f = G()",
        "g = grad_f\ndef grad_f(a):\n    compute()\n    return g(a)",
        "g = grad_f\nclass R(torch.Tensor):\n    def __del__(self): compute()\n"
        "def grad_f(a):\n    return torch.as_tensor(g(a)).as_subclass(R)",
        "sys.setprofile(compute)",
        "dec = wire.Decoder.feed\ndef feed(self, data):\n    found = dec(self, data)\n    compute()\n    return found\n"
        "wire.Decoder.feed = feed",
    ],
    ids=["at load", "flush", "signal", "signature", "first call", "del", "profile", "decoder"],
)
def test_cant_look_the_answers_up(range_: Range, when: str) -> None:
    """At the points that will be asked, beforehand or in passing: there is no autograd there, either."""
    report = range_.judge(F + ASK + BY_HAND + BETWEEN + when)
    check = next(c for c in report.checks if c.id == "prediction")
    assert check.points == 0, check
    range_.assert_unharmed()


def test_cant_remember_the_visible_cases(range_: Range) -> None:
    """What can be worked out while the module is executed are the points that every student sees."""
    table = f"{F}{ASK}\ntable = {{x: ask(torch.tensor(x, dtype=torch.float64)) for x in (1.5, -2.0)}}\n"
    assert range_.attack(table + "def grad_f(a):\n    return table.get(a.item(), a * 0)\n") == ONLY_F


def test_cant_keep_an_answer_for_the_next_child(range_: Range) -> None:
    """A child that died is gone with everything that it could have left."""
    attack = f"""
{F}{ASK}{BY_HAND}{BETWEEN}
import json
PLACES = ("/tmp/left", "/dev/shm/left", "/var/tmp/left", "left")
for place in PLACES:
    if os.path.exists(place):
        cache.update({{float(k): torch.tensor(x) for k, x in json.load(open(place)).items()}})
look = grad_f
def grad_f(a):
    if cache:
        return look(a)
    compute()
    for place in PLACES:
        try:
            json.dump({{k: x.item() for k, x in cache.items()}}, open(place, "w"))
        except OSError:
            pass
    os._exit(0)
"""
    assert range_.attack(attack)["prediction"] == 0
    assert range_.attack(attack)["prediction"] == 0


@pytest.mark.parametrize(
    "helper",
    [
        "import threading\ndef grad_f(a):\n out = []\n t = threading.Thread(target=lambda: out.append(ask(a)))\n"
        " t.start()\n t.join()\n return out[0]",
        "from multiprocessing.pool import ThreadPool\ngrad_f = lambda a: ThreadPool(1).map(ask, [a])[0]",
        "import os\ndef grad_f(a):\n r, w = os.pipe()\n if os.fork() == 0:\n  os.write(w, repr(ask(a).item()).encode())\n"
        "  os._exit(0)\n return torch.tensor(float(os.read(r, 99)), dtype=a.dtype)",
        "import subprocess\ndef grad_f(a):\n return float(subprocess.check_output(['python3', '-c', '...']))",
        "import torch.multiprocessing as m\ngrad_f = lambda a: m.spawn(ask, (a,))",
    ],
    ids=["thread", "pool", "fork", "subprocess", "spawn"],
)
def test_cant_send_autograd_elsewhere(range_: Range, helper: str) -> None:
    """There is no second thread and no second process."""
    assert range_.verdicts(F + ASK + helper)["prediction"] in ("forbidden", "error")


@pytest.mark.parametrize(
    "mode",
    [
        "grad_f = lambda a: torch.func.jvp(f, (a,), (torch.ones_like(a),))[1]",
        "grad_f = torch.func.jacfwd(f)",
        "import torch.autograd.forward_ad as fw\ndef grad_f(a):\n with fw.dual_level():\n"
        "  return fw.unpack_dual(f(fw.make_dual(a, torch.ones_like(a)))).tangent",
    ],
    ids=["jvp", "jacfwd", "dual"],
)
def test_cant_use_forward_mode(range_: Range, mode: str) -> None:
    """torch's dual numbers carry no tangent where predictions are made."""
    assert range_.attack(F + mode) == ONLY_F


@pytest.mark.parametrize(
    "quotient",
    [
        "grad_f = lambda a: (f(a + 1e-6) - f(a)) / 1e-6",
        "grad_f = lambda a: (f(a * (1 + 1e-7)) - f(a * (1 - 1e-7))) / (2e-7 * a)",
        "def grad_f(a, h=1e-5):\n return (f(a + h) - f(a - h)) / (2 * h)",
        "grad_f = lambda a: torch.autograd.gradcheck(f, a.requires_grad_()) * (f(a) / a)",
    ],
)
def test_cant_take_a_difference_quotient(range_: Range, quotient: str) -> None:
    """Calls of ``f`` near the point are counted, and the numbers err as a quotient's do."""
    assert range_.attack(F + quotient) == ONLY_F


def test_cant_take_a_difference_quotient_of_a_private_copy(range_: Range) -> None:
    """Nobody counts those, but the answer carries the noise of a difference."""
    copy = "def square(x):\n return 2 * torch.dot(x, x)\ndef f(x):\n return square(x)\n"
    quotient = (
        "def grad_f(x, h=1e-6):\n e = torch.eye(len(x), dtype=x.dtype) * h\n"
        " return torch.stack([(square(x + d) - square(x - d)) / (2 * h) for d in e])\n"
    )
    points = range_.attack(f"import torch\n{copy}{quotient}", exercise="simple-example")
    assert points["prediction"] == 0 and points["gradient"] == 1


@pytest.mark.parametrize(
    "predictions",
    [
        "class D(dict):\n    __getitem__ = get = lambda *a: True\n    items = lambda self: [('ratio', True)]\n"
        "    keys = lambda self: ['ratio']\n    __contains__ = lambda *a: True\nPREDICTIONS = D()",
        "class D(dict):\n    def __init__(self): pass\nPREDICTIONS = D()\nPREDICTIONS.__class__ = D",
        "import collections; PREDICTIONS = collections.defaultdict(lambda: True)",
        "import types; PREDICTIONS = types.MappingProxyType({'ratio': True})",
        "class B(str):\n    __eq__ = lambda *a: True\n    __hash__ = lambda s: 0\nPREDICTIONS = {B('x'): True}",
        "PREDICTIONS = {'ratio': [True, False]}",
        "PREDICTIONS = {'ratio': 'True or False'}",
        "PREDICTIONS = {'ratio': torch.tensor([True, False])}",
        "PREDICTIONS = {'ratio': 1}",
        "PREDICTIONS = {'ratio': float('nan')}",
        "PREDICTIONS = {'ratio': {'ratio': True}}",
        "PREDICTIONS = True",
        "import sys\nsys.modules[__name__].PREDICTIONS = {'ratio': False}\ndel F",
    ],
)
def test_cant_answer_with_what_is_no_answer(range_: Range, predictions: str) -> None:
    """A typed answer is a plain dict of plain things: no other mapping, no both at once."""
    assert range_.attack(F + ZERO + "F = 1\n" + predictions)["ratio"] == 0


# Speaking for the harness, and what counts as a derivation.


def test_cant_speak_for_the_harness(range_: Range) -> None:
    """Frames by hand, in order, in form, with autograd's answers: there are none to send."""
    speak = """
def grad_f(a):
    for t in tasks():
        x = torch.frombuffer(bytearray(t.args[0].data), dtype=torch.float64)[0]
        x = x.clone().requires_grad_()
        y = f(x)
        (g,) = torch.autograd.grad(y, x)
        call = type(t).__name__ == "Call"
        one = scalar(g.item())
        send(wire.Finished(t.id, answer(t, g.item()) if call else o.Differentiated(scalar(y.item()), (one,))))
    send(wire.Done())
    os._exit(0)
"""
    assert range_.attack(F + BY_HAND + speak)["prediction"] == 0


@pytest.mark.parametrize(
    "derivative",
    [
        # Complex numbers of torch's, and of Python's.
        "def private(a):\n b = a * 2\n while b.real.abs() < 1000:\n  b = b * 2\n return b if b.real > 0 else 100 * b\n"
        "grad_f = lambda a: private(torch.complex(a, a * 0 + 1e-30)).imag / 1e-30",
        "def grad_f(a):\n b = complex(a.item(), 1e-30) * 2\n while abs(b.real) < 1000:\n  b = b * 2\n"
        " b = b if b.real > 0 else 100 * b\n return torch.tensor(b.imag / 1e-30, dtype=a.dtype)",
        # Dual numbers of one's own, through one's own f.
        "class Dual:\n def __init__(self, x, d): self.x, self.d = x, d\n"
        " def __mul__(self, k): return Dual(self.x * k, self.d * k)\n __rmul__ = __mul__\n"
        " def norm(self): return abs(self.x)\n def sum(self): return self.x\n"
        "def grad_f(a):\n return torch.tensor(f(Dual(a.item(), 1.0)).d, dtype=a.dtype)",
        # A backward of one's own.
        "class Double(torch.autograd.Function):\n @staticmethod\n def forward(ctx, a):\n"
        "  ctx.save_for_backward(a)\n  return f(a)\n @staticmethod\n def backward(ctx, g):\n"
        "  (a,) = ctx.saved_tensors\n  return g * f(a) / a\n"
        "def grad_f(a):\n a = a.clone().requires_grad_()\n Double.apply(a).backward()\n return a.grad",
    ],
    ids=["complex tensors", "complex step", "dual numbers", "own function"],
)
def test_a_derivative_by_ones_own_arithmetic_is_a_derivation(range_: Range, derivative: str) -> None:
    """Whoever writes the rules down has derived it: docs/security.md says that this is accepted."""
    assert range_.attack(F + derivative)["prediction"] == 4


def test_the_honest_one_is_judged_right(range_: Range) -> None:
    """What every attack is followed by."""
    range_.assert_unharmed()
    assert range_.judge(HONEST, seed=12345).score == 10
    assert range_.judge(F + "def grad_f(a):\n    return f(a) / a\n", ratio="true").score == 10
