"""The guide for authors holds: its steps are done literally, and its reference is graded line by line.

If the guide changes, this follows: nothing of it is repeated here.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import grader
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model import exercise as model
from grader.model.answer_types import ANSWERS, Answer, Option
from grader.model.check import Check
from grader.model.kinds import CHECKS
from grader.model.report import CODES
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.authoring.guide import GUIDE, ROOT, Block, Command, blocks, commands, put

TEXT = GUIDE.read_text(encoding="utf-8")
STEPS, _, REFERENCE = TEXT.partition("\n## Reference\n")


class Reader:
    """Someone who follows the guide in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.typed: list[Command] = []
        self._environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),  # this checkout, wherever the command is installed from
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
        }

    def follow(self, block: Block) -> None:
        """Do what one block says."""
        if block.language == "sh":
            for command in commands(block):
                self.type(command)
            return
        path = block.about.removesuffix(" tables")
        assert path, f"a block that is neither a file nor a command: {block.text[:60]}"
        # The path stands where no reader of the page sees it; so its name must be in the text, too.
        assert f"`{Path(path).name}`" in block.before, f"the text before does not name {path}"
        put(self.folder / path, block)

    def type(self, command: Command) -> None:
        """Run one command; it must end and print as the guide says."""
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        printed = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == command.status, f"{command.line}\n{done.stdout}{done.stderr}"
        at = 0
        for piece in command.prints:
            assert piece in printed[at:], (
                f"{command.line}\nprints no {piece!r} but\n{done.stdout}{done.stderr}"
            )
            at = printed.index(piece, at) + len(piece)
        self.typed.append(command)


@pytest.mark.slow
def test_who_follows_the_guide_has_a_sound_exercise(tmp_path: Path) -> None:
    """All steps, through the real ``grade``; it ends proved, and tried with a right and a wrong answer."""
    reader = Reader(tmp_path)
    for block in blocks(STEPS):
        reader.follow(block)
    checks = [command for command in reader.typed if command.line.startswith("grade check")]
    runs = [command for command in reader.typed if command.line.startswith("grade run")]
    assert checks[-1].status == 0
    assert {command.status for command in runs} == {0, 1} and all(command.prints for command in runs)


def test_it_says_nothing_of_the_template_any_more(tmp_path: Path) -> None:
    """Whoever has followed the guide has changed every place that speaks of the template's function."""
    reader = Reader(tmp_path)
    for block in blocks(STEPS):
        if block.language != "sh":
            reader.follow(block)
            continue
        for command in commands(block):
            if not re.match(r"grade (check|run)|cat ", command.line):
                reader.type(command)
    for path in tmp_path.rglob("*.*"):
        left = re.findall(
            r"x\s*\*\*\s*[23]|x[²³]|cube|立方|\^3|1, 2, 3|12, 27", path.read_text(encoding="utf-8")
        )
        assert not left, f"{path.name} still holds {left}"


def test_it_is_short() -> None:
    """Ten minutes are for writing, not for reading."""
    assert len(STEPS.splitlines()) <= 130 and len(TEXT.splitlines()) <= 330


# The reference.


def derived(kind: type) -> list[type]:
    """A class and all that derive from it."""
    return [kind, *(each for sub in kind.__subclasses__() for each in derived(sub))]


TABLES: tuple[type[msgspec.Struct], ...] = (
    model.Input, model.Case, model.Function, Option, *derived(Answer), *derived(Check),
    model.Draw, model.Generator, model.Misconception, model.Branch, model.Limits,
)  # fmt: skip


def structs() -> Iterator[tuple[str, str]]:
    """Every key that an author can write, with the table it belongs to."""
    for kind in TABLES:
        for name in kind.__struct_fields__:
            if (kind, name) != (model.Case, "visible"):  # follows from the file it stands in
                yield kind.__name__, name


