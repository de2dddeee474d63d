"""Typed predictions: boxes on the page, one text for the judge, and back again."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from itertools import product
from math import prod
from typing import Any, cast

import msgspec
import numpy as np
import pytest
from flask import render_template_string
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.checks import typed
from grader.model.answer_types import (
    Answer,
    BoolAnswer,
    ChoiceAnswer,
    EdgesAnswer,
    FormulaAnswer,
    NumberAnswer,
    Option,
)
from grader.model.text import Text
from grader.model.typeset import Typeset
from grader.store import submissions
from grader.web.exercise import formulas
from grader.web.exercise.answer_boxes import Boxes, boxes, joined, layout, outline
from grader.web.exercise.submit import Draft
from tests.web.exercise.test_views import FUTURE, set_times
from tests.web.world import HOSTILE, SOURCE, World, make_exercise

URL = "/courses/calc/detach"
ASK = Text("what?", "什么？")
VECTOR = NumberAnswer("g", ASK, shape=(4,), maybe_none=True)
MATRIX = NumberAnswer("A", ASK, shape=(2, 2))
SCALAR = NumberAnswer("s", ASK, maybe_none=True)
TRUTH = BoolAnswer("t", ASK)
OPTIONS = (Option("up", Text("it rises", "上升")), Option("down", Text("it falls", "下降")))
CHOICE = ChoiceAnswer("c", ASK, option=OPTIONS)
CHOICES = ChoiceAnswer("cs", ASK, option=OPTIONS, shape=(3,))
FORMULA = FormulaAnswer("slope", ASK)
EDGES = EdgesAnswer("e", ASK)
ALL = (VECTOR, MATRIX, SCALAR, TRUTH, CHOICE, CHOICES, FORMULA, EDGES)


def held(shown: Boxes) -> list[list[str]]:
    return [[box.value for box in row] for row in shown.rows]


def form(answer: Answer, *values: str, **more: str) -> dict[str, str]:
    """What a browser sends: a field for each box, empty ones too."""
    names = [".".join(map(str, at)) for at in product(*map(range, answer.shape))]
    return {
        f"predict-{answer.name}.{name}": value
        for name, value in [*zip(names, values, strict=True), *more.items()]
    }


class TestLayout:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (SCALAR, "number"),
            (VECTOR, "row"),
            (MATRIX, "grid"),
            (TRUTH, "radio"),
            (CHOICE, "radio"),
            (CHOICES, "row"),
            (FORMULA, "field"),
            (EDGES, "field"),
            (NumberAnswer("g", ASK, shape=(64,)), "row"),
            (NumberAnswer("g", ASK, shape=(65,)), "field"),
            (NumberAnswer("g", ASK, shape=(8, 8)), "grid"),
            (NumberAnswer("g", ASK, shape=(2, 2, 2)), "field"),
            (NumberAnswer("g", ASK, shape=(0,)), "field"),
        ],
    )
    def test_follows_type_and_shape(self, answer: Answer, expected: str) -> None:
        """Up to 64 boxes; whatever is larger or deeper is one field."""
        assert layout(answer) == expected
        assert boxes(answer, "").layout == expected

    def test_the_outline_of_an_answer_holds_no_value(self) -> None:
        """It once was the right answer."""
        assert outline(MATRIX) == "[[…, …], […, …]]"
        assert not re.search(r"\d", "".join(outline(answer) for answer in ALL))


class TestJoined:
    def test_boxes_become_what_the_judge_reads(self) -> None:
        """Exactly the digits typed."""
        assert joined(VECTOR, form(VECTOR, "0", " 4.0 ", "８", "−1e-3")) == ("[0, 4.0, ８, −1e-3]", None)
        assert joined(MATRIX, form(MATRIX, *"1234")) == ("[[1, 2], [3, 4]]", None)
        assert joined(CHOICES, form(CHOICES, "up", "down", "up")) == ("[up, down, up]", None)

    def test_nothing_typed_is_no_answer(self) -> None:
        """Not even one of empty entries."""
        for answer in ALL:
            assert joined(answer, {}) == ("", None)
        assert joined(VECTOR, form(VECTOR, "", " ", "", "")) == ("", None)

    def test_one_field_goes_on_working(self) -> None:
        """What programs and the kept page send."""
        for answer in ALL:
            assert joined(answer, {f"predict-{answer.name}": " [0, 3] "}) == ("[0, 3]", None)

    def test_none_is_a_tick(self) -> None:
        """Alone it is the answer; beside numbers one of the two is a mistake; elsewhere it is not offered."""
        assert joined(VECTOR, form(VECTOR, "", "", "", "", none="None")) == ("None", None)
        assert joined(SCALAR, {"predict-s.none": "None"}) == ("None", None)
        text, flaw = joined(VECTOR, form(VECTOR, "1", "", "", "", none="None"))
        assert flaw is not None and flaw.kind == "both"
        assert "1" in text
        text, flaw = joined(SCALAR, {"predict-s": "1", "predict-s.none": "None"})
        assert flaw is not None and flaw.kind == "both"
        assert joined(MATRIX, {"predict-A.none": "None"}) == ("", None)

    @pytest.mark.parametrize(
        "whole",
        [
            "[0, 4, 8, 12]",
            "0 4 8 12",
            "０，４，８，１２",
            "tensor([0., 4., 8., 12.])",
            "[0, 4]",
            "None",
            "无",
        ],
    )
    def test_a_whole_vector_in_the_first_box_is_the_vector(self, whole: str) -> None:
        """As it is pasted where no script deals it out."""
        assert joined(VECTOR, form(VECTOR, whole, "", "", "")) == (whole, None)

    def test_a_whole_matrix_too(self) -> None:
        """Its rows in brackets."""
        assert joined(MATRIX, form(MATRIX, "[[1, 2], [3, 4]]", "", "", "")) == ("[[1, 2], [3, 4]]", None)

    def test_an_empty_box_among_filled_ones_is_named(self) -> None:
        """The first of them; what was typed stays in its place."""
        text, flaw = joined(MATRIX, form(MATRIX, "1", "2", "", "4"))
        assert text == "[[1, 2], [, 4]]"
        assert flaw is not None
        assert (flaw.kind, flaw.at) == ("empty", (1, 0))
        shown = boxes(MATRIX, text, flaw)
        assert held(shown) == [["1", "2"], ["", "4"]]
        assert [box.flawed for row in shown.rows for box in row] == [False, False, True, False]

    @pytest.mark.parametrize("crowded", ["1,5", "1 5", "[1", "1;5", "1：5"])
    def test_two_numbers_in_one_box_are_named(self, crowded: str) -> None:
        """A comma for decimals would shift all that follows, and cost a verdict about the shape."""
        text, flaw = joined(VECTOR, form(VECTOR, "0", crowded, "2", "3"))
        assert flaw is not None
        assert (flaw.kind, flaw.at, flaw.text) == ("several", (1,), crowded)
        assert held(boxes(VECTOR, text, flaw)) == [["0", crowded, "2", "3"]]


ENTRY = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters=",，、;；:：[](){}［］（）【】"),
    min_size=1, max_size=8,
)  # fmt: skip
SHAPE = st.one_of(st.tuples(st.integers(1, 9)), st.tuples(st.integers(1, 5), st.integers(1, 5)))


class TestRoundTrip:
    @given(st.data(), SHAPE, st.booleans())
    def test_what_was_typed_comes_back_into_its_boxes(
        self, data: st.DataObject, shape: tuple[int, ...], none: bool
    ) -> None:
        """Whatever stands in them, all filled or not, and from the stored text alone."""
        answer = NumberAnswer("g", ASK, shape=shape, maybe_none=none)
        count = prod(shape)
        values = data.draw(st.lists(st.one_of(ENTRY, st.just("")), min_size=count, max_size=count))
        text, flaw = joined(answer, form(answer, *values))
        assume(text == "" or text.startswith("["))  # else the first box held a whole answer, such as None
        assert (flaw is None) == (all(values) or not any(values))
        width = shape[-1]
        rows = [values[start : start + width] for start in range(0, count, width)]
        assert held(boxes(answer, text)) == rows
        assert held(boxes(answer, text, flaw)) == rows

    @given(st.data(), SHAPE)
    def test_the_judge_reads_each_number_where_it_was_typed(
        self, data: st.DataObject, shape: tuple[int, ...]
    ) -> None:
        """In full-width digits as well."""
        numbers = data.draw(st.lists(st.integers(-999, 999), min_size=prod(shape), max_size=prod(shape)))
        wide = str.maketrans("0123456789-", "０１２３４５６７８９－") if data.draw(st.booleans()) else {}
        answer = NumberAnswer("g", ASK, shape=shape)
        text, flaw = joined(answer, form(answer, *(str(number).translate(wide) for number in numbers)))
        read = typed.parse(text).values
        assert flaw is None and read is not None
        assert np.array_equal(read, np.array(numbers).reshape(shape))

    @given(st.sampled_from(ALL), st.text(max_size=40))
    def test_any_stored_text_is_shown_again(self, answer: Answer, text: str) -> None:
        """In boxes or as it is, but never less of it."""
        shown = boxes(answer, text)
        kept = "".join(value for row in held(shown) for value in row) + ("None" if shown.none else "")
        rest = re.compile(r"[\s,，、;；\[\]()［］（）【】]|^none$|^无$", re.IGNORECASE)
        assert rest.sub("", text.strip()) == rest.sub("", kept)
        again, flaw = joined(answer, {box.name: box.value for row in shown.rows for box in row})
        assert rest.sub("", again) == rest.sub("", kept) or flaw is not None

    @pytest.mark.parametrize(
        ("answer", "text", "expected"),
        [
            (VECTOR, "0 4 8 12", [["0", "4", "8", "12"]]),
            (VECTOR, "【0，4、8；12】", [["0", "4", "8", "12"]]),
            (VECTOR, "[0, 4, 8, 12,]", [["0", "4", "8", "12"]]),
            (VECTOR, "[0, 4 8, 12]", [["[0, 4 8, 12]"]]),
            (VECTOR, "[0, 4]", [["[0, 4]"]]),
            (VECTOR, "[[0, 4, 8, 12]]", [["[[0, 4, 8, 12]]"]]),
            (MATRIX, "[[1, 2], [3, 4]]", [["1", "2"], ["3", "4"]]),
            (MATRIX, "[[1 2]\n [3 4]]", [["1", "2"], ["3", "4"]]),
            (MATRIX, "[[1, 2], 5, [3, 4]]", [["[[1, 2], 5, [3, 4]]"]]),
            (MATRIX, "[1, 2, 3, 4]", [["[1, 2, 3, 4]"]]),
            (CHOICES, "up, down, up", [["up", "down", "up"]]),
            (CHOICES, "up, sideways, up", [["up, sideways, up"]]),
        ],
    )
    def test_a_text_that_does_not_fit_stays_one_field(
        self, answer: Answer, text: str, expected: list[list[str]]
    ) -> None:
        """Whatever a program sent is shown as it was sent."""
        shown = boxes(answer, text)
        assert held(shown) == expected
        assert (shown.layout == "field") == (len(expected[0]) == 1)

    def test_none_comes_back_as_a_tick(self) -> None:
        """Where it is offered."""
        assert boxes(VECTOR, "None").none is True
        assert boxes(VECTOR, "").none is False
        assert boxes(MATRIX, "None").none is None
        assert boxes(MATRIX, "None").value == "None"


class Controls(HTMLParser):
    """The controls of a page with their attributes, and what each ``for`` points at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.inside = 0
        self.ids: list[str] = []
        self.described: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inside += tag == "label"
        self.ids += [found["id"]] if "id" in found else []
        self.described += found.get("aria-describedby", "").split()
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag in ("input", "select"):
            self.all.append({"tag": tag, "inside": str(self.inside), **found})

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "label"

    def named(self, name: str) -> list[dict[str, str]]:
        return [control for control in self.all if control.get("name") == name]


