"""Typed answers and predictions: missing, misspelt, unreadable, or not right."""

from __future__ import annotations

from math import prod
from typing import Final

from grader.checks.sentences.phrases import a_noun
from grader.model.text import Text, listed


def misspelt_answer(name: str, key: str) -> Text:
    return Text(
        f"PREDICTIONS has no entry {name}; it has {key}, which nothing asks for. Is that the one? Then call it {name}.",
        f"PREDICTIONS 里没有 {name}；倒是有 {key}，而题目没有问它。是不是名字写错了？如果是，请改成 {name}。",
    )


def misspelt_predictions(name: str, written: str) -> Text:
    if written == "__main__":
        return Text(
            f'You have not predicted {name} yet: your PREDICTIONS stands below if __name__ == "__main__":, and that part of a file is not run. Move it to the left margin.',
            f'你还没有预测 {name}：你的 PREDICTIONS 写在 if __name__ == "__main__": 之下，而文件的这一部分不会运行。请把它移出来，不要缩进。',
        )
    return Text(
        f"You have not predicted {name} yet: your file has {written}, and only a dict called PREDICTIONS is read.",
        f"你还没有预测 {name}：你的文件里写的是 {written}，而只有名为 PREDICTIONS 的字典会被读取。",
    )


def missing_answer(name: str) -> Text:
    return Text(
        f"You have not predicted {name} yet: write it into PREDICTIONS or type it in.",
        f"你还没有预测 {name}：把它写进 PREDICTIONS，或者直接填写。",
    )


def blank_entries(name: str, blank: int, entries: int) -> Text:
    """For a list in which the ``...`` of the starter stands beside entries that were made."""
    left = f"1 of the {entries} entries is" if blank == 1 else f"{blank} of the {entries} entries are"
    return Text(
        f"Your answer for {name} is not complete: {left} still “...”, not filled in yet.",
        f"你对 {name} 的回答还不完整：{entries} 项中还有 {blank} 项是“...”，尚未填写。",
    )


def file_says_other(name: str, in_file: str, beside: str) -> Text:
    """For an answer that stands in two places and is not the same there."""
    return Text(
        f"In your file PREDICTIONS has {in_file} for {name}; what is typed beside the file is {beside}, and that counts.",
        f"你的文件里 PREDICTIONS 给 {name} 写的是 {in_file}；在文件之外填写的是 {beside}，以填写的为准。",
    )


def unreadable_answer(
    name: str, what: str, why: Text | None = None, axes: int = 1, truths: tuple[int, ...] | None = None
) -> Text:
    """An answer that cannot be read: at the piece ``what``, or for the reason ``why``.

    :param axes: of the answer that is asked for; the example has as many, two at most.
    :param truths: its shape, where nothing but True and False is asked for.
    """
    if why is not None:
        return Text(
            f"Your answer for {name} cannot be read: {why.en}.", f"无法读懂你对 {name} 的回答：{why.zh}。"
        )
    if truths is not None:
        asked, such = _truths(truths)
        return Text(
            f"Your answer for {name} cannot be read at “{what}”; write {asked.en}{such.en}.",
            f"你对 {name} 的回答在“{what}”处无法读懂；请写 {asked.zh}{such.zh}。",
        )
    like = ("0.25", "[0, 4, 8]", "[[0, 4], [8, 12]]")[min(axes, 2)]
    number = "a number like" if axes == 0 else "numbers like"
    return Text(
        f"Your answer for {name} cannot be read at “{what}”; write {number} {like}, True, False or None.",
        f"你对 {name} 的回答在“{what}”处无法读懂；请写成 {like} 这样的数，或 True、False、None。",
    )


