"""Every sentence a student can read: in two languages, calm, complete."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import grader
from grader.checks import outcomes, sentences
from grader.checks.answers.choices import parse as parse_words
from grader.checks.diagnoses import registry
from grader.checks.diagnoses.samples import Relation
from grader.checks.formula import NotAFormula
from grader.checks.formula import parse as parse_formula
from grader.checks.results import diagnose
from grader.checks.sentences import OfFormula
from grader.checks.typed import NotAnAnswer, parse
from grader.model.answer_types import ChoiceAnswer, EdgesAnswer, Option
from grader.model.exercise import Function, Limits
from grader.model.observation import (
    REFUSED,
    Cause,
    Defined,
    Died,
    Loaded,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
    Skipped,
)
from grader.model.report import CODES, VERDICTS
from grader.model.source import Source
from grader.model.text import EMPTY, Text
from grader.model.values import Nothing

from . import notation
from .notation import labels

PLAIN_CODES = [
    *(code for code, reason in registry.REASONS.items() if not callable(reason.said)),
    *("sign", "mean-for-sum", "diagonal-only", "cut-graph", "undetached"),
]
"""The codes that need no parameter to be said."""
LABELS = [
    "u|mul",
    "u|exp",
    "|mul",
    "|exp",
    "u|",
    "|",
    "u|*",
    "|*mul",
    "u|*exp",
    "|*",
    "|softmax.div",
    "|*softmax.exp",
]
"""What the graph calls a place: a variable, an operation, both or neither."""
FOUND: dict[str, Relation] = {
    **{code: Relation(code) for code in PLAIN_CODES},
    "scale": Relation("scale", factor=0.5),
    "not-reduced": Relation("not-reduced"),
    "not-reduced along an axis": Relation("not-reduced", variant="axis"),
    "shape": Relation("shape"),
    "shape of a Jacobian": Relation("shape", variant="jacobian"),
    "shape of an output": Relation("shape", variant="output"),
    "one-branch": Relation("one-branch", branches=("up",)),
    "one-branch of several": Relation("one-branch", branches=("up", "down")),
    "sum-for-mean": Relation("mean-for-sum", variant="sum"),
    "zeros": Relation("cut-graph", variant="zero"),
    "missing-factor v|cotangent": Relation("missing-factor", labels=labels("v|cotangent")),
    "missing-factor y|after": Relation("missing-factor", labels=labels("y|after")),
    **{
        f"{code} {label}": Relation(code, labels=labels(label))
        for code in (
            "missing-path",
            "missing-factor",
            "undetached",
            "sign",
            "by-an-intermediate",
            "diagonal-only",
        )
        for label in LABELS
    },
    "missing-factor |cotangent": Relation("missing-factor", labels=labels("|cotangent")),
    "missing-factor |after": Relation("missing-factor", labels=labels("|after")),
    **{
        f"by-another-input {label}": Relation("by-another-input", labels=labels(label))
        for label in ("w|", "|")
    },
    **{
        f"off-by-one {kind}": Relation("off-by-one", labels=labels(f"|{kind}"))
        for kind in ("fewer", "more", "exponent", "count")
    },
    **{
        f"factor-order {kind}": Relation("factor-order", labels=labels(f"|{kind}"))
        for kind in ("transposed", "exchanged", "both")
    },
    **{f"scale {label}": Relation("scale", factor=3.0, labels=labels(label)) for label in LABELS},
    **{
        f"missing-path {a} {b}": Relation("missing-path", labels=labels(a, b))
        for a, b in [("u|add", "w|mul"), ("u|add", "u|mul"), ("u|add", "|mul"), ("|", "|")]
    },
}
"""Everything that the finder can find, and the judge can say."""
GRADER = Path(grader.__file__).parent
F = Function("f", ("x", "v"))
CAUSES: tuple[Cause, ...] = get_args(Cause)
Case = tuple[str, Text]

# What each kind of argument may be; every combination is tried.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "str": ("f",),
    "int": (1, 3),
    "float": (2.0,),
    "bool": (True, False),
    "str | None": ("sin", None),
    "int | str": (1, "w"),
    "int | str | None": (1, "w"),
    "Text": (Text("f", "f"), sentences.through("f")),
    "Text | None": (Text("there is nothing", "什么也没有"), None),
    "int | None": (3, None),
    "tuple[int, ...]": ((), (1,), (2,), (4,), (2, 3), (1, 3), (2, 2, 4)),
    "tuple[int, ...] | None": (None, (), (4,), (3, 2)),
    "list[str]": (["a"], ["a", "b"], []),
    "Function": (Function("f", ("x", "w")),),
    "Defined": (Defined("f", 3, ("w", "x")),),
    "Defined | None": (
        Defined("F", 3),
        Defined("f", 3, None, "class", "Solution"),
        Defined("f", 3, None, "function", "solve"),
        Defined("f", 3, None, "main"),
        None,
    ),
    "Label": tuple(map(notation.label, LABELS)),
    "tuple[Label, ...]": (labels("u|add", "w|mul"), labels("|", "|")),
    "Relation": (Relation("sign"),),
    "list[Text]": ([Text("x > 0", "x > 0 的分支")],),
}
NOT_SENTENCES = {
    "number",
    "apart",
    "a_noun",
    "subject_zh",
    "through",
    "backward_of",
    "summary",
    "nothing_run",
}
PARTS = {"TRIED"}
"""Words that stand inside other sentences."""
NEVER_CALLED_SO = {
    "reaches_others": lambda lost, more: not lost and not more,
    "blank_entries": lambda blank, entries, **_: blank >= entries,
    "wrong_edges": lambda missing, extra, **_: not missing and not extra,
    "no_option": lambda options: not options,
    "arity": lambda given, least, most, **_: least > most or least <= given <= most,
    "note_absent": lambda names: not names,
    "inputs_cut": lambda names: not names,
}


def said_by(name: str, function: Callable[..., Any]) -> Iterator[Case]:
    """What a function that makes sentences says, whatever it is given."""
    parameters = inspect.signature(function).parameters
    for values in itertools.product(*(ARGUMENTS[p.annotation] for p in parameters.values())):
        given = dict(zip(parameters, values, strict=True))
        if not NEVER_CALLED_SO.get(name, lambda **_: False)(**given):
            said = function(**given)
            yield from ((name, text) for text in (said if isinstance(said, tuple) else (said,)))


def constants(name: str, thing: Any) -> Iterator[Case]:
    """The texts in a constant, a pair or a table of these."""
    if isinstance(thing, Text):
        yield name, thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from constants(name, part)
    elif isinstance(thing, dict):
        for key, part in thing.items():
            yield from constants(f"{name}[{key}]", part)


def all_of(module: Any) -> Iterator[Case]:
    """Each text of a module, functions called with arguments of the declared types."""
    for name, thing in vars(module).items():
        if name in PARTS or name.startswith("__"):
            continue
        yield from constants(name, thing)
        own = inspect.isfunction(thing) and thing.__module__ == module.__name__
        if own and name not in NOT_SENTENCES and not name.startswith("_"):
            yield from said_by(name, thing)


def modules_of(package: Any) -> list[Any]:
    """The modules of a package."""
    return [
        importlib.import_module(f"{package.__name__}.{one.name}")
        for one in pkgutil.iter_modules(package.__path__)
    ]


def of_formulas() -> Iterator[Case]:
    """Why a formula cannot be read: constants, and what is said of a piece of it."""
    for name, thing in vars(OfFormula).items():
        yield from constants(f"OfFormula.{name}", thing)
        if isinstance(thing, staticmethod):
            yield from ((f"OfFormula.{n}", text) for n, text in said_by(name, thing.__func__))


def of_relations() -> Iterator[Case]:
    """What is said of each relation: of a prediction, a value, a gradient, a higher derivative."""
    for name, relation in FOUND.items():
        message, diagnosis = diagnose(relation)
        hint = diagnosis.hint
        yield from ((name, text) for text in (message, hint))
        changed = [
            registry.of_value(relation, message, hint),
            registry.of_gradient(relation, message, hint),
            registry.of_order(relation, message, hint),
        ]
        yield from ((name, text) for pair in changed for text in pair)


def every() -> list[Case]:
    """Every sentence, once."""
    summaries = [
        ("summary", sentences.summary(passed, 2, worst))
        for passed in (0, 1, 2)
        for worst in (Text("Because.", "因为。"), None)
    ]
    found = [
        *(case for module in modules_of(sentences) for case in all_of(module)),
        *of_formulas(),
        *of_relations(),
        *summaries,
    ]
    return list(dict.fromkeys(found))


FRAGMENTS = {
    "decimal_comma",
    "UNCLOSED", "NOTHING_TYPED", "TOO_DEEP", "RAGGED", "NONE_INSIDE", "DIVIDED_BY_ZERO", "TOO_MANY",
    "NO_ARROW", "too_long", "no_numbers", "no_words", "no_option",
}  # fmt: skip
"""Reasons that stand after a colon; so does everything in OfFormula."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(("name", "text"), every())
def test_a_sentence_is_one_in_english_and_one_in_chinese(name: str, text: Text) -> None:
    assert "!" not in text.en and "！" not in text.zh
    for said in (text.en, text.zh):
        assert said == said.strip() and "  " not in said
        assert "{" not in said.replace('{"y": 28}', "") and "None raised" not in said
        assert not re.search(
            r"(^| )\(\)|（）|: ?\.( |$)|：。|\b1 (choices|edges|arguments)\b|None[ ,] ?None", said
        )
    assert CHINESE.search(text.zh), text.zh
    assert not CHINESE.search(text.en), text.en
    if name in FRAGMENTS or name.startswith("OfFormula."):
        assert text.en[-1] not in ".?;," and text.zh[-1] not in "。？；，"
        assert not re.match(r"(?!None )[A-Z][a-z]", text.en)
    else:
        assert text.en[0].isupper() or re.match(r"f |f\(|autograd |\d", text.en)
        assert text.en[-1] in ".?" and text.zh[-1] in "。？"