def page_of(world: World, draft: Draft, language: str = "en", *, answers: tuple[Answer, ...] = ALL) -> str:
    """The fieldset as the exercise's page has it."""
    exercise = msgspec.structs.replace(make_exercise(), answers=answers)
    place: Any = {"course": {"slug": "calc"}, "exercise": exercise}
    with world.app.test_request_context(f"{URL}?lang={language}"):
        return cast(
            str,
            render_template_string(
                '{% from "exercise/_answers.html" import answers with context %}'
                "{{ answers(exercise, draft) }}",
                exercise=exercise,
                place=place,
                draft=draft,
            ),
        )


class TestPage:
    def test_every_control_has_a_name_in_both_languages(self, world: World) -> None:
        """From its label or in words: which entry of which answer it is; nothing is described by a ghost."""
        for language, entry, cell in (
            ("en", "g, entry 2 of 4", "A, row 2, column 1"),
            ("zh", "g，共 4 个分量，第 2 个", "A，第 2 行第 1 列"),
        ):
            found = Controls(page_of(world, Draft(b""), language))
            for control in found.all:
                assert (
                    control.get("aria-label")
                    or control["inside"] == "1"
                    or control.get("id") in found.labelled
                ), control
            assert found.named("predict-g.1")[0]["aria-label"] == entry
            assert found.named("predict-A.1.0")[0]["aria-label"] == cell
            assert len(found.ids) == len(set(found.ids))
            assert set(found.described) <= set(found.ids)

    def test_nothing_is_chosen_and_no_value_is_shown_beforehand(self, world: World) -> None:
        """A form that answers by itself predicts nothing."""
        page = page_of(world, Draft(b""))
        assert not re.search(r"\schecked|\sselected", page)
        for control in Controls(page).all:
            assert control.get("value", "") == "" or control["type"] in ("radio", "checkbox")
            assert not re.search(r"\d", control.get("placeholder", ""))
        assert not re.search(r"\sstyle=|\son\w+=|<script", page)

    def test_a_draft_fills_it_again(self, world: World) -> None:
        """Boxes, ticks, choices and words; what fits nowhere is one field."""
        draft = Draft(
            b"",
            {"g": "[0, 4, 8, 12]", "A": "[1, 2]", "s": "None", "t": "False", "c": "down",
             "cs": "up, , down", "slope": "2x", "e": HOSTILE},
        )  # fmt: skip
        page = page_of(world, draft)
        found = Controls(page)
        assert [found.named(f"predict-g.{at}")[0]["value"] for at in range(4)] == ["0", "4", "8", "12"]
        assert found.named("predict-A")[0]["value"] == "[1, 2]"
        assert "checked" in found.named("predict-s.none")[0]
        assert [one["value"] for one in found.named("predict-t") if "checked" in one] == ["False"]
        assert [one["value"] for one in found.named("predict-c") if "checked" in one] == ["down"]
        assert re.findall(r'<option value="(\w+)" selected', page) == ["up", "down"]
        assert found.named("predict-e")[0]["value"] == HOSTILE
        assert "<script" not in page

    def test_a_choice_is_in_the_readers_language(self, world: World) -> None:
        """What is handed in is the same in both."""
        page = page_of(world, Draft(b""), "zh", answers=(CHOICE,))
        assert 'value="down"' in page
        assert "下降" in page
        assert "it falls" not in page