@pytest.mark.parametrize(("table", "key"), list(structs()), ids=str)
def test_every_key_is_in_the_reference(table: str, key: str) -> None:
    """Whatever can be written is told."""
    code = re.sub(r"^```\w+|^```", "", REFERENCE, flags=re.MULTILINE)
    spans = "\n".join([*re.findall(r"`([^`\n]+)`", code), *(block.text for block in blocks(REFERENCE))])
    assert re.search(rf"\b{key}\b", spans), f"{table}.{key}"


def test_every_word_is_in_the_reference() -> None:
    """Kinds of checks and answers, kinks, properties, dtypes and signs."""
    words: list[str] = [
        *CHECKS,
        "smooth",
        "equivalent",
        "given.py",
        "branch(…)",
        "answers()",
        "closed_form(…)",
    ]
    fields = {
        (kind.__name__, field.name): field.type
        for kind in TABLES
        for field in msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
    }
    named = [each for each in fields.values() if isinstance(each, msgspec.inspect.LiteralType)]
    assert {"avoid", "cuts", "complex128", "positive"} <= {
        str(word) for each in named for word in each.values
    }
    words += [*ANSWERS, *(str(value) for each in named for value in each.values if value)]
    assert [word for word in words if word not in REFERENCE] == []


def example(about: str) -> Block:
    """The block of examples called ``about``."""
    (found,) = [block for block in blocks(REFERENCE) if block.about == about]
    return found


def table(text: str) -> dict[str, Any]:
    """An inline table of TOML, as examples have it in comments."""
    return tomllib.loads(f"it = {text}")["it"]  # type: ignore[no-any-return]


def toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return (
        str(value).lower()
        if isinstance(value, bool)
        else repr(value)
        if value != str(value)
        else f'"{value}"'
    )


SAID = {"en": "said", "zh": "说明"}


def written(root: Path, sheet: dict[str, Any], reference: str) -> Library:
    """An exercise of these tables and this reference."""
    for part, files in {
        "exercises": {
            "exercise.toml": "\n".join(f"{key} = {toml(value)}" for key, value in sheet.items()),
            "prompt.en.md": "said", "prompt.zh.md": "说明", "starter.py": "",
        },
        "solutions": {"reference.py": reference, "solution.toml": ""},
    }.items():  # fmt: skip
        folder = root / part / "examples"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    return Library(root / "exercises", root / "solutions")


def verdicts(library: Library, source: str, pool: Pool) -> dict[str, tuple[str, str]]:
    """Check → what was said of ``source``."""
    report = grade(library.get("examples"), Submission(source.encode()), pool, Truths())
    return {check.id: (check.verdict, check.message.en) for check in report.checks}


HEAD = {"section": "1", "order": 1, "title": SAID, "summary": SAID}
VECTORS = [{"name": "x"}, {"name": "u", "differentiable": False}, {"name": "v", "differentiable": False}]
CASES = [{"name": "visible", "inputs": {"x": [1.5, -2.5], "u": [0.5, 2.0], "v": [-1.5, 0.75]}}]