@pytest.mark.parametrize(("name", "text"), every())
def test_chinese_is_set_as_chinese(name: str, text: Text) -> None:
    """Full-width marks beside Chinese characters; a space beside Latin letters, and none elsewhere."""
    assert not re.search(r"[\u4e00-\u9fff][,.;:?!()]|[,;:?!(][\u4e00-\u9fff]", text.zh), text.zh
    assert not re.search(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]| [，。；：？）]|[，。；：？（] ", text.zh), (
        text.zh
    )
    assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", text.zh), text.zh


@pytest.mark.parametrize(("name", "text"), every())
def test_both_languages_name_the_same_numbers_and_things(name: str, text: Text) -> None:
    def names(said: str) -> set[str]:
        """Numbers, and what only code is called: x_grad, no_grad(), .item()."""
        return set(re.findall(r"\d[\d.]*\d|\d|\b\w+_\w+\b|\b\w+\(\)|\.\w+\(\)", said))

    assert names(text.en) - {"1"} == names(text.zh) - {"1"}  # "one" of something may be a digit in one only


def said_of_branches(*names: Text) -> tuple[Text, Text]:
    return registry.REASONS["one-branch"].say(Relation("one-branch", branch_names=names))


class TestReasons:
    @pytest.mark.parametrize("name", FOUND)
    def test_every_relation_says_what_and_asks_why(self, name: str) -> None:
        message, diagnosis = diagnose(FOUND[name])
        assert message != EMPTY and message.en.endswith(".") and message.zh.endswith("。")
        assert diagnosis.hint.en.endswith("?") and diagnosis.hint.zh.endswith("？")
        assert diagnosis.code == FOUND[name].code and diagnosis.factor == FOUND[name].factor

    @pytest.mark.parametrize("name", FOUND)
    def test_of_values_and_gradients_it_says_what_is_meant(self, name: str) -> None:
        relation = FOUND[name]
        message, diagnosis = diagnose(relation)
        for change in (registry.of_value, registry.of_gradient):
            said, hint = change(relation, message, diagnosis.hint)
            assert "Your answer" not in said.en and "你的答案" not in said.zh
            assert hint.en.endswith("?") and hint.zh.endswith("？")

    def test_a_message_begins_alike_in_both_languages(self) -> None:
        """Another subject takes the place of the answer, in both or in neither."""
        for relation in FOUND.values():
            message, _ = diagnose(relation)
            assert message.en.startswith("Your answer ") == message.zh.startswith("你的答案"), message

    def test_a_code_that_is_none_has_no_sentence(self) -> None:
        assert registry.say(Relation("no-such-code")) == (EMPTY, EMPTY)

    def test_the_factor_is_said_with_six_digits(self) -> None:
        message, _ = registry.say(Relation("scale", factor=1 / 3))
        assert "0.333333 times" in message.en and "0.333333 倍" in message.zh

    def test_a_constant_too_many_or_too_few_is_asked_about_in_both_languages(self) -> None:
        _, hint = registry.of_gradient(Relation("scale", factor=0.5), EMPTY, EMPTY)
        assert "does not have, or leave out one that it has?" in hint.en and "多乘或少乘" in hint.zh

    def test_branches_are_listed(self) -> None:
        message, _ = said_of_branches(Text("a > 0", "a > 0"), Text("a < 0", "a < 0"))
        assert "on a > 0 or a < 0." in message.en and "除了 a > 0 或 a < 0，" in message.zh

    def test_words_that_all_branches_share_are_said_once(self) -> None:
        message, _ = said_of_branches(
            Text("inputs that contain a zero", "含有 0 的输入"),
            Text("inputs that contain a one", "含有 1 的输入"),
            Text("inputs that are huge", "很大的输入"),
        )
        assert message.en == "Right, except on inputs that contain a zero, contain a one or are huge."
        assert message.zh == "除了含有 0、含有 1 或很大的输入，其余都正确。"

    @pytest.mark.parametrize(
        ("label", "en", "zh"),
        [
            ("u|mul", "the path through u:", "经过 u 的那条路径"),
            ("|mul", "the paths that meet in the product:", "在乘积处汇合的一条路径"),
            ("|where", "the paths that meet in where:", "在 where 处汇合的一条路径"),
            ("|", "one of the paths from the input to the output:", "从输入到输出的一条路径"),
        ],
    )
    def test_a_missing_path_is_named_as_well_as_it_is_known(self, label: str, en: str, zh: str) -> None:
        message, _ = registry.say(Relation("missing-path", labels=labels(label)))
        assert en in message.en and zh in message.zh

    def test_two_missing_paths_are_named_when_both_have_names(self) -> None:
        message, _ = registry.say(Relation("missing-path", labels=labels("u|add", "w|mul")))
        assert "through u and w" in message.en and "u 和 w" in message.zh
        for two in (["u|add", "|mul"], ["u|add", "u|mul"], ["|", "|"]):
            message, _ = registry.say(Relation("missing-path", labels=labels(*two)))
            assert "two of the paths" in message.en and "两条路径" in message.zh

    @pytest.mark.parametrize(
        ("label", "en", "zh"),
        [
            ("u|exp", "the step that makes u (exp)", "算出 u 的那一步（exp）"),
            ("|mul", "one step: the product", "一步的导数：乘积"),
            ("|", "one of the steps", "某一步"),
            ("v|cotangent", "ones in place of v", "把 v 全换成 1"),
            ("y|after", "the derivative of y alone", "只是 y 的导数"),
        ],
    )
    def test_a_missing_factor_is_named_as_well_as_it_is_known(self, label: str, en: str, zh: str) -> None:
        message, _ = registry.say(Relation("missing-factor", labels=labels(label)))
        assert en in message.en and zh in message.zh

    def test_what_was_not_cut_off_is_named(self) -> None:
        message, hint = registry.say(Relation("undetached", labels=labels("u|")))
        assert "when u is not cut off" in message.en and "没有切断 u 时" in message.zh
        assert "u is a constant" in hint.en and "u 是常数" in hint.zh
        assert registry.say(Relation("undetached", labels=labels("|"))) == registry.say(
            Relation("undetached")
        )

    def test_a_term_with_a_factor_is_told_from_a_whole_gradient_with_one(self) -> None:
        """Autograd through f: no word of "every entry" where only one term is wrong."""
        for name in ("sign u|mul", "scale u|mul"):
            message, diagnosis = diagnose(FOUND[name])
            said, _ = registry.of_gradient(FOUND[name], message, diagnosis.hint)
            assert said == message and "Right, except" in said.en and "through u" in said.en

    @pytest.mark.parametrize("label", LABELS)
    @pytest.mark.parametrize("code", ["missing-path", "missing-factor"])
    def test_for_autograd_through_f_it_is_the_gradient_that_lacks_something(
        self, code: str, label: str
    ) -> None:
        relation = Relation(code, labels=labels(label))
        message, diagnosis = diagnose(relation)
        said, hint = registry.of_gradient(relation, message, diagnosis.hint)
        assert said.en.startswith("The gradient through your function leaves out ")
        assert said.zh.startswith("autograd 对你的函数求出的梯度正好少了")
        assert hint != diagnosis.hint, "the mend is in f, not in a formula"

    def test_a_sum_in_the_place_of_a_mean_is_no_division(self) -> None:
        message, diagnosis = diagnose(FOUND["sum-for-mean"])
        for change in (registry.of_value, registry.of_gradient):
            said, _ = change(FOUND["sum-for-mean"], message, diagnosis.hint)
            assert "times the number of entries" in said.en and "乘以元素个数" in said.zh

    def test_the_second_derivative_may_be_the_right_one(self) -> None:
        """Where two derivatives are asked for, one too few is no value and one too many no second one."""
        low, _ = registry.of_order(Relation("value-not-gradient"), EMPTY, EMPTY)
        high, _ = registry.of_order(Relation("second-derivative"), EMPTY, EMPTY)
        assert "too low" in low.en and "太低" in low.zh and "too high" in high.en and "太高" in high.zh
        other = Text("Other.", "其他。")
        assert registry.of_order(Relation("sign"), other, other) == (other, other)


