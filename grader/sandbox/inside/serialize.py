"""Serialize values and errors of a child: plain data, no object whose methods a student wrote.

Types are read off the objects themselves, because ``__class__`` may lie, and every method that
has to be called is the base class' own.
"""

from __future__ import annotations

import opcode
import struct
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import torch

from grader.model.observation import Raised
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
from grader.sandbox import bounds
from grader.sandbox.inside.standins import StandIn, named_in

FILENAME: Final = "submission.py"
_PLAIN: Final = frozenset(
    {torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.bool, torch.uint8}
)
"""Of these dtypes a tensor with :data:`_MEMORY`'s dispatch keys is its memory."""
_keys_of: Final = torch._C._dispatch_keys
_wraps: Final = torch._is_functional_tensor
_unwrapped: Final = torch._from_functional_tensor


def _memory() -> frozenset[int]:
    """Dispatch keys of tensors that are nothing but their memory: no conjugate or negative bit is pending,
    and they wrap no other tensor."""
    with torch.inference_mode():
        made = torch.zeros(())
    return frozenset(_keys_of(tensor).raw_repr() for tensor in (torch.zeros(()), made))


_MEMORY: Final = _memory()
_DTYPE_NAMES: Final = {np.dtype(name): name for name in DTYPES}
_SEVERAL: Final = [
    (kind, kind.__name__.removesuffix("_out"), tuple(vars(kind)["__match_args__"]))
    for kind in vars(torch.return_types).values()
    if isinstance(kind, type) and issubclass(kind, tuple)
]
"""Types of what torch's functions return that return several tensors under names: the function, the names."""
_above: Final = Fraction.__dict__["_numerator"].__get__
_below: Final = Fraction.__dict__["_denominator"].__get__
"""The two slots of a fraction; its properties may have been exchanged."""
_float_of_decimal: Final = Decimal.__float__
_name_of: Final = type.__dict__["__name__"].__get__
"""A class' name as the interpreter keeps it; its metaclass may have another opinion."""


def tensor_of(array: Array) -> torch.Tensor:
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
        values.append(serialize(thing, room, depth + 1))
        room -= _weight(values[-1])
    return values


def serialize(thing: Any, room: int, depth: int = 0) -> Value:
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
        if kind is Fraction:
            return _fraction(_above(thing), _below(thing))
        if kind is Decimal:
            return Number("Decimal", Array("float64", (), struct.pack("<d", _float_of_decimal(thing))))
        if issubclass(kind, str):
            return Words(printable(str.__str__(thing), bounds.MAX_WORDS))
        if kind.__base__ is StandIn and type(kind) is type:
            path = printable_name(kind.path, bounds.MAX_NAME)
            return Foreign(path, absent=path)
        if depth < bounds.MAX_DEPTH:
            if kind is list or kind is tuple or kind is range:
                if len(thing) <= bounds.MAX_ITEMS:
                    items = tuple(_all_of(thing, room, depth))
                    return Sequence("list" if kind is list else "tuple" if kind is tuple else "range", items)
            elif issubclass(kind, dict) and dict.__len__(thing) <= bounds.MAX_ITEMS:
                named = {k: item for k, item in dict.items(thing) if issubclass(type(k), str)}
                names = [printable_name(str.__str__(key), bounds.MAX_KEY) for key in named]
                return Mapping(dict(zip(names, _all_of(named.values(), room, depth), strict=True)))
    except ResultTooLarge:
        raise
    except BaseException:  # noqa: BLE001 - a hostile object is a foreign one
        return Foreign("object that cannot be read")
    for known, name, parts in _SEVERAL if issubclass(kind, tuple) else ():
        if kind is known:
            return Foreign(f"torch.return_types.{name}", parts=parts)
    return Foreign(type_name(kind), unapplied=issubclass(kind, torch.autograd.Function))


def _fraction(above: Any, below: Any) -> Value:
    if type(above) is not int or type(below) is not int:
        raise TypeError  # whoever wrote into its slots
    return Number("Fraction", Array("float64", (), struct.pack("<d", above / below)))


def _integer(number: int) -> Value:
    try:
        return Number("int", Array("int64", (), struct.pack("<q", number)))
    except struct.error:
        try:
            return Number("int", Array("float64", (), struct.pack("<d", float(number))))
        except OverflowError:
            return Foreign("int, too large")


def _array_of_tensor(tensor: torch.Tensor, room: int) -> Array:
    if (
        type(tensor) is torch.Tensor
        and tensor.dtype in _PLAIN
        and tensor.layout is torch.strided
        and _keys_of(tensor).raw_repr() in _MEMORY
    ):
        if tensor.numel() * tensor.element_size() > room:  # a view of one number may claim any size
            raise ResultTooLarge
        return _array_of_numpy(tensor.detach().numpy(), room)
    with torch._C.DisableTorchFunction(), torch.no_grad():
        plain = torch.Tensor.detach(tensor)
        if _wraps(plain):
            plain = _unwrapped(plain)
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


def raised(error: BaseException) -> Raised:
    """What a student may be told of an exception; no method of theirs is trusted to behave."""
    try:
        return _raised(error)
    except BaseException:  # noqa: BLE001 - an attribute of it that raises
        return Raised(type_name(type(error)), "(what it says could not be read)")


def type_name(kind: type) -> str:
    return printable_name(str.__str__(_name_of(kind)), bounds.MAX_NAME)


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
    bases = [base for base in type.__dict__["__mro__"].__get__(kind) if base not in (kind, *_COMMON)]
    return Raised(
        type=type_name(kind),
        message=printable(message, bounds.MAX_MESSAGE),
        line=_small(line),
        column=_small(column),
        text=printable(text, bounds.MAX_LINE) if type(text) is str else "",
        errno=_small(errno),
        own=_raised_by_hand(error),
        stand_in=printable_name(named_in(message), bounds.MAX_NAME),
        kinds=tuple(type_name(base) for base in bases[: bounds.MAX_BASES]),
    )


_COMMON: Final = (object, BaseException, Exception)
_BY_HAND: Final = frozenset(
    opcode.opmap.get(name, -1)
    for name in ("RAISE_VARARGS", "RERAISE", "YIELD_VALUE", "YIELD_FROM", "SEND", "RESUME")
)
"""``raise``, which ``assert`` is, too; and where a generator waits, into which an error can be thrown."""
_LIBRARIES: Final = (
    *(f"{PurePath(str(library.__file__)).parent}/" for library in (torch, np)),
    f"{PurePath(__file__).parent}/",  # where the engine is called from here, it raises here
)


def _raised_by_hand(error: BaseException) -> bool:
    """Whether the submission had a hand in raising it.

    That is where the innermost frame is the submission's, at a ``raise``; or one of Python's own library,
    which raises what it was given (the result of a future, say). What torch raises comes either from one
    of its own files, or from C++: then the frame is the submission's, at a call.
    """
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    if code.co_filename == FILENAME:
        return code.co_code[trace.tb_lasti] in _BY_HAND
    return not code.co_filename.startswith(_LIBRARIES)


def _small(number: Any) -> int | None:
    return number if type(number) is int and abs(number) < 2**63 else None


def printable(text: str, most: int) -> str:
    """Valid Unicode of a bounded length (a lone surrogate would break every encoder after us)."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")


def printable_name(text: str, most: int) -> str:
    """The same on one line, whatever it holds: a name that breaks the line could pass for a line of ours."""
    return printable(" ".join(text[: 4 * most].split()), most)
