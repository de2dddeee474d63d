"""What a submission's text could reach besides its own numbers.

Evidence of *how* a prediction was made is gathered in the process that runs it. It can be
trusted as long as the code has no means to rewrite that process: frames, closures, the
garbage collector, raw memory, the descriptors it answers on. So the text is read before
it is run, here in the grader, where nothing can be rewritten. A file that names such a
means keeps its other points; its predictions are not judged until the line is gone.

It also names what makes a derivative without any formula: complex numbers (the complex
step) and arithmetic of one's own (dual numbers).

Reading is two steps, because most files name nothing: the words of the whole text against a
set (microseconds), and only where one is found, its tokens, so that comments and strings
that merely mention it do no harm.
"""

from __future__ import annotations

import io
import re
import tokenize
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["process", "complex", "arithmetic"]

_PROCESS: Final = frozenset(
    """
    _getframe _current_frames currentframe getouterframes getinnerframes settrace setprofile f_back
    f_globals f_locals f_builtins f_code tb_frame tb_next gi_frame cr_frame ag_frame gi_code cr_code
    __closure__ cell_contents __code__ __globals__ __builtins__ __subclasses__ __traceback__
    __self__ __func__ __getattribute__ __loader__ __spec__ __dict__ __import__ __reduce__
    __reduce_ex__ __base__ __bases__ __mro__ get_objects get_referrers get_referents addaudithook
    modules gc ctypes _ctypes inspect importlib builtins grader pkgutil runpy types pickle marshal
    code codeop faulthandler exec eval compile globals vars getattr setattr delattr attrgetter
    methodcaller memoryview open _C _VF _functorch overrides _dispatch DisableTorchFunction
    DisableTorchFunctionSubclass io _io posix fcntl mmap socket select selectors signal atexit
    threading _thread subprocess multiprocessing asyncio fdopen FileIO fromfile tofile from_file
    memmap sendfile splice readv writev pread pwrite dup dup2
    """.split()  # noqa: SIM905 - a list of names reads best as a paragraph
)
_ARITHMETIC: Final = frozenset(
    f"__{side}{name}__"
    for side in ("", "r", "i")
    for name in ("add", "sub", "mul", "truediv", "pow", "matmul")
)  # fmt: skip
_COMPLEX: Final = frozenset({"complex", "cmath", "complex64", "complex128"})
_OF_OS: Final = frozenset({"read", "write", "_exit", "abort", "kill"})
"""Of these, only ``os.…`` is meant: a tensor or a stream may have one of its own."""
_WORDS: Final = _PROCESS | _ARITHMETIC | _COMPLEX | {"os"}
_WORD: Final = re.compile(r"[^\W\d]\w*|\d[\d_.]*[jJ]|\d+\.?[eE][+-]?\d+[jJ]")


@dataclass(frozen=True)
class Reach:
    """The first thing found: what is named, in which line, and what it is a means to."""

    name: str
    line: int
    kind: Kind


def reach(text: str) -> Reach | None:
    """What ``text`` names that no prediction needs; None for almost every file.

    A text that Python could not read either is told nothing: it will not run.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if not any(word in _WORDS or word[-1] in "jJ" for word in _WORD.findall(plain)):
        return None
    has_os = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(plain).readline):
            name, line = token.string, token.start[0]
            if token.type == tokenize.NUMBER and name[-1] in "jJ":
                return Reach(name, line, "complex")
            if token.type != tokenize.NAME:
                continue
            if name in _COMPLEX:
                return Reach(name, line, "complex")
            if name in _ARITHMETIC:
                return Reach(name, line, "arithmetic")
            has_os = has_os or name == "os"
            if name in _PROCESS or (has_os and name in _OF_OS):
                return Reach(name, line, "process")
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return None
    return None