UNCLOSED: Final = Text("a closing bracket ] is missing", "缺少右方括号 ]")
NOTHING_TYPED: Final = Text("nothing is there", "什么也没有填写")
TOO_DEEP: Final = Text("there are too many brackets inside each other", "方括号嵌套得太深")
RAGGED: Final = Text("its rows have different lengths", "各行的长度不同")
NONE_INSIDE: Final = Text("None stands inside a list; for no gradient at all, write None alone",
                          "列表里出现了 None；如果没有梯度，请只写 None")  # fmt: skip
DIVIDED_BY_ZERO: Final = Text("it divides by zero", "它除以了零")


def decimal_comma(whole: str, fraction: str) -> Text:
    """For ``8,5`` where one number is asked for. Which of the two is meant is not ours to guess."""
    return Text(
        f"do you mean {whole}.{fraction}, or the two numbers {whole} and {fraction}? Write a point for decimals",
        f"你指的是 {whole}.{fraction}，还是 {whole} 和 {fraction} 两个数？小数点请写成英文句点",
    )


def too_long(characters: int) -> Text:
    return Text(f"it has {characters} characters", f"它有 {characters} 个字符")


def no_numbers(kind: str) -> Text:
    return Text(f"it holds {a_noun(kind)}, which is neither a number nor True, False or None",
                f"其中有 {kind}，它既不是数，也不是 True、False 或 None")  # fmt: skip


def formula_as_text(name: str) -> Text:
    return Text(f'Your answer for {name} is not a formula; write one as text, such as "2*x".',
                f'你对 {name} 的回答不是公式；请把公式写成文字，例如 "2*x"。')  # fmt: skip


def no_words(kind: str) -> Text:
    return Text(f"it holds {a_noun(kind)}; give text", f"其中有 {kind}；请写文字")


TOO_MANY: Final = Text("it has too many parts", "其中的项太多")
NO_ARROW: Final = Text("write each edge as an arrow between two names, such as x -> a",
                       "每条边请写成两个名字之间的箭头，例如 x -> a")  # fmt: skip


def no_option(options: list[str]) -> Text:
    said = listed(options, "or")
    return Text(f"choose {said.en}", f"请选择 {said.zh}")


def wrong_choices(name: str, wrong: int, total: int) -> Text:
    if total == 1:
        return wrong_typed(name)
    return Text(f"{wrong} of the {total} choices {'is' if wrong == 1 else 'are'} not right.",
                f"{total} 个选择中有 {wrong} 个不对。")  # fmt: skip


def wrong_count(given: int, wanted: int) -> Text:
    return Text(
        f"You made {given} {'choice' if given == 1 else 'choices'} where {wanted} {'is' if wanted == 1 else 'are'} asked for.",
        f"这里要作 {wanted} 个选择，你作了 {given} 个。",
    )


def wrong_edges(missing: int, extra: int, example: str, backwards: bool) -> Text:
    """For a list of edges: how many are not there, how many are missing; one that is not there by name."""
    if backwards:
        return Text("Your arrows point the other way: draw them from what is used to what it is used for.",
                    "箭头的方向反了：请从被使用的量指向使用它的量。")  # fmt: skip
    said_en, said_zh = [], []
    if extra == 1:
        said_en.append(f"1 of your edges is not in the graph: {example}")
        said_zh.append(f"你的边里有 1 条不在图中：{example}")
    elif extra:
        said_en.append(f"{extra} of your edges are not in the graph, such as {example}")
        said_zh.append(f"你的边里有 {extra} 条不在图中，例如 {example}")
    if missing:
        edges = "" if extra else " edge" if missing == 1 else " edges"
        said_en.append(f"{missing}{edges} {'is' if missing == 1 else 'are'} missing")
        said_zh.append(f"还缺 {missing} 条" if extra else f"还缺 {missing} 条边")
    return Text(f"{'; '.join(said_en)}.", f"{'；'.join(said_zh)}。")


def predictions_not_a_dict(kind: str) -> Text:
    return Text(
        f'PREDICTIONS is {a_noun(kind)}; it must be a dict such as {{"y": 28}}.',
        f'PREDICTIONS 是 {kind}；它应当是一个字典，例如 {{"y": 28}}。',
    )


