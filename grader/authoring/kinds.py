"""Kinds of checks for ``grade new``: an exercise about x³, worked out for each, to be changed into one's own.

Whatever has to be written by its author says TODO, and ``grade check`` finds that; all else is sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from grader.errors import UsageError
from grader.exercises.toml_files import near
from grader.model.kinds import CHECKS

_RIGHT: Final = ("x**3", "3 * x**2", "6 * x")
"""The value, its derivative, and the derivative of that."""
_STYLES: Final = (
    ("01_formula.py", _RIGHT),
    ("02_products.py", ("x * x * x", "3 * x * x", "(x + x + x) * 2")),
    ("03_powers.py", ("torch.pow(x, 3)", "3 * torch.square(x)", "x * 6.0")),
)
_MISTAKES: Final = (
    ("lost_factor.py", ("x**3", "x**2", "x")),
    ("kept_exponent.py", ("x**3", "3 * x**3", "6 * x**2")),
    ("wrong_sign.py", ("-(x**3)", "-3 * x**2", "-6 * x")),
    ("all_zero.py", ("0 * x", "0 * x", "0 * x")),
)
_POINT: Final = (1.0, 2.0, 3.0)
_DERIVATIVES: Final = ("prediction", "vjp", "jvp", "jacobian", "hvp", "higher-order", "backward")
"""Kinds whose answer is worked out, and whose classic mistakes are declared."""


@dataclass(frozen=True)
class Plan:
    """What is asked for. :ivar function: of which the exercise is. :ivar inputs: its arguments."""

    function: str
    kinds: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def takes(self) -> str:
        """``x, w``, as it stands between brackets."""
        return ", ".join(self.inputs)

    @property
    def cotangent(self) -> str:
        """A name for a cotangent that no input has."""
        return next(name for name in ("v", "cotangent", "v_") if name not in self.inputs)

    @property
    def tangent(self) -> str:
        """A name for a direction that no input has."""
        return next(name for name in ("u", "tangent", "u_") if name not in self.inputs)

    def code(self, power: str) -> str:
        """An expression in x for the first input, times the others."""
        first, *rest = self.inputs
        named = power.replace("x", first) if first == "x" else _named(power, first)
        if rest and any(sign in named for sign in "+-"):
            named = f"({named})"
        return " * ".join([named, *rest])


def _named(power: str, first: str) -> str:
    return power.replace("torch.", "\0").replace("x", first).replace("\0", "torch.")


def asked(function: str | None, kinds: tuple[str, ...], inputs: tuple[str, ...]) -> Plan:
    """What was asked for at a terminal.

    :raises UsageError: a name is none, or there is no such kind.
    """
    for name in (function or "f", *inputs):
        if not name.isidentifier() or not name.isascii():
            raise UsageError(f"'{name[:80]}' is no name that Python has: use letters, digits and _")
    if len(set(inputs)) != len(inputs):
        raise UsageError("two inputs have the same name")
    for kind in kinds:
        if kind not in CHECKS:
            raise UsageError(
                f"there is no kind '{kind[:80]}'{near(kind, CHECKS)}; there are {', '.join(CHECKS)}"
            )
    wanted = tuple(kind for kind in CHECKS if kind in kinds) or ("value", "gradient", "prediction")
    return Plan(function or "f", wanted, inputs or ("x",))


def files(plan: Plan, title: str, title_zh: str) -> dict[PurePosixPath, str]:
    """Path below ``exercise/`` or ``solution/`` → text."""
    found = {
        "exercise/exercise.toml": _exercise(plan, title, title_zh),
        "exercise/prompt.en.md": _prompt_en(plan),
        "exercise/prompt.zh.md": _prompt_zh(plan),
        "exercise/starter.py": _starter(plan),
        "solution/reference.py": _reference(plan),
        "solution/solution.toml": _solution(plan),
    }
    if any(kind in _DERIVATIVES for kind in plan.kinds):
        found["solution/misconceptions.py"] = _misconceptions(plan)
    for name, powers in _STYLES:
        found[f"solution/accepted/{name}"] = _submission(plan, powers, [3, 12, 27])
    right = _submission(plan, _RIGHT, [3, 12, 27])
    wrong = {}
    if plan.kinds != ("graph",):  # numbers are nothing to a graph
        wrong = {name: _submission(plan, powers, [1, 4, 9]) for name, powers in _MISTAKES}
    wrong |= {
        "nothing_defined.py": "import torch\n",
        "returns_nothing.py": "import torch\n\n\n" + _starter_code(plan),
        "not_a_number.py": _submission(plan, ('"x³"', '"3x²"', '"6x"'), ["a", "b", "c"]),
        "another_name.py": right.replace("def ", "def my_").replace("class ", "class My"),
    }
    seen = {right}
    for name, text in wrong.items():
        if text not in seen:
            seen.add(text)
            found[f"solution/rejected/{name}"] = text
    return {PurePosixPath(path): text for path, text in found.items()}


# What each kind asks for.


@dataclass(frozen=True)
class _Part:
    """One check: its function, what that takes, the other keys of its table, and how it is answered.

    :ivar power: which of value, derivative and second derivative it returns.
    """

    function: str
    takes: tuple[str, ...]
    keys: str = ""
    power: int = 1
    times: str = ""
    body: str = ""


def _part(plan: Plan, kind: str) -> _Part:
    f, inputs, v, u = plan.function, plan.inputs, plan.cotangent, plan.tangent
    of = f'of = "{f}"\n'
    match kind:
        case "value" | "gradient" | "graph":
            return _Part(f, inputs, power=0)
        case "prediction":
            return _Part(f"grad_{f}", inputs, of + 'cotangent = "sum"\n')
        case "vjp":
            return _Part(f"vjp_{f}", (*inputs, v), of + f'cotangent = "{v}"\n', times=v)
        case "jvp":
            return _Part(f"jvp_{f}", (*inputs, u), of + f'tangent = "{u}"\n', times=u)
        case "jacobian":
            return _Part(f"jacobian_{f}", inputs, of, body="torch.diag({})")
        case "hvp":
            return _Part(f"hvp_{f}", (*inputs, u), of + f'tangent = "{u}"\ncotangent = "sum"\n', 2, u)
        case "higher-order":
            return _Part(f"second_{f}", inputs, of + 'order = 2\ncotangent = "sum"\n', 2)
        case "from-autograd":
            return _Part(f"auto_{f}", inputs, of + 'cotangent = "sum"\n')
        case "own-prediction":
            return _Part("grad_own", inputs[:1], 'of = "own"\ncotangent = "sum"\n')
        case "raises":
            return _Part("fails", inputs[:1], 'match = "leaf"\n')
        case "backward":
            return _Part(_class(plan), inputs, of)
        case "state":
            return _Part("", ())
        case _:
            raise UsageError(f"there is no worked example of the kind '{kind}' to begin with yet")


def _class(plan: Plan) -> str:
    """``my_cube`` → ``MyCube``; another name where the function is called so itself."""
    name = "".join(part[:1].upper() + part[1:] for part in plan.function.split("_"))
    return name if name != plan.function else f"{name}Function"


def _functions(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Every function that is asked for, with what it takes."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in plan.kinds:
        part = _part(plan, kind)
        if kind == "own-prediction":
            found["own"] = plan.inputs[:1]
        if part.function:
            found[part.function] = part.takes
    return found


def _define(plan: Plan, kind: str, powers: tuple[str, str, str]) -> str:
    """The student's code for one kind."""
    part = _part(plan, kind)
    takes, first = ", ".join(part.takes), plan.inputs[0]
    match kind:
        case "own-prediction":
            own = f"def own({takes}):\n    return {first}.exp()\n\n\n"
            slope = (
                f"{first}.exp()" if powers[1] in ("3 * x**2", "3 * x * x", "3 * torch.square(x)") else first
            )
            return f"{own}def grad_own({takes}):\n    return {slope}\n"
        case "raises":
            right = powers[1] not in [wrong[1] for _, wrong in _MISTAKES]
            step = f"{first}.requires_grad_().zero_()" if right else f"0 * {first}"
            return f"def fails({takes}):\n    return {step}\n"
        case "from-autograd":
            return (
                f"def {part.function}({takes}):\n"
                f"    {first} = {first}.detach().clone().requires_grad_()\n"
                f"    ({plan.code(powers[0])}).sum().backward()\n"
                f"    return {first}.grad\n"
            )
        case "backward":
            saved = ", ".join(plan.inputs)
            unpack = f"{saved}," if len(plan.inputs) == 1 else saved
            rest = "".join(", None" for _ in plan.inputs[1:])
            return (
                f"class {part.function}(torch.autograd.Function):\n"
                "    @staticmethod\n"
                f"    def forward(ctx, {saved}):\n"
                f"        ctx.save_for_backward({saved})\n"
                f"        return {plan.code(_RIGHT[0])}\n\n"
                "    @staticmethod\n"
                "    def backward(ctx, grad_output):\n"
                f"        ({unpack}) = ctx.saved_tensors\n"
                f"        return grad_output * ({plan.code(powers[1])}){rest}\n"
            )
        case _:
            code = plan.code(powers[part.power])
            code = f"({code}) * {part.times}" if part.times else code
            return f"def {part.function}({takes}):\n    return {(part.body or '{}').format(code)}\n"