class TestHandingIn:
    def test_boxes_are_stored_as_one_text(self, world: World) -> None:
        """As if it had been typed in one line."""
        numbers = {f"predict-x_grad.{at}": text for at, text in enumerate(["0", "4", "8", "12"])}
        row_id = world.submit("ada", **numbers, **{"predict-ratio": "True"})
        with world.store.read() as transaction:
            row = submissions.get(transaction, row_id)
        assert row is not None
        assert row.predictions == {"x_grad": "[0, 4, 8, 12]", "ratio": "True"}

    def test_many_boxes_are_not_too_many_fields(self, world: World) -> None:
        """Four answers with as many boxes as one may have, sent as a browser sends them."""
        answers = tuple(NumberAnswer(name, ASK, shape=(64,)) for name in ("p", "q", "r", "t"))
        world.library.exercises[0] = msgspec.structs.replace(make_exercise(), answers=answers)
        data = {name: "1" for answer in answers for name in form(answer, *["1"] * 64)}
        page = world.client("ada").post(
            URL, data={"source": SOURCE, **data}, content_type="multipart/form-data"
        )
        assert page.status_code == 303
        assert len(world.dispatcher.submitted) == 1

    @pytest.mark.parametrize(
        ("fields", "said", "chinese"),
        [
            ({"0": "marked", "2": "8", "3": "12"}, "entry 2 is empty", "第 2 个分量是空的"),
            ({"0": "marked", "1": "1,5", "2": "8", "3": "12"}, "entry 2 holds “1,5”", "里填的是“1,5”"),
            ({"0": "marked", "none": "None"}, "None is ticked", "既勾选了 None"),
        ],
    )
    def test_an_unfinished_prediction_costs_no_attempt(
        self, world: World, fields: dict[str, str], said: str, chinese: str
    ) -> None:
        """One sentence says which box; nothing is stored and what was typed stays."""
        data = {"source": SOURCE, **{f"predict-x_grad.{at}": text for at, text in fields.items()}}
        for language, sentence in (("en", said), ("zh", chinese)):
            page = world.client("ada").post(f"{URL}?lang={language}", data=data)
            assert page.status_code == 422
            assert sentence in page.text
            assert "marked" in page.text
        assert not world.dispatcher.submitted


