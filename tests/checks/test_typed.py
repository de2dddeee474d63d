"""Typed answers: a small grammar, forgiving of punctuation and deaf to everything else."""

from __future__ import annotations

import contextlib
import string
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import sentences
from grader.checks.arrays import from_numpy
from grader.checks.typed import NotAnAnswer, Typed, agrees, from_value, parse
from grader.model.values import Foreign, Mapping, Nothing, Number, Sequence, Tensor, Value, Words
from tests.premises import bites, premise


def values(text: str) -> Any:
    found = parse(text).values
    return None if found is None else found.tolist()


def right(expected: Any, text: str) -> bool:
    expected, answer = np.asarray(expected), parse(text)
    assert answer.values is not None and answer.values.shape == expected.shape
    return bool(agrees(expected, answer).all())


class TestGrammar:
    @pytest.mark.parametrize(
        "text",
        [
            "[0, 4, 8, 12]",
            "0 4 8 12",
            "0, 4, 8, 12",
            "0,4,8,12",
            " [ 0 4\n8\t12 ] ",
            "(0, 4, 8, 12)",
            "[0., 4., 8., 12.]",
            "tensor([0., 4., 8., 12.])",
            "tensor([0., 4., 8., 12.], grad_fn=<MulBackward0>)",
            "tensor([0., 4., 8., 12.], dtype=torch.float64, requires_grad=True)",
            "tensor([0., 4., 8., 12.], device='cuda:0')",
            "torch.tensor([0, 4, 8, 12])",
            "[0，4，8，12]",
            "［0、4、8、12］",
            "【0；4；8；12】",
            "（0，4，8，12）",
            "０ ４ ８ １２",
            "[0,4,8,1.2e1]",
            "[+0, +4, 8, 12,]",
            "０，４，８，１．２ｅ１",
            "ｔｅｎｓｏｒ（［０。，４，８，１２］）",
            "\ufeff[0,\u200b 4,\u00a08, 12\u200b]",
        ],
    )
    def test_one_vector_written_in_many_ways(self, text: str) -> None:
        assert values(text) == [0, 4, 8, 12]

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("28", 28.0),
            ("tensor(28.)", 28.0),
            ("−1.5", -1.5),
            ("－１．５", -1.5),
            ("＋3。5", 3.5),
            ("﹣１｡５", -1.5),
            ("‑2", -2.0),
            ("Ｎｏｎｅ", None),
            ("Ｔｒｕｅ", True),
            (".5", 0.5),
            ("1e-3", 0.001),
            ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
            ("[5]", [5]),
            ("[]", []),
            ("None", None),
            ("none", None),
            ("无", None),
            ("True", True),
            ("false", False),
            ("是", True),
            ("错", False),
            ("[True, False]", [True, False]),
            ("对 错 对", [True, False, True]),
        ],
    )
    def test_what_each_text_means(self, text: str, value: Any) -> None:
        assert values(text) == value

    @pytest.mark.parametrize(
        ("text", "shape", "due"),
        [
            ("[28]", (), 28.0),
            ("[[28]]", (), 28.0),
            ("28", (1,), [28.0]),
            ("[[0.5], [0.25]]", (2,), [0.5, 0.25]),
            ("[1, 2]", (1, 2), [[1.0, 2.0]]),
            ("[1, 2]", (3,), [1.0, 2.0]),
            ("[1, 2]", (), [1.0, 2.0]),
            ("[[1, 2], [3, 4]]", (4,), [[1.0, 2.0], [3.0, 4.0]]),
        ],
    )
    def test_axes_of_length_one_are_as_the_question_has_them(
        self, text: str, shape: tuple[int, ...], due: Any
    ) -> None:
        found = parse(text, shape)
        assert found.values is not None and found.values.tolist() == due
        assert found.slack is not None and found.slack.shape == found.values.shape

    @pytest.mark.parametrize(
        "text",
        [
            "[1, 2], [3, 4]",
            "[1, 2]; [3, 4]",
            "[1 2] [3 4]",
            "(1, 2)\n(3, 4)",
            "1 2\n3 4",
            "1, 2,\n3, 4",
            "1 2; 3 4",
            "[1, 2; 3, 4]",
            "【1，2；3，4】",
            "1 2 3 4",
            "[1, 2, 3, 4]",
            "[1,\n2,\n3, 4]",
            "1\n2\n3\n4",
        ],
    )
    def test_a_matrix_has_its_rows_in_brackets_or_lines_or_in_a_row(self, text: str) -> None:
        assert parse(text, (2, 2)).values.tolist() == [[1, 2], [3, 4]]  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("text", "form"), [("1 2\n3 4\n5 6", (3, 2)), ("1 2 3 4 5", (5,)), ("[1, 2, 3], [4, 5, 6]", (2, 3))]
    )
    def test_rows_are_kept_where_they_are_others_than_asked_for(
        self, text: str, form: tuple[int, ...]
    ) -> None:
        assert parse(text, (2, 4)).values.shape == form  # type: ignore[union-attr]

    def test_and_they_are_as_long(self) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse("1 2\n3", (2, 2))
        assert caught.value.why == sentences.RAGGED

    @pytest.mark.parametrize("text", ["∞", "infinity", "+Inf", "无穷", "-∞"])
    def test_infinity_has_several(self, text: str) -> None:
        assert values(text) == (-np.inf if text[0] == "-" else np.inf)

    def test_not_finite_numbers_have_names(self) -> None:
        assert np.isnan(values("nan")) and values("[inf, -inf, +inf]") == [np.inf, -np.inf, np.inf]

    @pytest.mark.parametrize(
        ("text", "piece"),
        [
            ("[0, four]", "four"),
            ("x_grad [1]", "x_grad"),
            ("1_000", "1_000"),
            ("0x10", "0x10"),
            ("--1", "--1"),
            ("1+2", "1+2"),
            ("__import__", "__import__"),
            ("]", "]"),
            ("[1] [2]", "["),
            ("²", "²"),
            ("9e999", "9e999"),
            ("1e4000", "1e4000"),
        ],
    )
    def test_the_piece_that_cannot_be_read_is_named(self, text: str, piece: str) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse(text)
        assert caught.value.what == piece and caught.value.why is None

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[1, 2", "closing bracket"),
            ("[1, [2]", "closing bracket"),
            ("", "nothing"),
            ("  \n", "nothing"),
            ("[[1, 2], [3]]", "different lengths"),
            ("[[1, 2], 3]", "different lengths"),
            ("[1, None]", "None"),
            ("[" * 7 + "]" * 7, "brackets"),
            ("1 " * 3000, "6000 characters"),
        ],
    )
    def test_what_is_wrong_is_said_in_both_languages(self, text: str, why: str) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse(text)
        assert caught.value.why is not None
        assert why in caught.value.why.en
        assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.why.zh)


