"""What is handed in is read as it was meant: encodings, notebooks, and what is pasted along with Python."""

from __future__ import annotations

import ast
import codecs
import json
import re
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.model import source_sentences as say
from grader.model.mending import Kind, Mended
from grader.model.source import NOTEBOOK_BYTES, Refusal, Source, read_source

ROOT = Path(__file__).parents[2]
LIMIT = 256 * 1024
F = "import torch\n\n\ndef f(x):\n    return 2 * x.dot(x)\n"


def read(source: str | bytes) -> Source:
    found = read_source(source.encode() if isinstance(source, str) else source, LIMIT)
    assert isinstance(found, Source), found
    return found


def refused(source: str | bytes) -> Refusal:
    found = read_source(source.encode() if isinstance(source, str) else source, LIMIT)
    assert isinstance(found, Refusal), found
    return found


def runs(text: str) -> dict[str, Any]:
    """What the text defines; imports of torch are left out, which is not needed here."""
    namespace: dict[str, Any] = {}
    exec(compile(re.sub(r"(?m)^import torch$", "", text), "x", "exec"), namespace)
    return namespace


def notebook(*cells: tuple[str, Any], **more: Any) -> bytes:
    made = [{"cell_type": kind, "metadata": {}, "outputs": [], "source": source} for kind, source in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


class TestPython:
    @pytest.mark.parametrize("folder", ["solutions", "exercises", "grader", "tests"])
    def test_what_python_can_read_comes_through_unchanged(self, folder: str) -> None:
        files = [p for p in (ROOT / folder).rglob("*.py") if p.stat().st_size]
        assert len(files) > 20
        for path in files:
            data = path.read_bytes()
            try:
                ast.parse(data)
            except SyntaxError:
                continue
            source = read(data)
            assert (source.data, source.notes) == (data, ()), path

    ODD_BUT_PYTHON = (
        "x = '“”（），：＝\u200b\u00a0'\n",
        "x = \"“\"; y = '”'\n",
        "'''\n%matplotlib inline\n>>> f(1)\n```python\n！\n'''\n",
        'r"""\n\\"""\n% (1)\n"""\n',
        "x = 5 \\\n% 3\n",
        "x = (5\n% 3)\n",
        "x = [1,\n...\n]\n",
        "...\n",
        "if True:\n    ...\n",
        "x: int = 3  # （注释）“quoted”\n",
        "名字 = 1\nｘ１ = 2\n",
        "def f(In):\n    In[3]: int = 5\n",
        "d = {\n  3: 4}\n[3][0]\n",
        "x = ~~~5\n",
        'f"{x!r:>{10}}" if False else 1\n',
        "pip = 3\nconda = pip\n",
        "import get_ipython\n",
        "def get_ipython():\n    pass\n\n\nget_ipython().x('y')\n",
        "if True:\n\tx = 1\nelse:\n        y = 2\n",
        "if True:\n\tif True:\n\t    y = 2\n",
        "x = 'it\\\n%s' % 3\n",
        "\x0cdef f(x): return x\n",
        "a = 1 if True else 2 # what?\n",
        "~~~1\n",
        "~~~x\ny = ~~~x\n",
    )

    @pytest.mark.parametrize("text", ODD_BUT_PYTHON)
    def test_odd_python_too(self, text: str) -> None:
        ast.parse(text)
        source = read(text)
        assert (source.text, source.notes) == (text, ())

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "x = 1",
                    "def f(x):",
                    "    return x",
                    "'",
                    '"',
                    '"""',
                    "'''",
                    "(",
                    ")",
                    "#",
                    "“",
                    "”",
                    "，",
                    "\\",
                    "\n",
                    "\n",
                    " ",
                    "\t",
                    ">>> ",
                    "... ",
                    "%time ",
                    "!ls",
                    "?",
                    "```",
                    "```python",
                    "In [1]: ",
                    "Out[1]: ",
                    "[1]:",
                    "~~~",
                    "get_ipython().x('')",
                    "%%bash",
                    "x",
                    "３",
                    "\u00a0",
                    "\r",
                    "\x0c",
                    "1 ",
                ]
            ),
            max_size=30,
        ).map("".join)
    )
    @example("if x:\n%time\n")
    @example('"”"”"')
    @example("```\n```\n```")
    def test_whatever_python_reads_is_left_alone_and_lines_keep_their_numbers(self, text: str) -> None:
        found = read_source(text.encode(), LIMIT)
        if isinstance(found, Refusal):
            assert found.kind == "EmptySource"
            return
        assert len(re.split(r"\r\n|\r|\n", found.text)) == len(re.split(r"\r\n|\r|\n", text))
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return
        # "In [1]: x = 1" annotates an item of In, for Python; nobody who has no In means that.
        if "get_ipython" not in text and not re.search(r"(?m)^\s*In \[", text):
            assert (found.text, found.notes) == (text, ())

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=300))
    @example(b"\xff\xfe")
    @example(b"\xff\xfe\0")
    @example(b"{")
    @example(b'{"cells": [{"cell_type": "code", "source": ["\\ud800"]}]}')
    @example(b'{"cells": ' + b"[" * 10_000)
    @example(b"# coding: rot13\n\xff")
    @example(b"# coding: ../../etc/passwd\n\xff")
    @example(b"# coding: idna\n\xff\xff")
    def test_no_bytes_raise(self, data: bytes) -> None:
        found = read_source(data, LIMIT)
        said = [found.message] if isinstance(found, Refusal) else list(found.notes)
        assert all(text.en and text.zh for text in said)
        if isinstance(found, Source):
            assert "\0" not in found.text and found.data

    @pytest.mark.parametrize(
        "piece",
        [
            '"”',
            "'",
            '"""',
            "“",
            "(",
            "\\",
            ">>> \n",
            "...\n",
            "!\n",
            "```\n",
            "%%bash\n",
            "\u3000",
            "\t \n",
            "x?\n",
            " ",
            "1\n",
            "In [1]:\n",
            "Out[1]:\n",
            "get_ipython().x()\n",
            "“””",
            "１",
            '\\"',
            "= !",
            "[",
            '{"cells":',
        ],
    )
    def test_linear_time(self, piece: str) -> None:
        started = time.perf_counter()
        read_source((piece * (120_000 // len(piece.encode()))).encode(), LIMIT)
        assert time.perf_counter() - started < 3


class TestEncodings:
    TEXT = F + "# 作业：求梯度\n"

    def test_utf8_with_a_mark(self) -> None:
        assert read(codecs.BOM_UTF8 + self.TEXT.encode()) == Source(self.TEXT)

    @pytest.mark.parametrize("name", ["gbk", "GB2312", "gb18030", "cp936", "utf8", "utf-8"])
    @pytest.mark.parametrize(
        "head", ["# -*- coding: {} -*-\n", "#!/usr/bin/python\n# vim: set fileencoding={} :\n"]
    )
    def test_a_coding_line_is_honoured(self, name: str, head: str) -> None:
        text = head.format(name) + self.TEXT
        assert read(text.encode(name)) == Source(text)

    def test_a_coding_line_in_what_was_pasted_into_a_page(self) -> None:
        text = "# -*- coding: gbk -*-\n" + self.TEXT
        assert read(text.encode()) == Source(text)

    def test_latin_and_japanese(self) -> None:
        assert read("# coding: latin-1\n# é\n".encode("latin-1")).text.endswith("é\n")
        assert read("# coding: shift_jis\n# 勾配\n".encode("shift_jis")).text.endswith("勾配\n")

    def test_a_coding_line_that_is_not_true(self) -> None:
        said = refused(b"# coding: ascii_or_so\nx = '\xff'\n")
        assert said.kind == "UnicodeDecodeError" and said.line == 2 and "not UTF-8" in said.message.en
        said = refused(b"# coding: shift_jis\nx = '\xff'\n")
        assert said.line == 2 and "shift_jis" in said.message.en and "shift_jis" in said.message.zh

    def test_a_coding_line_below_code_is_only_a_comment(self) -> None:
        assert read("x = 1\n# coding: latin-1\n# 梯".encode("gbk")).notes

    def test_gb18030_without_one(self) -> None:
        source = read(self.TEXT.encode("gb18030"))
        assert source.text == self.TEXT and "GB18030" in source.notes[0].en and len(source.notes) == 1

    @pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf16(self, name: str) -> None:
        source = read(F.encode(name)) if name != "utf-32" else read(F.encode("utf-32"))
        assert source.text == F and "UTF-16" in source.notes[0].en

    def test_other_bytes(self) -> None:
        assert refused(F.encode() + b"\xff").line == F.count("\n") + 1
        assert refused(b"x = 1\0\n").kind == "NulBytes"
        assert refused(b"").empty and refused(codecs.BOM_UTF8 + b"\r\n \x1a").empty
        assert refused(b"#" * (LIMIT + 1)).kind == "SourceTooLarge"

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"PK\x03\x04xx", "Word"),
            (b"%PDF-1.4 \xff", "PDF"),
            (b"{\\rtf1\\ansi", "RTF"),
            (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html>", "HTML"),
            (b"<html lang=en>", "HTML"),
        ],
    )
    def test_other_files(self, data: bytes, words: str) -> None:
        said = refused(data)
        assert said.kind == "OtherFile" and words in said.message.en and words in said.message.zh


class TestNotebooks:
    def test_its_code_cells_are_read_in_order(self) -> None:
        source = read(
            notebook(
                ("markdown", ["# Title\n", "it's"]),
                ("code", ["%matplotlib inline\n", "import torch"]),
                ("code", "def f(x):\n    return 2 * x\n"),
                ("code", []),
                ("raw", "nothing"),
                ("code", ["!pip install d2l\n", "def g(x):\n", "    return f(x)\n", "\n"]),
            )
        )
        assert source.text == (
            "# %% cell 1\n# %matplotlib inline\nimport torch\n# %% cell 2\ndef f(x):\n    return 2 * x\n"
            "# %% cell 3\n# !pip install d2l\ndef g(x):\n    return f(x)\n"
        )
        assert runs(source.text)["g"](2) == 4
        assert source.notes[0].en == "This is a notebook; its 3 code cells were read in order."
        assert "ines 2 and 8" in source.notes[1].en
        place = source.place(6)
        assert place is not None and place.en == "cell 2, line 2" and source.place(None) is None

    def test_a_cell_that_ends_open_does_not_swallow_the_next(self) -> None:
        source = read(notebook(("code", "%%bash\nls 'x\n"), ("code", "def f(x):\n    return x")))
        assert runs(source.text)["f"](2) == 2

    def test_nbformat_3(self) -> None:
        cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python"}]
        data = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode()
        assert runs(read(data).text)["y"] == 2

    def test_pictures_in_it_do_not_count(self) -> None:
        data = notebook(("code", F), metadata={"picture": "x" * LIMIT})
        assert F in read(data).text
        assert refused(notebook(("code", "#" * (LIMIT + 1)))).kind == "SourceTooLarge"
        assert refused(notebook(("code", F), metadata={"x": "x" * NOTEBOOK_BYTES})).kind == "SourceTooLarge"

    def test_without_code(self) -> None:
        for data in (notebook(), notebook(("markdown", "x")), notebook(("code", " \n"))):
            said = refused(data)
            assert said.empty and "notebook" in said.message.en and "notebook" in said.message.zh

    def test_broken(self) -> None:
        assert refused(notebook(("code", "x = 1"))[:-30]).kind == "BrokenNotebook"
        assert refused(notebook(("code", "\ud800"))).kind == "BrokenNotebook"
        assert refused(notebook(("code", "\0"))).kind == "BrokenNotebook"

    def test_a_dict_is_no_notebook(self) -> None:
        for text in ('{"cells": 3}\n', '{"a": 1}\n', "{x for x in (1, 2)}\n"):
            assert read(text).text == text


def note(source: Source, *words: str) -> None:
    """One note holds all the words."""
    assert any(all(word in said.en for word in words) for said in source.notes), source.notes


class TestCommands:
    @pytest.mark.parametrize(
        "line",
        [
            "%matplotlib inline",
            "%load_ext autoreload",
            "!pip install torch",
            "!ls",
            "?torch.sum",
            "torch.sum?",
            "torch.sum??",
            "%%time",
            "%%capture out",
            "%timeit f(x)",
            "files = !ls",
            "t = %timeit -o f(1)",
            "pip install torch",
            "conda install -c pytorch pytorch",
            "$ python x.py",
            "get_ipython().run_line_magic('matplotlib', 'inline')",
            "get_ipython().system('pip install torch')",
            "!!ls",
            "%cd /tmp",
            "%%writefile f.py",
        ],
    )
    def test_a_line_that_is_a_command_is_left_out(self, line: str) -> None:
        source = read(f"{line}\n{F}")
        assert source.text == f"# {line}\n{F}"
        note(source, "Line 1 ", "notebook", "command")

    def test_within_a_function(self) -> None:
        source = read("def f(x):\n    %time\n    return x\ndef g(x):\n    !ls\ndef h(x):\n    %ls\n")
        assert runs(source.text)["f"](3) == 3 and runs(source.text)["g"](3) is None
        assert (
            source.text == "def f(x):\n    # %time\n    return x\ndef g(x):\n    pass  # !ls\n"
            "def h(x):\n    pass  # %ls\n"
        )
        note(source, "Lines 2, 5 and 7 ")

    def test_what_is_timed_is_run(self) -> None:
        source = read("%time y = 3\n%time -q def_ = 1\nif True:\n    %time z = y\n%time\n")
        assert runs(source.text)["z"] == 3

    def test_a_command_over_several_lines(self) -> None:
        assert runs(read(f"!pip install \\\n   torch \\\n   d2l\n{F}").text)["f"]

    def test_a_cell_in_another_language(self) -> None:
        source = read(f"%%bash\necho 'it\nls\n\n{F}")
        assert runs(source.text)["f"]
        note(source, "another language")
        assert read("%%writefile f.py\ndef f(x): return x\n").text.endswith("\ndef f(x): return x\n")

    def test_a_cell_as_text(self) -> None:
        source = read("get_ipython().run_cell_magic('time', '', 'def f(x):\\n    return x\\n')\nx = 1\n")
        note(source, "run_cell_magic", "not run")

    def test_inside_of_an_expression_it_is_python(self) -> None:
        text = "x = (7\n%4)\ny = 7 \\\n%4\n"
        assert read(text).text == text


class TestSessions:
    def test_prompts_and_what_was_printed(self) -> None:
        source = read(
            ">>> import torch\n>>> def f(x):\n...     return 2 * x\n...\n>>> f(3)\n6\n>>> torch.ones(2, 2)\n"
            "tensor([[1., 1.],\n        [1., 1.]])\n\n>>> s = '''a\n... b'''\n>>> y = [1,\n...      2]\n"
        )
        made = runs(source.text.replace("torch.ones(2, 2)", "0"))
        assert made["f"](3) == 6 and made["s"] == "a\nb" and made["y"] == [1, 2]
        note(source, "prompt", "Lines 1, 2, 3")
        note(source, "Lines 6, 8 and 9", "printed")

    def test_code_goes_on_behind_a_session(self) -> None:
        source = read(">>> 1 + 1\n2\n\ndef f(x):\n    return x\n>>> 3\n3\nimport math\n")
        assert runs(source.text)["f"](4) == 4 and runs(source.text)["math"]

    def test_ipython(self) -> None:
        source = read(
            "In [1]: import torch\n\nIn [2]: def f(x):\n   ...:     return 2 * x\n   ...: \n\n"
            "In [3]: f(2)\nOut[3]: 4\n\n"
            "In [4]: print(f(1))\n2\n\n"
            "In [5]: %timeit f(2)\n10 us ± 1 us per loop (it's fast)\n\nIn [ ]: g = f\n"
        )
        assert runs(source.text)["g"](3) == 6

    def test_prompts_in_lines_of_their_own(self) -> None:
        source = read(
            "In [1]:\nimport torch\n\nIn [2]:\ndef f(x):\n    return 2 * x\n\nf(2)\n"
            "Out[2]:\n4\n\n[3]:\n\ng = f\n\n[3]:\n\n<x>\n"
        )
        assert runs(source.text)["g"](3) == 6

    def test_a_traceback(self) -> None:
        source = read(
            '>>> f(1)\nTraceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n'
            "NameError: it's\n>>> x = 1\n"
        )
        assert "x = 1" in source.text.splitlines() and source.text.count("# ") == 3


class TestMarkdown:
    @pytest.mark.parametrize("fence", ["```", "~~~", "````"])
    @pytest.mark.parametrize("language", ["python", "py", "{.python .input}", "Python3", ""])
    def test_one_block_with_prose_around_it(self, fence: str, language: str) -> None:
        if not language and fence == "~~~":
            language = "python"
        source = read(f"Here's the code (it's short):\n\n{fence}{language}\n{F}{fence}\nThat isn't hard.\n")
        assert runs(source.text)["f"]
        note(source, "Markdown")
        note(source, "Lines 1 and 10 ", "text")

    def test_several_blocks(self) -> None:
        source = read("```python\nx = 1\n```\nThen:\n```python\ny = x\n```\n```text\n1\n'\n```\n")
        assert runs(source.text)["y"] == 1

    def test_half_of_a_pair(self) -> None:
        assert runs(read(F + "```\n").text)["f"] and runs(read("```python\n" + F).text)["f"]
        assert runs(read("```\n" + F).text)["f"] and runs(read(F + "```\nThat's all.\n").text)["f"]

    def test_code_outside_is_kept(self) -> None:
        made = runs(read("x = 1\n```python\ny = 2\n```\nAnd then\ndef f(a):\n    return a\n").text)
        assert (made["x"], made["y"], made["f"](3)) == (1, 2, 3)


class TestCharacters:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("x = “hello”", 'x = "hello"'),
            ("x = ‘it’", "x = 'it'"),
            ("x = “”", 'x = ""'),
            ('x = "abc”', 'x = "abc"'),
            ("x = “””doc “here” ”””", 'x = """doc “here” """'),
            ("x = „a“", 'x = "a"'),
            ("x = ＂a＂", 'x = "a"'),
            ("x = (1，2)", "x = (1,2)"),
            ("def f（x）：\n    return x", "def f(x):\n    return x"),
            ("x ＝ １２", "x = 12"),
            ("x = 3 − 1", "x = 3 - 1"),
            ("x = 3 – 1", "x = 3 - 1"),
            ("x = 1 ＋ ２．５", "x = 1 + 2.5"),
            ("x = 2 × 3", "x = 2 * 3"),
            ("x\u00a0=\u00a01", "x = 1"),
            ("\ufeffx =\u200b 1", "x = 1"),
            ("if 1:\n\u00a0\u00a0x = 2", "if 1:\n  x = 2"),
            ("if 1:\n\u3000\u3000x = 2\n    y = 3", "if 1:\n    x = 2\n    y = 3"),
            ("x = 1 ＃ （注）", "x = 1 # （注）"),
            ("x = [1、2]；y = 3", "x = [1,2];y = 3"),
            ("x = 1 ≤ 2", "x = 1 <= 2"),
            ("x = “（，）”", 'x = "（，）"'),
            ("x = '（，）' # ，", "x = '（，）' # ，"),
        ],
    )
    def test_is_read_as_meant(self, before: str, after: str) -> None:
        source = read(before + "\n")
        assert source.text == after + "\n"
        runs(source.text)
        assert (before == after) is not bool(source.notes)

    def test_each_kind_has_a_note_with_its_lines(self) -> None:
        source = read("x = “a”\ny = （1，\n2）\nz\u00a0= 1\n")
        note(source, "quotation marks in line 1")
        note(source, "full-width", "lines 2 and 3")
        note(source, "invisible spaces in line 4")

    def test_line_separators_of_a_slide(self) -> None:
        assert runs(read("def f(x):\v    return x\v").text)["f"](1) == 1

    def test_many_lines_are_counted(self) -> None:
        note(read("x = 1 − 1\n" * 9), "lines 1, 2, 3, 4, 5 and 4 more")


