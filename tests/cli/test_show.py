"""``grade list`` and ``grade show``: what a student may see."""

from __future__ import annotations

from pathlib import Path

from tests.cli.calling import Grade


class TestListAndShow:
    def test_list(self, bare: Grade) -> None:
        out = bare("list").out
        assert out.index("simple-example") < out.index("non-scalar") < out.index("control-flow")
        listed = bare("list", "--json").json
        assert set(listed[0]) == {"slug", "section", "title", "max_score", "digest"}
        assert bare("list", "--json", "--lang", "zh").json[2]["title"] == "分离计算"

    def test_show_has_text_code_and_questions_and_no_latex(self, bare: Grade) -> None:
        for slug in ("simple-example", "non-scalar", "detach", "control-flow"):
            for language in ("en", "zh"):
                ran = bare("show", slug, "--lang", language)
                assert ran.code == 0 and "def f(" in ran.out and "--predict" in ran.out
                assert "$" not in ran.out and "\\" not in ran.out and "mathbf" not in ran.out
        assert "100 b otherwise" in bare("show", "control-flow").out

    def test_the_starter_alone_begins_a_file(self, bare: Grade) -> None:
        for language, file in (("en", "starter.py"), ("zh", "starter.zh.py")):
            ran = bare("show", "detach", "--starter", "--lang", language)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out == Path("exercises/detach", file).read_text(encoding="utf-8")
