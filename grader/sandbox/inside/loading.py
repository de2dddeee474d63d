"""Loading a submission's file, statement by statement: a line outside of functions cannot ruin the rest.

What is graded is functions and ``PREDICTIONS``. A demo below them that raises (a second ``backward``),
plots, waits for somebody to type or takes too long is noted and passed over, and the next statement runs.
Each statement is compiled and executed by itself in the module's namespace, as the whole would have been.

Time: the statements that define nothing share a budget of processor time; a timer raises in the one that
overruns it, and another in the one that sleeps as long. They only advise, since code may swallow what is
raised: the grader outside ends the child at its own deadline, and knows from the last
:class:`grader.sandbox.wire.Reached` which statement to leave out in the next child. So it does where a
statement ends the process.
"""

from __future__ import annotations
import __future__

import ast
import linecache
import re
import signal
import sys
import time
import types
from collections.abc import Callable
from typing import Any, Final

from grader.model.observation import Defined, Loaded, Note, Raised
from grader.sandbox import bounds
from grader.sandbox.inside.serialize import FILENAME, ResultTooLarge, printable_name, raised, serialize
from grader.sandbox.inside.standins import Finder

BUDGET_SECONDS: Final = 1.5
"""Together, for all statements that define nothing."""
_LEAST_SECONDS: Final = 0.1
"""Left for each of them when the budget is spent."""
_LEAST_ASLEEP_SECONDS: Final = 0.5
"""The same for one that sleeps: on a busy machine every statement seems to, for a moment."""
_SHARE: Final = 0.1
"""What has had less of a processor than this share of its time sleeps; what has had more computes."""
_AGAIN_SECONDS: Final = 0.05
"""So often the timer raises again where its error is swallowed."""
_FEATURES: Final = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_PREDICTIONS: Final = "PREDICTIONS"


class TooSlow(BaseException):
    """Raised by the timer in a statement outside of the functions."""


def load(
    source: bytes,
    module: types.ModuleType,
    skip: tuple[int, ...],
    room: int,
    reached: Callable[[int], None],
) -> Loaded:
    """Run ``source`` (UTF-8) in ``module``.

    :param skip: lines of statements that are not run.
    :param room: bytes that ``PREDICTIONS`` may hold.
    :param reached: told the line of each statement outside of the functions before it runs.
    """
    notes: list[Note] = []
    try:
        statements = _statements(source.decode("utf-8-sig"), notes)
    except BaseException as error:  # noqa: BLE001 - MemoryError and RecursionError, too
        return Loaded(raised(error))
    # inspect.getsource and tracebacks find the file.
    linecache.cache[FILENAME] = (len(source), None, source.decode("utf-8-sig").splitlines(True), FILENAME)
    defined: list[Defined] = []
    finder = Finder(FILENAME)
    sys.meta_path.append(finder)
    sys.breakpointhook = _passing(notes)
    namespace = vars(module)
    flags = 0
    left = BUDGET_SECONDS
    for statement in statements:
        flags |= _features(statement)
        _note_definitions(statement, defined)
        if statement.lineno in skip:
            continue
        try:
            code = compile(ast.Module([statement], []), FILENAME, "exec", flags, dont_inherit=True)
        except BaseException as error:  # noqa: BLE001 - found by the compiler, not by the parser: a return outside
            return Loaded(raised(error), defined=tuple(defined[: bounds.MAX_DEFINED]))
        absent = len(finder.made)
        if isinstance(statement, _DEFINING) and not getattr(statement, "decorator_list", ()):
            failed = _run(code, namespace)
        else:
            reached(statement.lineno)
            use = _Use()
            failed = _run_timed(code, namespace, left)
            left -= use.seconds()
        if failed is not None:
            for part in _saved(statement):
                code = compile(ast.Module([part], []), FILENAME, "exec", flags, dont_inherit=True)
                _run_timed(code, namespace, 0.0)
        notes += [Note("absent", statement.lineno, name) for name in list(finder.made)[absent:]]
        if failed is not None and len(notes) < bounds.MAX_NOTES:
            notes.append(_note_of(failed, statement.lineno))
    predictions, misspelt = None, ""
    try:
        if _PREDICTIONS in namespace:
            predictions = serialize(namespace[_PREDICTIONS], room)
        else:
            misspelt = next((n for n, value in namespace.items() if _meant(n) and type(value) is dict), "")
            misspelt = misspelt or _under_main(statements)
    except ResultTooLarge as error:
        return Loaded(raised(error))
    return Loaded(
        predictions=predictions,
        misspelt=misspelt[: bounds.MAX_NAME],
        notes=tuple(notes[: bounds.MAX_NOTES]),
        defined=tuple(defined[: bounds.MAX_DEFINED]),
    )


_CELL: Final = re.compile(r"(?m)^(?=# %%)")
"""Where a cell of a notebook begins, as the grader joined them (and as editors write it)."""


def _statements(text: str, notes: list[Note]) -> list[ast.stmt]:
    """The statements of a file; where it cannot be parsed, those of its cells that can.

    :raises SyntaxError: neither can.
    """
    try:
        return ast.parse(text, FILENAME).body
    except SyntaxError as error:
        cells = _CELL.split(text)
        if len(cells) < 2:
            raise
        broken, found, above = error, [], 0
        for cell in cells:
            try:
                tree = ast.parse(cell, FILENAME)
                found += ast.increment_lineno(tree, above).body
            except SyntaxError as reason:
                said = raised(reason)
                notes.append(Note("unreadable", above + (said.line or 1), said.type, said.message))
            above += cell.count("\n")
        if not found:
            raise broken from None
        return found