class TestDigits:
    @pytest.mark.parametrize(
        ("expected", "text", "is_right"),
        [
            (0.0823954, "0.0824", True),
            (0.0823954, "0.082", False),  # 0.0820 to three digits
            (0.0823954, "0.0823", False),
            (0.0823954, "0.0823954", True),
            (0.0823954, "0.0823955", False),
            (2 / 3, "0.667", True),
            (2 / 3, "0.6667", True),
            (2 / 3, "0.66", False),
            (2 / 3, "0.6666", False),
            (1234.4, "1234", True),
            (1234.6, "1234", False),
            (28, "28", True),
            (28, "29", False),
            (-2.5, "2.5", False),
            (0.0, "0", True),
            (0.0, "0.0", True),
            (0.3, "0", False),
            (0.01, "0.0", False),
            (0.0, "0.001", False),
            (np.inf, "inf", True),
            (np.inf, "-inf", False),
            (np.inf, "1e308", False),
            (1.0, "inf", False),
            (np.nan, "nan", True),
            (np.nan, "0", False),
        ],
    )
    def test_a_number_is_right_to_the_digits_typed_and_to_three_at_least(
        self, expected: float, text: str, is_right: bool
    ) -> None:
        assert right(expected, text) is is_right

    @given(st.floats(1e-3, 1e6), st.integers(3, 9))
    def test_rounding_to_three_digits_or_more_is_always_right(self, expected: float, digits: int) -> None:
        assert right(expected, f"{expected:.{digits - 1}e}")

    @given(st.floats(1, 1e6), st.integers(3, 6))
    def test_a_last_digit_off_by_two_never_is(self, expected: float, digits: int) -> None:
        mantissa, exponent = f"{expected:.{digits - 1}e}".split("e")
        off = f"{float(mantissa) + 2 * 10.0 ** -(digits - 1):.{digits - 1}f}"
        assert not right(expected, f"{off}e{exponent}")

    @pytest.mark.parametrize(
        ("expected", "text", "is_right"),
        [
            (0.08239537506, "0.08239537477493286", True),  # x.grad.item() of a float32
            (0.08239537506, "0.082394537682", True),  # by a calculator, from constants of six digits
            (0.08239537506, "0.0824100012", False),
            (np.pi / 2, "1.570795", True),
            (np.pi / 2, "1.57080", True),
            (np.pi / 2, "1.57078", False),
            (0.0, "-4.371139006309477e-08", True),
            (0.0, "-4.37e-08", False),
            (0.0, "0.000123456789", False),
            (1234567.0, "1234568", False),  # a whole number is meant exactly
        ],
    )
    def test_a_number_of_seven_digits_was_computed_and_has_the_budget_of_single_precision(
        self, expected: float, text: str, is_right: bool
    ) -> None:
        assert right(expected, text) is is_right
        in_file = from_value(Number("float", from_numpy(float(text))))
        assert agrees(np.asarray(expected), in_file).all() == is_right

    def test_truth_values_are_compared_as_such(self) -> None:
        assert right([True, False], "True False")
        assert not right([True, False], "True True")

    def test_beside_numbers_true_is_one(self) -> None:
        assert parse("[True, 0, 0.5]").values.tolist() == [1, 0, 0.5]  # type: ignore[union-attr]
        assert right([1.0, 0.0, 0.5], "True 0 0.5")

    @pytest.mark.parametrize(
        ("expected", "text", "is_right"),
        [
            (0.25, "1/4", True),
            (-1.5, "-3/2", True),
            (-1.5, "3/-2", True),
            (1 / 3, "1/3", True),
            (1 / 3, "1 / 3", True),
            (0.334, "1/3", False),
            (0.5, "０／４", False),
            (0.75, "３／４", True),
            (0.75, "3÷4", True),
            (0.1667, "0.5/3", True),
            (0.18, "0.5/3", False),
            (2e-3, "2/1e3", True),
        ],
    )
    def test_fractions(self, expected: float, text: str, is_right: bool) -> None:
        assert right(expected, text) is is_right

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("pi", np.pi),
            ("π/2", np.pi / 2),
            ("pi / 2", np.pi / 2),
            ("-2π", -2 * np.pi),
            ("2*pi/3", 2 * np.pi / 3),
            ("1/2*π", np.pi / 2),
            ("π*2", 2 * np.pi),
            ("0.5 * math.pi", np.pi / 2),
            ("np.pi/2", np.pi / 2),
            ("ｐｉ／２", np.pi / 2),
            (r"\pi/2", np.pi / 2),
            ("8.24×10^-2", 0.0824),
            ("8.24 × 10^-2", 0.0824),
            ("8.24*10**-2", 0.0824),
            ("8.24x10^(-2)", 0.0824),
            (r"8.24 \times 10^{-2}", 0.0824),
            ("8.24·10⁻²", 0.0824),
            ("８．２４×１０＾－２", 0.0824),
            ("-10^-2", -0.01),
            ("10²", 100.0),
            ("≈0.0824", 0.0824),
            ("≈ -0.0824", -0.0824),
            ("～0.0824", 0.0824),
            ("约 0.0824", 0.0824),
            ("约等于0.0824", 0.0824),
        ],
    )
    def test_multiples_of_pi_powers_of_ten_and_roughly(self, text: str, number: float) -> None:
        assert right(number, text) and not right(number * 1.01, text)
        assert right([number, number], f"[{text}, {text}]")

    @pytest.mark.parametrize(
        "text", ["1/2π", "1/2pi", "pi/0", "ππ", "pi^2", "xpi", "2**10", "10^2.5", "8.24*10", "x≈1"]
    )
    def test_what_can_mean_two_is_refused(self, text: str) -> None:
        with pytest.raises(NotAnAnswer):
            parse(text)

    def test_fractions_in_a_list(self) -> None:
        assert right([0.25, -1.5], "[1/4, -3/2]") and right([0.25, -1.5], "1/4 -3/2")

    @pytest.mark.parametrize("text", ["1/0", "1/2/3", "1/", "/2", "1/x", "9e300/1e-300", "0/0"])
    def test_what_is_no_fraction(self, text: str) -> None:
        with pytest.raises(NotAnAnswer):
            parse(text)