def test_the_example_of_every_kind_passes(tmp_path: Path, pool: Pool) -> None:
    """Each line of code is what its table asks for; and with other numbers it is not."""
    source = example("checks").text
    kinds = [
        table(line[1:].strip()[: line[1:].strip().index("}") + 1])
        for line in re.findall(r"^# .*", source, re.M)
    ]
    assert [kind["kind"] for kind in kinds] == list(CHECKS)
    top = ast.parse(source).body
    signatures = {
        node.name: [a.arg for a in node.args.args] for node in top if isinstance(node, ast.FunctionDef)
    }
    for node in top:
        if isinstance(node, ast.ClassDef):  # asked with what its forward takes after ctx
            forward = next(n for n in node.body if isinstance(n, ast.FunctionDef))
            signatures[node.name] = [a.arg for a in forward.args.args[1:]]
    signatures = {name: args for name, args in signatures.items() if name in source and "ctx" not in args}
    sheet = HEAD | {
        "input": VECTORS,
        "function": [{"name": name, "args": args} for name, args in signatures.items()],
        "answer": [{"name": kind["answer"], "ask": SAID} for kind in kinds if "answer" in kind],
        "case": CASES,
        "check": [{"id": kind["kind"], "points": 1, "title": SAID} | kind for kind in kinds],
    }
    right = "import torch\n" + source
    reference = right + "\ndef answers(): return PREDICTIONS\n"
    library = written(tmp_path, sheet, reference)
    assert verdicts(library, right, pool) == dict.fromkeys(CHECKS, ("passed", ""))
    wrong = (
        right.replace("3 * x", "2 * x").replace("6 * x", "5 * x").replace("x**3", "x**2").replace("27", "28")
    )
    wrong = wrong.replace("x.exp()", "x.sin()").replace("mul_(2)", "mul(2)").replace(".detach()", "")
    wrong = wrong.replace("x * x * x", "x * x")
    failed = {kind: verdict for kind, (verdict, _) in verdicts(library, wrong, pool).items()}
    assert set(failed.values()) == {"failed"}


def test_the_example_of_every_answer_passes(tmp_path: Path, pool: Pool) -> None:
    """Typed as the reference types it."""
    source = example("answers").text
    lines = re.findall(r'^\s+"(\w+)": .*?# (\{.*?\})(?: .*?(\{.*\}))?', source, re.M)
    answers, checks = [], []
    for name, described, check in lines:
        answer = {"name": name, "ask": SAID} | table(described)
        if answer.get("type") == "choice":
            said = table(re.findall(rf'"{name}": (".*?")', source)[0])
            answer["option"] = [
                {"id": option, "text": {"en": option, "zh": option}} for option in (said, "other")
            ]
        answers.append(answer)
        checks.append(
            {"id": name, "points": 1, "title": SAID}
            | (table(check) if check else {"kind": "state", "answer": name})
        )
    assert {answer.get("type", "number") for answer in answers} == {
        "number",
        "bool",
        "choice",
        "edges",
        "formula",
    }
    sheet = HEAD | {
        "input": VECTORS[:1],
        "function": [{"name": "f", "args": ["x"]}],
        "answer": answers,
        "case": [{"name": "visible", "inputs": {"x": [1.5, -2.5]}}],
        "check": checks,
    }
    reference = "def f(x): return x**3\n" + source + "\ndef answers(): return PREDICTIONS\n"
    library = written(tmp_path, sheet, reference)
    assert verdicts(library, source, pool) == {name: ("passed", "") for name, _, _ in lines}


def test_every_code_is_told() -> None:
    """The table has the codes of the registry, no more and no fewer, in its order."""
    rows = REFERENCE.partition("| code | the answer |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([a-z0-9-]+)` \| \w.* \|$", rows, re.M)) == CODES


SPEAKING = ("authoring", "exercises", "grading", "checks/kinds", "checks/answers", "model")
"""Rooms that complain of an exercise."""


def spoken() -> str:
    """Every piece of text in the sources that complain of an exercise."""
    home = Path(grader.__file__).parent
    pieces: list[str] = []
    for path in [path for room in SPEAKING for path in home.glob(f"{room}/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                pieces.append("".join(p.value if isinstance(p, ast.Constant) else "…" for p in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                pieces.append(node.value)
    return "\n".join(pieces)


def test_every_complaint_of_the_table_is_made() -> None:
    """What the last table quotes is what ``grade check`` says."""
    said = spoken()
    rows = re.findall(r"^\| (`.*?) \| .+ \|$", REFERENCE.partition("| it says |")[2], re.M)
    quoted = [quote for row in rows for quote in re.findall(r"`([^`]+)`", row)]
    assert len(quoted) > 15
    for quote in quoted:
        pieces = [piece.strip() for piece in quote.split("…")]
        assert all(piece in said for piece in pieces) or quote in said, quote


def test_what_it_links_to_exists() -> None:
    """Other pages of this repository."""
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / target).exists(), target