def fake(_exercise: object, name: str, text: str) -> Typeset:
    if text == "bad":
        return Typeset(problem=Text(HOSTILE, HOSTILE))
    return Typeset(f"<math><mi>{name}{len(text)}</mi></math>")


@pytest.fixture
def printing(world: World) -> World:
    """``detach`` asks for a formula, and there is somebody who typesets it."""
    world.library.exercises[0] = msgspec.structs.replace(make_exercise(), answers=(FORMULA, VECTOR))
    known = world.app.extensions["grader"]
    world.app.extensions["grader"] = dataclasses.replace(known, typeset=fake)
    return world


class TestFormulas:
    def test_what_is_typed_is_printed(self, printing: World) -> None:
        """By the name that the input itself sends, or as text; nothing for nothing."""
        client = printing.client("ada")
        for query in ({"predict-slope": "2*x"}, {"text": "2*x"}):
            answer = client.get(f"{URL}/formula", query_string={"answer": "slope", **query})
            assert answer.text == "<math><mi>slope3</mi></math>"
        assert client.get(f"{URL}/formula?answer=slope&predict-slope=+").text == ""

    def test_what_is_wrong_is_said_quietly_and_is_text(self, printing: World) -> None:
        """A piece of what was typed may be in it."""
        answer = printing.client("ada").get(f"{URL}/formula?answer=slope&predict-slope=bad").text
        assert answer.startswith('<span class="quiet">Not a formula yet: ')
        assert "<script" not in answer

    def test_only_so_much_is_looked_at(self, printing: World) -> None:
        """The rest would only cost time."""
        long = "x" * 5000
        page = printing.client("ada").get(f"{URL}/formula?answer=slope&text={long}").text
        assert f"slope{formulas.LONGEST}" in page

    def test_it_is_for_those_who_may_see_the_exercise(self, printing: World) -> None:
        """And for its formulas only."""
        query = "?answer=slope&text=x"
        assert printing.client().get(f"{URL}/formula{query}").status_code == 302
        assert printing.client("bob").get(f"{URL}/formula{query}").status_code == 404
        for name in ("x_grad", "nobody", ""):
            assert printing.client("ada").get(f"{URL}/formula?answer={name}&text=x").status_code == 404
        set_times(printing, opens=FUTURE)
        assert printing.client("ada").get(f"{URL}/formula{query}").status_code == 404
        assert printing.client("tess").get(f"{URL}/formula{query}").status_code == 200

    def test_a_form_that_is_filled_again_has_it_printed(self, printing: World) -> None:
        """Without any script."""
        page = page_of(printing, Draft(b"", {"slope": "2*x"}))
        output = page.partition("<output")[2].partition("</output>")[0]
        assert 'aria-live="polite"' in output
        assert output.endswith("<math><mi>slope3</mi></math>")
        assert f'hx-get="{URL}/formula?answer=slope"' in page
        assert 'id="formula-slope"' in output
        assert 'hx-target="#formula-slope"' in page

    def test_without_a_typesetter_the_page_is_the_same_less_the_print(self, world: World) -> None:
        """Nothing breaks."""
        page = page_of(world, Draft(b"", {"slope": "2*x"}))
        assert 'value="2*x"' in page
        assert "<math" not in page