class TestDecimalComma:
    @pytest.mark.parametrize("text", ["8,5", " -8,5 ", "8，5", "1,000"])
    def test_where_one_number_is_asked_for_it_is_asked_about(self, text: str) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse(text, ())
        assert caught.value.why is not None
        assert "do you mean" in caught.value.why.en and "two numbers" in caught.value.why.en
        assert from_value(Number("float", from_numpy(8.5)), ()).values == 8.5
        with pytest.raises(NotAnAnswer):
            from_value(Words(text), ())

    def test_where_two_are_asked_for_it_is_two(self) -> None:
        assert parse("8,5", (2,)).values.tolist() == [8, 5]  # type: ignore[union-attr]
        assert parse("8,5").values.tolist() == [8, 5]  # type: ignore[union-attr]
        assert parse("8.5", ()).values == 8.5

    @pytest.mark.parametrize("text", ["1,5 2,5", "[1,5; 2,5]", "1,5；2,5"])
    def test_one_in_each_place(self, text: str) -> None:
        with pytest.raises(NotAnAnswer) as caught:
            parse(text, (2,))
        assert caught.value.why is not None and "1.5" in caught.value.why.en
        assert parse(text, (4,)).values.tolist() == [1, 5, 2, 5]  # type: ignore[union-attr]


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            "[" * 50_000 + "]" * 50_000,
            "[" * 2000,
            "1" * 100_000,
            "1" * 4000,
            "0." + "9" * 4000,
            "9e999",
            "-9e999",
            "0e999",
            "1e-999",
            "[1e308, -1e308]",
            "1e99999999999",
            "\0",
            "\ud800",
            "\x1b[2J",
            "," * 4000,
            "tensor(" * 500,
            "٣",
            "__import__('os').system('true')",
            "1;" * 2000,
        ],
    )
    def test_cant_do_more_than_be_refused(self, text: str) -> None:
        try:
            answer = parse(text)
        except NotAnAnswer as error:
            assert len(error.what) <= 4096
        else:
            assert isinstance(answer, Typed)

    @bites(2)
    @given(st.text(alphabet="[]()，,。. 0123456789eE+-naifTruNoe；x\n【】是", max_size=60))
    def test_any_text_is_an_answer_or_refused(self, text: str) -> None:
        try:
            answer = parse(text)
        except NotAnAnswer:
            return
        if premise(answer.values is not None and answer.slack is not None):
            assert answer.values is not None and answer.slack is not None
            assert np.isfinite(answer.slack).all() and answer.slack.shape == answer.values.shape
            assert agrees(answer.values, answer).all()

    @given(
        st.text(alphabet=string.printable, max_size=40)
        | st.text(alphabet="10.23π*/^×⁻²≈-[],;\n pi", max_size=20)
    )
    def test_printable_text_too(self, text: str) -> None:
        with contextlib.suppress(NotAnAnswer):
            parse(text)
        with contextlib.suppress(NotAnAnswer):
            parse(text, (2, 2))