class TestIndentation:
    def test_tabs_and_spaces_with_one_meaning(self) -> None:
        source = read("def f(x):\n    y = x\n\treturn y\n")
        assert runs(source.text)["f"](3) == 3
        note(source, "Tabs", "line 3")
        assert runs(read("def f(x):\n    if x:\n\treturn 1\n    return 2\n").text)["f"](0) == 2

    def test_with_two_meanings_python_is_left_to_ask(self) -> None:
        text = "def f(x):\n    for i in x:\n        x = i\n\treturn x\n"
        assert read(text).text == text

    def test_line_numbers_of_a_book(self) -> None:
        source = read("1 import torch\n2\n3 def f(x):\n4     return x\n")
        assert runs(source.text)["f"](3) == 3
        note(source, "numbers")
        assert read("1\n2\n3\n").text == "1\n2\n3\n"


def test_every_sentence_is_written_in_both_languages() -> None:
    """Chinese without Latin punctuation behind it, English without Chinese."""
    mended = Mended("")
    for kind in get_args(Kind):
        for lines in ([3], [3, 4], list(range(9))):
            mended.lines, mended.what = {kind: lines}, {kind: "%ls"}
            (text,) = say.notes_of(mended)
            assert text.en[0].isupper() and text.en[-1] == "." and text.zh[-1] == "。"
            assert re.search("[\u4e00-\u9fff]", text.zh) and not re.search("[\u4e00-\u9fff]", text.en)
            assert not re.search("[\u4e00-\u9fff][,.;:?!]", text.zh), text.zh
