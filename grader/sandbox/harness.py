"""Runs a student's code in the child and reports what happened. It judges nothing.

Everything the student can reach from here is worthless to them: there is no expected
value in this process. What they could still want is to hide *how* a prediction was made.
Against that:

* the parts that look (the autograd counter, the engine, the encoder) are held in local
  variables before the student's first line runs: re-binding a module's name, or a
  builtin's, changes nothing here;
* the tasks come only when the module has been executed, and predictions run before
  anything is differentiated: no answer of autograd's at a hidden point exists by then;
* from then on the counter is read without a gap: what runs between two predictions (a
  signal handler, a ``flush``, a ``__signature__``, a ``__del__``) counts towards the next.

It is evidence, not proof: code that rewrites this very process (its closures, its memory,
the frames it sends) can say of itself what it likes. It gains an answer of autograd's in
place of a formula, never an expected value.
"""

from __future__ import annotations

import os
import random
import struct
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from grader.model.job import Call, Differentiate, Job
from grader.model.observation import (
    Differentiated,
    Evidence,
    Loaded,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
)
from grader.model.values import (
    DTYPES,
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
from grader.sandbox import bounds, wire

FILENAME: Final = "submission.py"
_PLAIN: Final = frozenset(
    {torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.bool, torch.uint8}
)
"""Of these dtypes a tensor is its memory: no conjugate or negative bit can be pending."""
_DTYPE_NAMES: Final = {np.dtype(name): name for name in DTYPES}
_name_of: Final = type.__dict__["__name__"].__get__
"""A class' name as the interpreter keeps it; its metaclass may have another opinion."""


def observe(job: Job, library: dict[str, bytes], channel: int) -> None:
    """Execute the job's source, do its tasks in order, write one frame for each to ``channel``."""
    write, encode, view, close = os.write, wire.encode, memoryview, os.close

    def say(message: Any) -> None:
        data = view(encode(message))
        while data:
            data = data[write(channel, data) :]

    # A job that brought its tasks along needs no second frame (the benchmark's).
    _conduct(job, library, say, lambda: job.tasks or _receive(channel))
    # The grader, which lets answers queue up, is woken by the end of what is printed. This process'
    # own end would do so, too, but only once its memory has been taken down.
    close(1)
    close(2)


def _conduct(
    job: Job,
    library: dict[str, bytes],
    say: Callable[[Any], object],
    receive: Callable[[], tuple[Call | Differentiate, ...]],
) -> None:
    flush, loading, finished, done = _flush, wire.Loading, wire.Finished, wire.Done
    run_task, start_looking = _task_runner()
    describe = raised
    seed_torch = torch.default_generator.manual_seed
    seed = job.seed
    failure = None
    for name, source in library.items():
        _, broken = _execute(name, f"{name}.py", source)
        failure = failure or broken
    module, broken = _execute("submission", FILENAME, job.source)
    failure = failure or broken
    predictions = None
    if failure is None and "PREDICTIONS" in vars(module):
        try:
            predictions = portable(vars(module)["PREDICTIONS"], job.limits.results)
        except ResultTooLarge as error:
            failure = raised(error)
    flush()
    say(loading(Loaded(failure, predictions)))
    if failure is None:
        start_looking()
        for n, task in enumerate(receive()):
            # Another seed for each, so that a task asked twice shows whether chance has a part in it.
            seed_torch(seed + n)
            outcome: Outcome
            try:
                outcome = run_task(module, task, job.limits.results)
            except BaseException as error:  # noqa: BLE001 - a signal handler's, say, between two lines of ours
                outcome = describe(error)
            flush()
            say(finished(task.id, outcome))
    say(done())


_REHEARSAL: Final = b"""
import torch

def f(x):
    y = x * x
    while y.norm() < 10:
        y = y * 2
    u = y.detach()
    return u * x if y.sum() > 0 else 100 * torch.dot(u, x)

def g(x):
    return f(x) / x

def h(x):
    return 2 * x ** 2 + 1.5 * x - x.abs().sum()

def k(x):
    b = x * 2
    return [b[0], float(b.sum())]

PREDICTIONS = {"x_grad": [0, 4.5, 1.0], "ratio": True, "grad": None, "y": torch.ones(3), "flags": [True, False]}
"""
"""What students write, in small."""


def _rehearsal_tasks() -> Iterator[Call | Differentiate]:
    """What is asked, in small: the functions of :data:`_REHEARSAL` at several sizes, called and differentiated."""
    for n in (1, 2, 3, 5, 6):
        array = Array("float64", (n,), np.linspace(-1.5, 2.5, n).tobytes())
        yield Call(id=f"g@{n}", function="g", args=(array,), watch=True, watched="f")
        yield Call(id=f"h@{n}", function="h", args=(array,))
        yield Differentiate(id=f"h'@{n}", function="h", args=(array,), wrt=(0,), random=True, seed=n)
        yield Differentiate(id=f"f'@{n}", function="f", args=(array,), wrt=(0,), random=True, seed=n)
    yield Call(id="k", function="k", args=(array,))
    yield Call(id="none", function="none", args=(array,))


def rehearse() -> None:
    """Run a job of our own, so that its page faults and first-call costs are paid before a student's."""
    encode = wire.encode
    runs: wire.Decoder[wire.Run] = wire.Decoder(wire.Run, wire.RUN_BYTES)
    orders: wire.Decoder[wire.Tasks] = wire.Decoder(wire.Tasks, wire.RUN_BYTES)
    (run,) = runs.feed(encode(wire.Run(Job(source=_REHEARSAL, tasks=()))))
    (order,) = orders.feed(encode(wire.Tasks(tuple(_rehearsal_tasks()))))
    random.seed(0)
    _conduct(run.job, {}, encode, lambda: order.tasks)
    del sys.modules["submission"]


def _receive(channel: int) -> tuple[Call | Differentiate, ...]:
    """The tasks, which the grader sends once it has heard that the module is loaded."""
    decoder: wire.Decoder[wire.Tasks] = wire.Decoder(wire.Tasks, wire.RUN_BYTES)
    while True:
        data = os.read(channel, 1 << 16)
        if not data:
            os._exit(0)
        for message in decoder.feed(data):
            return message.tasks


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # The student may have put anything there. (A context manager would cost more than the flush.)
        try:  # noqa: SIM105
            stream.flush()
        except BaseException:  # noqa: BLE001, S110
            pass


def _execute(name: str, filename: str, source: bytes) -> tuple[types.ModuleType, Raised | None]:
    module = types.ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    try:
        exec(compile(_text(source), filename, "exec", dont_inherit=True), vars(module))  # noqa: S102 - what we are for
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are the student's, too
        return module, raised(error)
    return module, None


def _text(source: bytes) -> str:
    """The source as UTF-8, whatever encoding its first lines claim: the grader read it as that, too."""
    return source.decode("utf-8-sig")


def raised(error: BaseException) -> Raised:
    """What a student may be told of an exception; no method of theirs is trusted to behave."""
    try:
        return _raised(error)
    except BaseException:  # noqa: BLE001 - an attribute of it that raises
        return Raised(_type_name(type(error)), "(what it says could not be read)")


def _type_name(kind: type) -> str:
    return _printable(str.__str__(_name_of(kind)), bounds.MAX_NAME)


def _raised(error: BaseException) -> Raised:
    kind = type(error)
    try:
        message = str(error)
        if type(message) is not str:
            message = ""
    except BaseException:  # noqa: BLE001
        message = "(its message could not be printed)"
    line = column = errno = None
    text = ""
    if issubclass(kind, SyntaxError):
        line, column, text = error.lineno, error.offset, error.text  # type: ignore[attr-defined]
        message = error.msg if type(error.msg) is str else message  # type: ignore[attr-defined]
    else:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == FILENAME:
                line = trace.tb_lineno
            trace = trace.tb_next
    if issubclass(kind, OSError):
        errno = error.errno  # type: ignore[attr-defined]
        cause = error.__context__
        for _ in range(8):
            # urllib wraps the jail's refusal in an OSError that has no number.
            if errno is None and isinstance(cause, OSError):
                errno = cause.errno
            cause = cause.__context__ if cause is not None else None
    return Raised(
        type=_type_name(kind),
        message=_printable(message, bounds.MAX_MESSAGE),
        line=_small(line),
        column=_small(column),
        text=_printable(text, bounds.MAX_LINE) if type(text) is str else "",
        errno=_small(errno),
    )


def _small(number: Any) -> int | None:
    return number if type(number) is int and abs(number) < 2**63 else None


def _printable(text: str, most: int) -> str:
    """Valid Unicode of a bounded length (a lone surrogate would break every encoder after us)."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")


def _task_runner() -> tuple[
    Callable[[types.ModuleType, Call | Differentiate, int], Outcome], Callable[[], None]
]:
    """A function that runs one task, with every tool it needs already in its closure; and one to
    be called when the first inputs are about to come: from then on, every use of autograd counts.
    """
    counter = torch._C._autograd._get_sequence_nr
    backward = torch.autograd.Variable._execution_engine.run_backward
    watch_mode, record, to_value = _Watch, _Recorder, portable
    differentiate, rebuild = _differentiate, _tensor
    namespace_of, resolve, fail = vars, _function, raised
    evidence_of, result_of, mutations = Evidence, Returned, _mutated
    mark = counter()

    def look() -> int:
        nonlocal mark
        before, mark = mark, counter()
        return mark - before

    def start_looking() -> None:
        look()

    def run(module: types.ModuleType, task: Call | Differentiate, room: int) -> Outcome:
        function, absent = resolve(module, task.function, len(task.args))
        if function is None:
            return absent
        arguments = [rebuild(array) for array in task.args]
        if not isinstance(task, Call):
            outcome = differentiate(function, arguments, task, room, backward)
            look()
            return outcome
        namespace = namespace_of(module)
        watched = task.watched or ""
        original = namespace.get(watched)
        recorder = record(original, task.args) if callable(original) else None
        mode = watch_mode()
        try:
            if task.watch:
                if recorder is not None:
                    namespace[watched] = recorder
                with mode:
                    result = function(*arguments)
            else:
                result = function(*arguments)
        except BaseException as error:  # noqa: BLE001
            moved = look()
            if task.watch and moved:
                # A prediction that tried autograd and failed did not predict either; say so.
                return result_of(Nothing(), (), evidence_of(sequence=moved))
            return fail(error)
        finally:
            if recorder is not None and namespace.get(watched) is recorder:
                namespace[watched] = original
        moved = look()
        evidence = None
        if task.watch:
            evidence = evidence_of(
                moved, mode.forward, mode.complex, recorder.nearby if recorder is not None else 0
            )
        return result_of(to_value(result, room), mutations(task.args, arguments), evidence)

    return run, start_looking


def _function(module: types.ModuleType, name: str, arity: int) -> tuple[Callable[..., Any] | None, Outcome]:
    """The function called ``name`` (``module.name`` for a library's), if it takes ``arity`` arguments."""
    namespace = vars(module)
    if "." in name:
        owner, name = name.split(".", 1)
        namespace = vars(sys.modules[owner])
    function = namespace.get(name)
    if function is None:
        return None, Missing()
    if type(function) is types.FunctionType and _takes(function.__code__, arity):
        return function, Missing()
    if not callable(function):
        return None, Missing(found=_type_name(type(function)))
    import inspect

    try:
        signature = inspect.signature(function)
        fits = _binds(signature, arity)
    except BaseException:  # noqa: BLE001 - a builtin without a signature, an object that lies: calling it will tell
        return function, Missing()
    if fits:
        return function, Missing()
    try:
        shown = f"{name}{signature}"
    except BaseException:  # noqa: BLE001 - a default value that cannot be printed
        shown = f"{name}(…)"
    return None, Misfit(_printable(shown, bounds.MAX_SIGNATURE), arity)


def _takes(code: types.CodeType, arity: int) -> bool:
    """Whether a plain ``def f(a, b)`` takes so many arguments; anything else is asked for its signature."""
    plain = not code.co_flags & 0x0C and not code.co_kwonlyargcount  # neither *args nor **kwargs
    return plain and code.co_argcount == arity


def _binds(signature: Any, arity: int) -> bool:
    try:
        signature.bind(*range(arity))
    except TypeError:
        return False
    return True


class _Watch(TorchFunctionMode):
    """Notes whether forward-mode duals or complex numbers appear while a prediction runs."""

    def __init__(self) -> None:
        super().__init__()
        self.forward = False
        self.complex = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("_make_dual", "_unpack_dual"):
            self.forward = True
        result = func(*args, **(kwargs or {}))
        if type(result) is torch.Tensor and result.dtype.is_complex:
            self.complex = True
        return result


class _Recorder:
    """Stands in for the predicted function and counts calls near, but not at, the input."""

    def __init__(self, function: Callable[..., Any], at: tuple[Array, ...]) -> None:
        self._function = function
        self._given = at[:1]
        self._elsewhere: torch.Tensor | None = None
        self.nearby = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        here = args[0] if args else None
        if self._given and here is not None:
            try:
                at = _tensor(self._given[0]).double()
                if not isinstance(here, torch.Tensor | np.ndarray | np.generic | float | int | list | tuple):
                    self.nearby += 1  # numbers of the student's own making: dual ones, say
                with torch._C.DisableTorchFunction():
                    there = torch.as_tensor(here).detach()
                    if there.is_complex():
                        self.nearby += 1
                    else:
                        gap = (there.double() - at).abs().max().item()
                        size = max(1e-3, at.abs().max().item())
                        self.nearby += 0.0 < gap <= 0.1 * size
                        if gap > 0.0 and there.shape == at.shape:
                            self._elsewhere = there if self._elsewhere is None else self._elsewhere
                            # Two more points make a quotient, however wide; one may be a symmetry.
                            self.nearby += not torch.equal(self._elsewhere, there)
            except (RuntimeError, TypeError, ValueError, IndexError):
                pass
        return self._function(*args, **kwargs)


def _differentiate(
    function: Callable[..., Any],
    arguments: list[torch.Tensor],
    task: Differentiate,
    room: int,
    backward: Callable[..., Any],
) -> Outcome:
    leaves = [a.requires_grad_(True) if i in task.wrt else a for i, a in enumerate(arguments)]
    try:
        output = function(*leaves)
    except BaseException as error:  # noqa: BLE001
        return _value_only(function, task.args, room, raised(error))
    value = portable(output, room)
    mutated = _mutated(task.args, leaves)
    if not issubclass(type(output), torch.Tensor):
        return Differentiated(value, problem="not-a-tensor", mutated=mutated)
    if type(output) is not torch.Tensor:
        # A subclass may answer for itself; the same tensor as a plain one cannot.
        try:
            with torch._C.DisableTorchFunction():
                output = torch.Tensor.as_subclass(output, torch.Tensor)
        except BaseException as error:  # noqa: BLE001
            return Differentiated(value, problem="raised", error=raised(error), mutated=mutated)
    if not (output.dtype.is_floating_point or output.dtype.is_complex):
        return Differentiated(value, problem="not-floating", mutated=mutated)
    if not output.requires_grad:
        return Differentiated(value, problem="no-graph", mutated=mutated)
    inputs = [leaves[i] for i in task.wrt]
    try:
        contraction = _cotangent(output, task)
        # The engine itself, as torch.autograd.grad calls it (which would first import sympy, 0.25 s).
        again = task.relatives
        grads = backward((output,), (contraction,), again, again, tuple(inputs), True, accumulate_grad=False)
        relatives = _relatives(function, arguments, task, grads, room, backward) if again else {}
        plain = tuple(portable(g, room) for g in grads)
    except BaseException as error:  # noqa: BLE001
        return Differentiated(value, problem="raised", error=raised(error), mutated=mutated)
    return Differentiated(value, plain, relatives=relatives, mutated=mutated)


def _value_only(function: Callable[..., Any], inputs: tuple[Array, ...], room: int, error: Raised) -> Outcome:
    """The value of a function that fails on leaves only (it changes its input in place, say)."""
    try:
        value = portable(function(*[_tensor(array) for array in inputs]), room)
    except BaseException:  # noqa: BLE001
        return error
    return Differentiated(value, problem="raised", error=error)


def _cotangent(output: torch.Tensor, task: Differentiate) -> torch.Tensor:
    """What the output is contracted with: as given, seeded and never all ones, or ones."""
    if task.cotangent is not None:
        return _tensor(task.cotangent).to(output.dtype)
    if not task.random or output.dim() == 0:
        return torch.ones_like(output.detach())
    size = output.numel()
    start = task.seed % len(_COTANGENTS)
    drawn = _COTANGENTS[start : start + size] if start + size <= len(_COTANGENTS) else None
    if drawn is None:
        drawn = np.resize(np.roll(_COTANGENTS, -start), size)
    return torch.from_numpy(drawn.reshape(output.shape).copy()).to(output.dtype)


def _scattered(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """``count`` numbers between 0.5 and 1.5 of either sign, without a pattern (Weyl's sequence, mixed)."""
    n = np.arange(1, count + 1, dtype=np.uint64)
    for shift, factor in ((30, 0x9E3779B97F4A7C15), (27, 0xBF58476D1CE4E5B9), (31, 0x94D049BB133111EB)):
        n = (n ^ (n >> np.uint64(shift))) * np.uint64(factor)
    size = 0.5 + (n >> np.uint64(11)).astype(np.float64) / 2**53
    return np.where(n & np.uint64(1), size, -size)


_COTANGENTS: Final = _scattered(4093)
"""To draw them anew for each gradient would cost as much as the gradient."""


class _WithoutDetach(TorchFunctionMode):
    """Runs a function as if its ``detach`` calls were not there."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.detach or func is torch.detach:
            self.seen = True
            return args[0]
        return func(*args, **(kwargs or {}))

    seen = False


def _relatives(
    function: Callable[..., Any],
    arguments: list[torch.Tensor],
    task: Differentiate,
    grads: tuple[torch.Tensor | None, ...],
    room: int,
    backward: Callable[..., Any],
) -> dict[str, Value]:
    """Wrong answers that can be read off the reference's own graph, by the code that names them."""
    found: dict[str, Value] = {}
    first = grads[0]
    leaf = arguments[task.wrt[0]]
    if first is not None:
        second = None
        if first.requires_grad:
            total = first.sum()
            one = torch.ones_like(total.detach())
            (second,) = backward((total,), (one,), True, False, (leaf,), True, accumulate_grad=False)
        found["second-derivative"] = portable(torch.zeros_like(leaf) if second is None else second, room)
    fresh = [a.detach().clone().requires_grad_(i in task.wrt) for i, a in enumerate(arguments)]
    mode = _WithoutDetach()
    with mode:
        output = function(*fresh)
    if mode.seen and output.requires_grad:
        (undetached,) = backward(
            (output,),
            (_cotangent(output, task),),
            False,
            False,
            (fresh[task.wrt[0]],),
            True,
            accumulate_grad=False,
        )
        if undetached is not None:
            found["undetached"] = portable(undetached, room)
    return found


def _mutated(given: tuple[Array, ...], now: list[torch.Tensor]) -> tuple[int, ...]:
    """Positions of the arguments that no longer hold the bytes they were made of."""
    return tuple(i for i, array in enumerate(given) if not _holds(now[i], array))


def _holds(tensor: torch.Tensor, array: Array) -> bool:
    if type(tensor) is torch.Tensor and tensor.shape == array.shape and tensor.layout is torch.strided:
        return tensor.detach().numpy().tobytes() == array.data
    return portable(tensor, 1 << 62) == Tensor(array)


def _tensor(array: Array) -> torch.Tensor:
    """A fresh tensor with its own memory."""
    values = np.frombuffer(array.data, dtype=array.dtype).reshape(array.shape)
    return torch.from_numpy(values.copy())


class ResultTooLarge(Exception):
    """More numbers than a submission may send back."""


def _weight(value: Value) -> int:
    """Bytes of the numbers in ``value``."""
    match value:
        case Tensor(array=array) | Number(array=array):
            return len(array.data)
        case Sequence(items=items):
            return sum(map(_weight, items))
        case Mapping(items=named):
            return sum(map(_weight, named.values()))
        case _:
            return 0


def _all_of(things: Any, room: int, depth: int) -> list[Value]:
    """Each of ``things``, which share the room."""
    values: list[Value] = []
    for thing in things:
        values.append(portable(thing, room, depth + 1))
        room -= _weight(values[-1])
    return values


def portable(thing: Any, room: int, depth: int = 0) -> Value:
    """Reduce any object to plain data. Types are read off the object itself: ``__class__`` may lie."""
    kind = type(thing)
    try:
        if thing is None:
            return Nothing()
        if issubclass(kind, torch.Tensor):
            return Tensor(_array_of_tensor(thing, room))
        if issubclass(kind, np.ndarray | np.generic):
            return Tensor(_array_of_numpy(np.asarray(thing), room))
        if kind is bool:
            return Number("bool", Array("bool", (), b"\x01" if thing else b"\x00"))
        if issubclass(kind, int):
            return _integer(int.__add__(thing, 0))
        if issubclass(kind, float):
            return Number("float", Array("float64", (), struct.pack("<d", thing)))
        if kind is complex:
            return Number("complex", Array("complex128", (), struct.pack("<dd", thing.real, thing.imag)))
        if issubclass(kind, str):
            return Words(_printable(str.__str__(thing), bounds.MAX_WORDS))
        if depth < bounds.MAX_DEPTH:
            if kind is list or kind is tuple:
                if len(thing) <= bounds.MAX_ITEMS:
                    items = tuple(_all_of(thing, room, depth))
                    return Sequence("list" if kind is list else "tuple", items)
            elif issubclass(kind, dict) and dict.__len__(thing) <= bounds.MAX_ITEMS:
                named = {k: item for k, item in dict.items(thing) if issubclass(type(k), str)}
                names = [_printable(str.__str__(key), bounds.MAX_KEY) for key in named]
                return Mapping(dict(zip(names, _all_of(named.values(), room, depth), strict=True)))
    except ResultTooLarge:
        raise
    except BaseException:  # noqa: BLE001 - a hostile object is a foreign one
        return Foreign("an object that cannot be read")
    return Foreign(_type_name(kind))


def _integer(number: int) -> Value:
    try:
        return Number("int", Array("int64", (), struct.pack("<q", number)))
    except struct.error:
        try:
            return Number("int", Array("float64", (), struct.pack("<d", float(number))))
        except OverflowError:
            return Foreign("int, too large")


def _array_of_tensor(tensor: torch.Tensor, room: int) -> Array:
    if type(tensor) is torch.Tensor and tensor.dtype in _PLAIN and tensor.layout is torch.strided:
        if tensor.numel() * tensor.element_size() > room:  # a view of one number may claim any size
            raise ResultTooLarge
        return _array_of_numpy(tensor.detach().numpy(), room)
    with torch._C.DisableTorchFunction(), torch.no_grad():
        plain = torch.Tensor.detach(tensor)
        if plain.layout is not torch.strided:
            plain = plain.to_dense()
        if plain.dtype in (torch.bfloat16,):
            plain = plain.to(torch.float32)
        if plain.numel() * plain.element_size() > room:
            raise ResultTooLarge
        return _array_of_numpy(plain.resolve_conj().resolve_neg().cpu().numpy(), room)


def _array_of_numpy(array: np.ndarray[Any, Any], room: int) -> Array:
    name = _DTYPE_NAMES.get(array.dtype)
    if name is None:
        array = array.astype(array.dtype.newbyteorder("="))
        name = _DTYPE_NAMES.get(array.dtype)
    if name is None:
        raise ValueError("not a plain array")
    if array.nbytes > room:
        raise ResultTooLarge
    return Array(name, array.shape, array.tobytes())