class TestFromValue:
    def test_numbers_lists_tensors_and_texts(self) -> None:
        four = Number("int", from_numpy(4, "int64"))
        half = Number("float", from_numpy(0.5))
        assert from_value(Nothing()).values is None
        assert from_value(four).values == 4
        assert from_value(Sequence("list", (four, half))).values.tolist() == [4, 0.5]  # type: ignore[union-attr]
        assert from_value(Tensor(from_numpy([[1, 2]], "int64"))).values.tolist() == [[1, 2]]  # type: ignore[union-attr]
        assert from_value(Number("bool", from_numpy(True, "bool"))).values.dtype == bool  # type: ignore[union-attr]
        assert from_value(Tensor(from_numpy([True], "bool"))).values.tolist() == [True]  # type: ignore[union-attr]
        half = Number("Fraction", from_numpy(0.5))
        assert from_value(Sequence("range", (four, half))).values.tolist() == [4, 0.5]  # type: ignore[union-attr]
        assert from_value(Words("[1, 2]")).values.tolist() == [1, 2]  # type: ignore[union-attr]
        assert np.isnan(from_value(Number("float", from_numpy(np.nan))).values)  # type: ignore[arg-type]

    def test_a_float32_is_as_exact_as_it_prints(self) -> None:
        answer = from_value(Tensor(from_numpy([0.1, 1 / 3], "float32")))
        assert agrees(np.array([0.1, 1 / 3]), answer).all()
        assert not agrees(np.array([0.1, 0.334]), answer).all()
        assert agrees(np.array([0.0, 1.0]), from_value(Tensor(from_numpy([-4.4e-8, 1], "float32")))).all()

    def test_digits_count_as_they_do_when_typed(self) -> None:
        assert agrees(np.array(2 / 3), from_value(Number("float", from_numpy(0.667)))).all()
        assert not agrees(np.array(2 / 3), from_value(Number("float", from_numpy(0.6666)))).all()

    @pytest.mark.parametrize(
        "value",
        [
            Foreign("Tensor"),
            Mapping({}),
            Sequence("list", (Nothing(), Number("int", from_numpy(1, "int64")))),
            Sequence("list", (Sequence("list", ()), Number("int", from_numpy(1, "int64")))),
            Words("three"),
            Words(""),
            Sequence("list", (Words("1 2"),)),
            Sequence("list", (Words("three"),)),
        ],
    )
    def test_everything_else_is_no_answer(self, value: Value) -> None:
        with pytest.raises(NotAnAnswer):
            from_value(value)

    def test_words_in_a_list_are_read_like_numbers(self) -> None:
        items = (
            Words("nan"),
            Words("inf"),
            Words("-inf"),
            Words("1/4"),
            Number("int", from_numpy(1, "int64")),
        )
        found = from_value(Sequence("list", items)).values
        np.testing.assert_equal(found, [np.nan, np.inf, -np.inf, 0.25, 1])
        truths = from_value(Sequence("list", (Words("True"), Words("否")))).values
        assert truths is not None and truths.tolist() == [True, False]

    def test_nesting_is_bounded(self) -> None:
        value: Value = Number("int", from_numpy(1, "int64"))
        for _ in range(20):
            value = Sequence("list", (value,))
        with pytest.raises(NotAnAnswer):
            from_value(value)