def _submission(plan: Plan, powers: tuple[str, str, str], typed: list[object]) -> str:
    defined = dict.fromkeys(_define(plan, kind, powers) for kind in plan.kinds if kind != "state")
    text = "\n\n".join(["import torch\n", *defined])
    return text + (f'\n\nPREDICTIONS = {{"x_grad": {typed}}}\n' if "state" in plan.kinds else "")


# The files.


def _exercise(plan: Plan, title: str, title_zh: str) -> str:
    tables = [
        'section = "9.9"\norder = 900\n',
        f'[title]\nen = "{title}"\nzh = "{title_zh}"\n',
        '[summary]\nen = "TODO: one line on what is learnt here."\nzh = "TODO：用一句话说明这道题学什么。"\n',
        '[hint]\nen = "TODO: which question helps who is stuck?"\nzh = "TODO：什么问题能帮助卡住的人？"\n',
        '[insight]\nen = "TODO: what does this show in practice?"\nzh = "TODO：这在实践中说明什么？"\n',
    ]
    constants = {plan.cotangent: "vjp", plan.tangent: "jvp"}
    for name in _all_inputs(plan):
        extra = "differentiable = false\n" if name in constants and name not in plan.inputs else ""
        tables.append(f'[[input]]\nname = "{name}"\n{extra}')
    for function, takes in _functions(plan).items():
        args = ", ".join(f'"{name}"' for name in takes)
        tables.append(f'[[function]]\nname = "{function}"\nargs = [{args}]\n')
    if "state" in plan.kinds:
        at = f"{plan.function}({plan.takes}).sum().backward()"
        tables.append(
            '[[answer]]\nname = "x_grad"\nshape = [3]\n[answer.ask]\n'
            f'en = "TODO: after {at} at {plan.inputs[0]} = [1, 2, 3]: what is {plan.inputs[0]}.grad?"\n'
            f'zh = "TODO：在 {plan.inputs[0]} = [1, 2, 3] 处执行 {at} 之后，{plan.inputs[0]}.grad 是什么？"\n'
        )
    for count, start, en, zh in ((3, 0, "three", "三"), (2, 3, "two", "两")):
        tables.append(
            f'[[case]]\nname = "{en}-entries"\ntitle = {{ en = "{en} entries", zh = "{zh}个分量" }}\n'
            f"inputs = {{ {_numbers(plan, count, start)} }}\n"
        )
    points = max(1, 10 // len(plan.kinds))
    for n, kind in enumerate(plan.kinds):
        part = _part(plan, kind)
        worth = points if n else max(points, 10 - points * (len(plan.kinds) - 1))
        what = f'function = "{part.function}"\n' if part.function else 'answer = "x_grad"\n'
        tables.append(f'[[check]]\nid = "{kind}"\nkind = "{kind}"\npoints = {worth}\n{what}{part.keys}')
    return "\n".join(tables)


def _all_inputs(plan: Plan) -> list[str]:
    return list(dict.fromkeys([*plan.inputs, *(n for takes in _functions(plan).values() for n in takes)]))


_NUMBERS: Final = (1.5, -2.5, 0.5, -0.75, 4.0, -1.25, 2.25, 0.7, -3.5, 1.75, -0.6, 3.25, 0.9)


def _numbers(plan: Plan, count: int, start: int) -> str:
    """Inputs of ``count`` entries, no two of which have much in common."""
    pieces = []
    for n, name in enumerate(_all_inputs(plan)):
        listed = ", ".join(str(_NUMBERS[(start + 5 * n + k) % len(_NUMBERS)]) for k in range(count))
        pieces.append(f"{name} = [{listed}]")
    return ", ".join(pieces)


def _prompt_en(plan: Plan) -> str:
    listed = "".join(f"* `{name}({', '.join(takes)})`: TODO\n" for name, takes in _functions(plan).items())
    return f"TODO: what is this about? Let $f(x) = x^3$, entry by entry.\n\nWrite\n\n{listed}"


def _prompt_zh(plan: Plan) -> str:
    listed = "".join(f"* `{name}({', '.join(takes)})`：TODO\n" for name, takes in _functions(plan).items())
    return f"TODO：这道题讲什么？设 $f(x) = x^3$，逐个分量计算。\n\n请编写：\n\n{listed}"


def _starter(plan: Plan) -> str:
    typed = '\n\nPREDICTIONS = {\n    # "x_grad": ...,\n}\n' if "state" in plan.kinds else ""
    return f"import torch\n\n\n{_starter_code(plan)}{typed}"


def _starter_code(plan: Plan) -> str:
    found = []
    for name, takes in _functions(plan).items():
        if name == _class(plan) and "backward" in plan.kinds:
            code = _define(plan, "backward", _RIGHT)
            head, _, _ = code.partition("        (")
            found.append(f"{head}        ...\n")
        else:
            found.append(f"def {name}({', '.join(takes)}):\n    ...\n")
    return "\n\n".join(found)


def _reference(plan: Plan) -> str:
    of = f"{plan.function}({plan.takes})"
    text = (
        '"""What is right: the functions, the typed answers by running torch, a formula of your own."""\n\n'
        f"import torch\n\n\ndef {of}:\n    return {plan.code(_RIGHT[0])}\n\n\n"
        f"def closed_form({plan.takes}):\n"
        f'    """The author\'s own gradient of {of}.sum() by {plan.inputs[0]}."""\n'
        f"    return {plan.code(_RIGHT[1])}\n"
    )
    for kind in plan.kinds:
        if kind == "raises":
            text += "\n\n" + _define(plan, kind, _RIGHT)
        if kind == "state":
            others = "".join(f"    {name} = torch.ones(3)\n" for name in plan.inputs[1:])
            first = plan.inputs[0]
            text += f"\n\ndef answers():\n    {first} = torch.tensor({list(_POINT)}, requires_grad=True)\n"
            text += f'{others}    {of}.sum().backward()\n    return {{"x_grad": {first}.grad}}\n'
    return text


def _solution(plan: Plan) -> str:
    tables = [f'equivalent = ["{plan.function}: 3 → 6"]\n'] if plan.kinds == ("graph",) else []
    tables += [
        f'[[case]]\nname = "one-entry"\ninputs = {{ {_numbers(plan, 1, 8)} }}\n',
        f'[[case]]\nname = "four-entries"\ninputs = {{ {_numbers(plan, 4, 9)} }}\n',
        "[generator]\ncount = 4\n"
        + "".join(
            f"[generator.draw.{name}]\nshape = [5]\naway_from_zero = 0.25\n" for name in _all_inputs(plan)
        ),
    ]
    for kind, name, said, said_zh in _declared(plan):
        tables.append(
            f'[[misconception]]\nid = "{kind}-{name}"\nchecks = ["{kind}"]\n'
            f'message = {{ en = "TODO: {said}", zh = "TODO：{said_zh}" }}\n'
            'hint = { en = "TODO: which question shows it?", zh = "TODO：什么问题能让人发现这一点？" }\n'
        )
    return "\n".join(tables)


def _declared(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    for kind in plan.kinds:
        if kind in _DERIVATIVES:
            yield kind, "lost-factor", "the factor is lost.", "少了系数。"
            yield kind, "kept-exponent", "the exponent stays as it was.", "指数没有变。"


def _misconceptions(plan: Plan) -> str:
    pieces = [
        '"""Classic wrong answers as code: one function for each, its id with _ for -."""\n\nimport torch\n'
    ]
    for kind, name, _, _ in _declared(plan):
        powers = dict(_MISTAKES)[f"{name.replace('-', '_')}.py"]
        part = _part(plan, kind)
        wrong = f"{kind}-{name}".replace("-", "_")
        if kind == "backward":
            # What it gives for a cotangent of ones: the gradient of the sum.
            pieces.append(f"def {wrong}({plan.takes}):\n    return {plan.code(powers[1])}\n")
        else:
            pieces.append(_define(plan, kind, powers).replace(f"def {part.function}(", f"def {wrong}("))
    return "\n\n".join(pieces)