_DEFINING: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _saved(statement: ast.stmt) -> list[ast.stmt]:
    """What a statement that failed can still give: a function without decorators, each answer by itself."""
    match statement:
        case ast.FunctionDef(decorator_list=[_, *_]) | ast.ClassDef(decorator_list=[_, *_]):
            statement.decorator_list = []
            return [statement]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)) if (
            name == _PREDICTIONS
        ):
            parts: list[ast.stmt] = ast.parse(f"{name} = {{}}").body
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant):
                    entry = ast.Subscript(ast.Name(name, ast.Load()), key, ast.Store())
                    parts.append(ast.Assign([entry], value))
            return [ast.fix_missing_locations(ast.copy_location(part, statement)) for part in parts]
    return []


def _run(code: types.CodeType, namespace: dict[str, Any]) -> BaseException | None:
    try:
        exec(code, namespace)  # noqa: S102 - what we are for
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are the student's, too
        return error
    return None


def _run_timed(code: types.CodeType, namespace: dict[str, Any], seconds: float) -> BaseException | None:
    use = _Use()

    def ring(number: int, _: object) -> None:
        if number == signal.SIGPROF or use.sleeps():
            raise TooSlow

    before = {number: signal.getsignal(number) for number in _TIMERS.values()}
    try:
        for number in before:
            signal.signal(number, ring)
        signal.setitimer(signal.ITIMER_PROF, max(seconds, _LEAST_SECONDS), _AGAIN_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST_ASLEEP_SECONDS), _AGAIN_SECONDS)
        try:
            return _run(code, namespace)
        finally:
            _stop_timers()
    except TooSlow as error:  # it rang between two lines of ours
        _stop_timers()
        return error
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is ring:  # else the statement has set one of its own
                signal.signal(number, handler)


_TIMERS: Final = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}


def _stop_timers() -> None:
    for timer in _TIMERS:
        signal.setitimer(timer, 0)


class _Use:
    """What time has been used since it was made. Its clocks are held: a file may re-bind ``time``'s."""

    def __init__(
        self, wall: Callable[[], float] = time.monotonic, own: Callable[[], float] = time.process_time
    ):
        self._wall, self._own = wall, own
        self._since, self._own_since = wall(), own()

    def sleeps(self) -> bool:
        """Whether it was spent sleeping, not computing."""
        return self._own() - self._own_since < _SHARE * (self._wall() - self._since)

    def seconds(self) -> float:
        """Of a processor; of sleep, where it was spent sleeping."""
        if self.sleeps():
            return self._wall() - self._since
        return self._own() - self._own_since


def _note_of(error: BaseException, line: int) -> Note:
    if type(error) is TooSlow:
        return Note("slow", line)
    said: Raised = raised(error)
    try:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != FILENAME:
            trace = trace.tb_next
    except BaseException:  # noqa: BLE001 - an error of the student's own class may say what it likes
        trace = None
    # Of a loop or a block, the line in it.
    return Note("raised", line if trace is None else trace.tb_lineno, said.type, said.message, said.stand_in)


def _passing(notes: list[Note]) -> Callable[..., None]:
    """In place of the debugger: nobody can type here, so the program goes on."""

    def pass_over(*_: object, **__: object) -> None:
        frame = sys._getframe(1)
        if frame.f_code.co_filename == FILENAME and len(notes) < bounds.MAX_NOTES:
            note = Note("breakpoint", frame.f_lineno)
            if note not in notes:
                notes.append(note)

    return pass_over


def _features(statement: ast.stmt) -> int:
    """Compiler flags that a ``from __future__ import …`` asks for, for the statements after it."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return sum(_FEATURES.get(alias.name, 0) for alias in statement.names)
    return 0


def _meant(name: object) -> bool:
    """Whether ``name`` is ``PREDICTIONS``, nearly: another case, or the singular."""
    return type(name) is str and name.strip("_").casefold() in ("predictions", "prediction", "predictons")


def _under_main(statements: list[ast.stmt]) -> str:
    """``__main__`` where ``PREDICTIONS`` stands below ``if __name__ == "__main__":``, which is not run."""
    for statement in statements:
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Compare):
            left = statement.test.left
            if isinstance(left, ast.Name) and left.id == "__name__":
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and node.id == _PREDICTIONS:
                        return "__main__"
    return ""


def _note_definitions(statement: ast.stmt, defined: list[Defined]) -> None:
    """Add the functions that ``statement`` defines, one level deep."""
    if len(defined) >= bounds.MAX_DEFINED:
        return
    match statement:
        case ast.FunctionDef(name=name, lineno=line, args=args):
            defined.append(Defined(_short(name), line, _parameters(args)))
            defined.extend(_within(statement.body, "function", name))
        case ast.ClassDef(name=name):
            defined.extend(_within(statement.body, "class", name))
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=args), lineno=line):
            defined.append(Defined(_short(name), line, _parameters(args)))
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            defined.extend(_within(statement.body, "main", ""))


def _within(body: list[ast.stmt], place: Any, inside: str) -> list[Defined]:
    return [
        Defined(_short(inner.name), inner.lineno, _parameters(inner.args), place, _short(inside))
        for inner in body
        if isinstance(inner, ast.FunctionDef)
    ]


def _parameters(args: ast.arguments) -> tuple[str, ...] | None:
    """Names of the positional parameters; None where there are others that matter."""
    named = (*args.posonlyargs, *args.args)
    if args.vararg or args.kwarg or args.kwonlyargs or len(named) > bounds.MAX_PARAMETERS:
        return None
    return tuple(_short(parameter.arg) for parameter in named)


def _short(name: str) -> str:
    return printable_name(name, bounds.MAX_NAME)