def answer_none(name: str) -> Text:
    return Text(f"You answered None for {name}, but it holds numbers.",
                f"你对 {name} 的回答是 None；但它是有数值的。")  # fmt: skip


def _truths(shape: tuple[int, ...]) -> tuple[Text, Text]:
    """So many truth values as ``shape`` has, and an example of their form. An axis of length one is none."""
    long = [n for n in shape if n != 1]
    if prod(long) < 2:
        return Text("True or False", "True 或 False"), Text("", "")
    row = "[True, …]" if long[-1] == 2 else "[True, False, …]"  # no answer of two is given away
    if len(long) == 1:
        en, zh = f"{long[0]} truth values", f"{long[0]} 个 True 或 False"
    elif len(long) == 2:
        en, zh = f"{long[0]} rows of {long[1]} truth values", f"{long[0]} 行、每行 {long[1]} 个 True 或 False"
    else:
        sizes = " × ".join(map(str, long))
        en, zh = f"{sizes} truth values", f"{sizes} 个 True 或 False"
    like = row if len(long) == 1 else f"{'[' * (len(long) - 1)}{row}, …{']' * (len(long) - 1)}"
    return Text(f"{en}, each True or False", zh), Text(f", such as {like}", f"，例如 {like}")


def answer_truth(name: str, shape: tuple[int, ...]) -> Text:
    """None, where True or False is due."""
    asked, such = _truths(shape)
    return Text(f"You answered None for {name}; answer it with {asked.en}{such.en}.",
                f"你对 {name} 的回答是 None；请回答 {asked.zh}{such.zh}。")  # fmt: skip


def right_to_two_digits(name: str) -> Text:
    """Rounded to two digits the numbers are right, and not to the three that are compared."""
    return Text(
        f"To two digits your answer for {name} is right; at least three digits of each number are compared.",
        f"只看两位有效数字，你对 {name} 的回答是对的；评判时每个数至少比较三位。",
    )


def right_when_rounded(name: str, digits: int) -> Text:
    """Rounded to fewer digits the numbers are right; more were given."""
    return Text(
        f"Rounded to {digits} digits your answer for {name} is right; as it stands, it is not.",
        f"四舍五入到 {digits} 位有效数字，你对 {name} 的回答是对的；不舍入则不对。",
    )


def zeros_not_right(name: str) -> Text:
    """For typed zeros where there is no gradient; the answer is not given away."""
    return Text(f"Your answer for {name} is not right: it is not zeros.",
                f"你对 {name} 的回答不正确：它不是零。")  # fmt: skip


def answer_not_complex(name: str) -> Text:
    """A complex number was typed where a real one is due."""
    return Text(
        f"{name} is a real number; yours has an imaginary part.", f"{name} 是实数，而你填的数带有虚部。"
    )


def truths_asked(name: str, shape: tuple[int, ...]) -> Text:
    """Numbers came where truth values are due, or another count of these."""
    asked, such = _truths(shape)
    return Text(f"Answer {name} with {asked.en}{such.en}.", f"请用 {asked.zh} 回答 {name}{such.zh}。")


def numbers_asked(name: str) -> Text:
    return Text(
        f"Answer {name} with numbers, not with True or False.", f"请用数而不是 True、False 回答 {name}。"
    )


def wrong_typed(name: str) -> Text:
    return Text(f"Your answer for {name} is not right.", f"你对 {name} 的回答不正确。")


TYPED_SHAPE: Final = Text(
    "How many entries are asked for, in how many rows, and how many did you give?",
    "题目要的是几个分量、排成几行？你写的是几个？",
)
TYPED_NOT_FINITE: Final = Text(
    "Is nan or infinity meant to say that there is no such number? There is one.",
    "写 nan 或无穷，是想说这样的数不存在吗？它是存在的。",
)
"""For a typed nan or infinity where the right answer is finite: nothing was divided on the way to it."""