def test_authors_find_every_code_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "writing-exercises.md").read_text("utf-8")
    assert [code for code in CODES if f"`{code}`" not in guide] == []
    assert {relation.code for relation in FOUND.values()} <= set(CODES)


def test_the_codes_of_the_contract_are_those_of_the_registry() -> None:
    assert sorted(registry.REASONS) == sorted(CODES)
    assert set(registry.REASONS) <= {relation.code for relation in FOUND.values()}


def test_no_other_code_is_named_anywhere() -> None:
    """By what judges, by the rules, and by what reads wrong gradients off a graph."""
    files = [
        *GRADER.glob("checks/**/*.py"),
        *GRADER.glob("grading/*.py"),
        *GRADER.glob("sandbox/inside/*.py"),
    ]
    named = {
        call.args[0].value
        for path in files
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("Relation", "Mistake", "Diagnosis", "single", "at_a_place", "at_one_place")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert named <= set(CODES) and len(named) > 24


class TestPlurals:
    def test_choices(self) -> None:
        assert sentences.wrong_choices("y", 1, 1) == sentences.wrong_typed("y")
        assert sentences.wrong_choices("y", 1, 3).en == "1 of the 3 choices is not right."
        assert sentences.wrong_choices("y", 2, 3).en == "2 of the 3 choices are not right."
        assert sentences.wrong_count(1, 3).en == "You made 1 choice where 3 are asked for."
        assert sentences.wrong_count(3, 1).en == "You made 3 choices where 1 is asked for."

    @pytest.mark.parametrize(
        ("missing", "extra", "en", "zh"),
        [
            (1, 0, "1 edge is missing.", "还缺 1 条边。"),
            (2, 0, "2 edges are missing.", "还缺 2 条边。"),
            (0, 1, "1 of your edges is not in the graph: a → b.", "你的边里有 1 条不在图中：a → b。"),
            (0, 2, "2 of your edges are not in the graph, such as a → b.",
             "你的边里有 2 条不在图中，例如 a → b。"),
            (1, 1, "1 of your edges is not in the graph: a → b; 1 is missing.",
             "你的边里有 1 条不在图中：a → b；还缺 1 条。"),
        ],
    )  # fmt: skip
    def test_edges(self, missing: int, extra: int, en: str, zh: str) -> None:
        said = sentences.wrong_edges(missing, extra, "a → b" if extra else "", False)
        assert (said.en, said.zh) == (en, zh)

    def test_edges_that_point_backwards_are_said_to(self) -> None:
        assert "the other way" in sentences.wrong_edges(2, 2, "a → b", True).en


class TestBehaviour:
    def test_an_own_raise_is_named_with_its_line(self) -> None:
        assert "own code in line 3." in sentences.raised_by_hand(3).en
        assert "（第 3 行）" in sentences.raised_by_hand(3).zh
        assert "line" not in sentences.raised_by_hand(None).en

    def test_another_error_is_shown(self) -> None:
        said = sentences.other_error("TypeError", "no.", 2)
        assert said.en == "Line 2 raised TypeError: no. That is not the error that is asked for."

    def test_inputs_that_are_lost_go_before_those_too_many(self) -> None:
        assert "not connected to a or b." in sentences.reaches_others(["a", "b"], ["c"]).en
        assert "still connected to c." in sentences.reaches_others([], ["c"]).en

    @pytest.mark.parametrize("name", ["cuts", "branches"])
    def test_a_graph_has_too_much_or_too_little(self, name: str) -> None:
        assert sentences.other_graph(name, True) != sentences.other_graph(name, False)

    def test_an_item_that_is_not_there_is_counted_as_python_counts(self) -> None:
        assert sentences.no_item("grad_f", "tuple", 1).en.endswith("has no item 1 (counted from 0).")
        assert sentences.no_item("grad_f", "dict", "w").en == "grad_f returned a dict that has no item w."


# What stands behind the colon of an answer that cannot be read.

CHOICE = ChoiceAnswer("mode", EMPTY, option=(Option("forward", EMPTY), Option("reverse", EMPTY)))
EDGES = EdgesAnswer("graph", EMPTY)
FORMULAS = (
    "2x +", "(x", "x)", "[1, 2]", "y", "sin x y", "x = 2", "f(2x)", "x'", "grad(f)", "x[0]", "sin(1, 2)"
)  # fmt: skip
NUMBERS = ("[1", "", "[[1],2]", "[None]", "[" * 9)
UNREADABLE: list[tuple[Callable[[], object], str]] = [
    *((lambda text=text: parse(text), text) for text in NUMBERS),
    (lambda: parse("1 " * 4000), "too long"),
    (lambda: parse_words("sideways", CHOICE), "no option"),
    (lambda: parse_words(" , ", CHOICE), "nothing"),
    (lambda: parse_words("x y", EDGES), "no arrow"),
    (lambda: parse_words("a->b," * 300, EDGES), "too many"),
    *((lambda text=text: parse_formula(text, ["x"], {"f": ["x"]}, "x"), text) for text in FORMULAS),
]  # fmt: skip


@pytest.mark.parametrize("read", [case[0] for case in UNREADABLE], ids=[case[1] for case in UNREADABLE])
def test_why_something_cannot_be_read_completes_a_sentence(read: Callable[[], object]) -> None:
    with pytest.raises((NotAnAnswer, NotAFormula)) as caught:
        read()
    said = sentences.unreadable_answer("y", caught.value.what[:60], caught.value.why)
    assert said.en.startswith("Your answer for y cannot be read") and said.en.endswith(".")
    assert said.zh.endswith("。") and ".." not in said.en


def test_a_misconception_that_is_none_of_the_exercises_is_not_looked_up() -> None:
    assert diagnose(Relation("author:lost"), None)[0] == EMPTY


# What a run means that brought no answer.

ENDS: list[tuple[Outcome, str]] = [
    (Missing(), "missing"),
    (Missing(found="int"), "missing"),
    (Misfit("f(x)", 2), "error"),
    (Raised("ValueError", "no", 3), "error"),
    (Raised("ValueError", ""), "error"),
    (Raised("SyntaxError", "invalid syntax", 2, 5), "error"),
    (Raised("SyntaxError", "invalid syntax"), "error"),
    (Raised("ModuleNotFoundError", "No module named 'd2l.torch'", 1), "error"),
    (Raised("MemoryError", ""), "memory"),
    (Raised("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried"), "memory"),
    (Raised("RuntimeError", "can't start new thread"), "forbidden"),
    *((Raised("OSError", "no", 3, errno=number), "forbidden") for number in REFUSED),
    *((Died(cause), cause) for cause in CAUSES),
    (Died("output", "text"), "output"),
    (Died("crashed", "exit 0"), "crashed"),
    (Died("crashed", "SIGSEGV"), "crashed"),
    (Died("forbidden", "network"), "forbidden"),
    (Skipped(), "skipped"),
]


@pytest.mark.parametrize(("outcome", "verdict"), ENDS)
def test_every_end_has_its_verdict_and_a_sentence(outcome: Outcome, verdict: str) -> None:
    found = outcomes.trouble(outcome, F, Limits())
    assert found is not None and found.verdict == verdict and verdict in VERDICTS
    assert found.message.en.endswith((".", "?")) and found.message.zh.endswith(("。", "？"))
    assert "{" not in found.message.en + found.message.zh


def test_an_answer_is_no_trouble() -> None:
    assert outcomes.trouble(Returned(Nothing()), F, Limits()) is None


def test_a_call_that_does_not_fit_shows_both_sides() -> None:
    found = outcomes.trouble(Misfit("f(x)", 2), F, Limits())
    assert found is not None and "f(x, v)" in found.message.en and "define f(x)" in found.message.en


def test_a_missing_module_is_named_with_what_is_there() -> None:
    found = outcomes.of_error(Raised("ModuleNotFoundError", "No module named 'd2l'", 2), Limits())
    assert "Line 2 imports d2l" in found.message.en and "torch" in found.message.zh


class TestStudentError:
    SOURCE = "import torch\n\ndef f(x):\n    返回 = x +* 2\n"

    def test_the_first_one_with_the_students_own_line(self) -> None:
        seen: list[Outcome] = [Returned(Nothing()), Raised("ValueError", "no", 4), Raised("KeyError", "x", 1)]
        error = outcomes.student_error(Loaded(), seen, Source(self.SOURCE), Limits())
        assert error is not None
        assert (error.type, error.message.en, error.line) == ("ValueError", "no", 4)
        assert error.excerpt == "返回 = x +* 2"

    def test_a_caret_stands_under_the_place_where_characters_are_wide(self) -> None:
        broken = Loaded(Raised("SyntaxError", "invalid syntax", 4, 13))
        error = outcomes.student_error(broken, [], Source(self.SOURCE), Limits())
        assert error is not None and "line 4" in error.message.en
        shown, caret = error.excerpt.splitlines()
        assert shown[8] == "*" and caret == " " * 10 + "^"  # two of the characters before take two columns

    @pytest.mark.parametrize("column", [0, -5, 10**6, None])
    @pytest.mark.parametrize("line", [0, -1, 99, None])
    def test_places_outside_the_source_show_nothing(self, line: int | None, column: int | None) -> None:
        error = outcomes.student_error(
            Loaded(Raised("SyntaxError", "x", line, column)), [], Source("x"), Limits()
        )
        assert error is not None and error.excerpt == ""

    def test_no_error_no_sentence(self) -> None:
        assert (
            outcomes.student_error(Loaded(), [Returned(Nothing()), Missing()], Source(""), Limits()) is None
        )

    def test_a_death_is_one(self) -> None:
        error = outcomes.student_error(Loaded(Died("timeout")), [], Source(""), Limits())
        assert error is not None and error.type == "timeout" and error.line is None
