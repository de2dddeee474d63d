"""What is said of a place in the reference's graph: a path, a step, a tensor on the way.

A label is ``variable|operation``; the variable is empty where the exercise does not publish it, and a ``*``
before the operation means all places of the kind at once.
"""

from __future__ import annotations

from typing import Final

from grader.checks.sentences import number
from grader.model.text import Text

UNDETACHED: Final = (
    Text("Your gradient is the one you get when nothing is detached: a path that should be cut still carries gradient.",
         "你的梯度恰好是没有 detach 时的结果：本该切断的路径仍在传播梯度。"),
    Text("Which tensor is meant to be a constant? What does its requires_grad say?",
         "哪个张量应当被当作常数？它的 requires_grad 是什么？"),
)  # fmt: skip


_OTHER_INPUT_HINT: Final = Text("Which input moves here, and which of them stand still meanwhile?",
                                "这里变动的是哪个输入？哪些输入保持不变？")  # fmt: skip


def by_another_input(label: str) -> tuple[Text, Text]:
    """Message and hint for the derivative by another input: ``w|`` names it."""
    name = label.partition("|")[0]
    if name:
        return Text(
            f"Your answer is the derivative with respect to {name}; another input is asked about.",
            f"你的答案是关于 {name} 的导数；题目问的是另一个输入。",
        ), _OTHER_INPUT_HINT
    return Text(
        "Your answer is the derivative with respect to another input, not to the one that is asked about.",
        "你的答案是关于另一个输入的导数，不是题目所问的那个。",
    ), _OTHER_INPUT_HINT


def by_an_intermediate(label: str) -> tuple[Text, Text]:
    """Message and hint for a gradient that stops on the way: ``u|exp`` names the tensor and what makes it."""
    name, _, operation = label.replace("*", "").partition("|")
    hint = Text("Which steps lie between this tensor and the input? What is the derivative of each?",
                "这个张量与输入之间还隔着哪些步骤？每一步的导数是什么？")  # fmt: skip
    if name:
        return Text(
            f"Your answer is the gradient with respect to {name}, a tensor on the way: the steps from the input to {name} are left out.",
            f"你的答案是对中间量 {name} 的梯度：从输入到 {name} 的那几步没有算进去。",
        ), hint
    if operation:
        at = _operation(operation)
        return Text(
            f"Your answer is the gradient with respect to a tensor on the way, the result of one step ({at.en}): the steps before it are left out.",
            f"你的答案是对某个中间量（{spaced(at.zh).lstrip()}的结果）的梯度：它之前的步骤没有算进去。",
        ), hint
    return Text(
        "Your answer is the gradient with respect to a tensor on the way, not to the input: the first steps are left out.",
        "你的答案是对某个中间量的梯度，而不是对输入的梯度：最前面的几步没有算进去。",
    ), hint


_ROUNDS_HINT: Final = Text("How often does the body of the loop run, and with which number does it begin?",
                           "循环体一共执行几次？从哪个数开始？")  # fmt: skip
_OFF_BY_ONE: Final = {
    "fewer": (
        Text("Your answer is what a loop with one round fewer gives.", "你的答案是循环少走一轮的结果。"),
        _ROUNDS_HINT,
    ),
    "more": (
        Text("Your answer is what a loop with one more round gives.", "你的答案是循环多走一轮的结果。"),
        _ROUNDS_HINT,
    ),
    "exponent": (
        Text("Your answer has an exponent that is one too high: it is the right one times the input.",
             "你的答案的指数高了 1：它等于正确结果再乘以输入。"),
        Text("When the exponent comes to the front as a factor, what stays behind in its place?",
             "指数移到前面成为系数之后，原来的位置上还剩多少？"),
    ),
    "count": (
        Text("Your answer divides by a number of entries that is off by one: n − 1 where n belongs, or n where n − 1 does.",
             "你的答案除以的元素个数差了 1：该用 n 的地方用了 n − 1，或者反过来。"),
        Text("Over how many entries is the mean taken, and by what is their sum divided?",
             "均值取自多少个元素？它们的和又除以了多少？"),
    ),
}  # fmt: skip


def off_by_one(label: str) -> tuple[Text, Text]:
    """Message and hint for one too many or too few: of rounds, of entries, in an exponent."""
    return _OFF_BY_ONE[label.partition("|")[2]]


def factor_order(label: str) -> tuple[Text, Text]:
    """Message and hint for a matrix product whose derivative has its factors in another order."""
    hint = Text("Write the product with indices. Over which index is the sum, and where does that index stand in each factor?",
                "用下标把这个乘积写出来：对哪个下标求和？它在每个因子里排在第几位？")  # fmt: skip
    if label.partition("|")[2] == "transposed":
        return Text(
            "Your answer transposes a factor of a matrix product that should stay as it is, or does not transpose one that should be.",
            "你的答案里，矩阵乘积有一个因子不该转置却转置了，或者该转置却没有转置。",
        ), hint
    return Text(
        "Your answer has the factors of a matrix product in the wrong order.",
        "你的答案里，矩阵乘积的因子次序颠倒了。",
    ), hint


def diagonal_of(label: str) -> tuple[Text, Text]:
    """Message and hint where the diagonal of one step's Jacobian stands for the whole: ``p|softmax``."""
    operation = label.replace("*", "").partition("|")[2]
    at = _operation(operation) if operation else Text("one step", "某一步")
    return Text(
        f"Your answer keeps only the diagonal of the Jacobian of {at.en}: each of its outputs depends on several inputs.",
        f"你的答案只保留了{spaced(at.zh)}的雅可比矩阵的对角线，而它的每个输出都依赖多个输入。",
    ), Text(
        "When one input of that step changes, which of its outputs change besides the one in the same place?",
        "这一步的某个输入变化时，除了同一位置的输出，还有哪些输出会变？",
    )


def missing_path(label: str) -> tuple[Text, Text]:
    """Message and hint for a gradient without what flows along one edge: ``u|mul`` names it."""
    via, _, operation = label.partition("|")
    each, operation = operation.startswith("*"), operation.removeprefix("*")
    if via and each:
        message = Text(
            f"Your answer leaves out every path through {via}: what comes back along them is missing.",
            f"你的答案正好少了经过 {via} 的所有路径：沿它们传回来的部分没有算进去。",
        )
    elif operation and each:
        at = _operation(operation)
        message = Text(
            f"Your answer leaves out one of the paths that meet in {at.en}, each time: a term is missing.",
            f"你的答案正好少了在{spaced(at.zh)}处汇合的一条路径，每次都是如此：漏掉了一项。",
        )
    elif via:
        message = Text(
            f"Your answer leaves out the path through {via}: what comes back along it is missing.",
            f"你的答案正好少了经过 {via} 的那条路径：沿它传回来的部分没有算进去。",
        )
    elif operation:
        at = _operation(operation)
        message = Text(
            f"Your answer leaves out one of the paths that meet in {at.en}: a term is missing.",
            f"你的答案正好少了在{spaced(at.zh)}处汇合的一条路径：漏掉了一项。",
        )
    else:
        message = Text(
            "Your answer leaves out one of the paths from the input to the output: a term is missing.",
            "你的答案正好少了从输入到输出的一条路径：漏掉了一项。",
        )
    return message, Text(
        "Along how many paths does the input reach the output, and which term does each bring?",
        "输入经由几条路径到达输出？每条路径各带来哪一项？",
    )


def missing_paths(labels: list[str]) -> tuple[Text, Text]:
    """The same where two edges are missing."""
    vias = [label.partition("|")[0] for label in labels]
    _, hint = missing_path("|")
    if all(vias) and len(set(vias)) == len(vias):
        return Text(
            f"Your answer leaves out the paths through {' and '.join(vias)}.",
            f"你的答案正好少了经过 {' 和 '.join(vias)} 的路径。",
        ), hint
    return Text(
        "Your answer leaves out two of the paths from the input to the output: two terms are missing.",
        "你的答案正好少了从输入到输出的两条路径：漏掉了两项。",
    ), hint


def missing_factor(label: str) -> tuple[Text, Text]:
    """Message and hint for the chain rule without one local derivative: ``u|sin`` names it."""
    part, _, what = label.partition("|")
    each, what = what.startswith("*"), what.removeprefix("*")
    if what == "cotangent" and not part:
        return Text(
            "Your answer is the right one with ones in place of the given vector.",
            "你的答案相当于把给定的向量全换成 1。",
        ), Text("Where does the vector come in? What would your answer be for another one?",
                "给定的向量应当出现在哪里？换一个向量，你的答案会变吗？")  # fmt: skip
    if what == "cotangent":
        return Text(
            f"Your answer is the right one with ones in place of {part}: {part} itself is not used.",
            f"你的答案相当于把 {part} 全换成 1：{part} 本身没有参与计算。",
        ), Text(f"Where does {part} come in? What would your answer be for another {part}?",
                f"{part} 应当出现在哪里？换一个 {part}，你的答案会变吗？")  # fmt: skip
    if what == "after" and not part:
        return Text(
            "Your answer is the derivative of one step on the way alone: what is done afterwards is left out.",
            "你的答案只是中间某一步的导数：之后的运算没有算进去。",
        ), Text("By how much does the output change when the result of that step changes a little?",
                "那一步的结果变化一点点时，输出会变化多少？")  # fmt: skip
    if what == "after":
        return Text(
            f"Your answer is the derivative of {part} alone: what is done with {part} afterwards is left out.",
            f"你的答案只是 {part} 的导数：之后对 {part} 所做的运算没有算进去。",
        ), Text(f"By how much does the output change when {part} changes a little?",
                f"{part} 变化一点点时，输出会变化多少？")  # fmt: skip
    if not what:
        return Text(
            "Your answer leaves out the derivative of one of the steps: the chain rule multiplies by each.",
            "你的答案正好少了某一步的导数：链式法则里每一步的导数都要乘上。",
        ), _STEPS_HINT
    at = _operation(what)
    if each:
        return Text(
            f"Your answer leaves out the derivative of one kind of step, each time: {at.en}. The chain rule multiplies by it, too.",
            f"你的答案正好少了同一种步骤的导数（{at.zh}），每次都是如此。链式法则里也要乘上它。",
        ), _STEPS_HINT
    if part:
        return Text(
            f"Your answer leaves out the derivative of the step that makes {part} ({at.en}). The chain rule multiplies by it, too.",
            f"你的答案正好少了算出 {part} 的那一步（{at.zh}）的导数。链式法则里也要乘上它。",
        ), _STEPS_HINT
    return Text(
        f"Your answer leaves out the derivative of one step: {at.en}. The chain rule multiplies by it, too.",
        f"你的答案正好少了一步的导数：{at.zh}。链式法则里也要乘上它。",
    ), _STEPS_HINT


_STEPS_HINT: Final = Text(
    "Name the steps from the input to the output one by one. What is the derivative of each?",
    "把从输入到输出的步骤逐一写出来，每一步的导数是什么？",
)


def undetached(label: str) -> tuple[Text, Text]:
    """Message and hint for a gradient that flows where it was cut; ``u|`` names what was cut off."""
    via = label.partition("|")[0]
    message, hint = UNDETACHED
    if via:
        message = Text(
            f"Your gradient is the one you get when {via} is not cut off: the path through it still carries gradient.",
            f"你的梯度恰好是没有切断 {via} 时的结果：经过它的路径仍在传播梯度。",
        )
        hint = Text(
            f"In the graph, {via} is a constant. What is the derivative of a constant?",
            f"在计算图里，{via} 是常数。常数的导数是什么？",
        )
    return message, hint


_OPERATIONS: Final = {
    "mul": Text("the product", "乘积"),
    "div": Text("the quotient", "商"),
    "add": Text("the sum", "加法"),
    "sub": Text("the difference", "减法"),
    "rsub": Text("the difference", "减法"),
    "pow": Text("the power", "幂"),
    "dot": Text("the dot product", "点积"),
    "mv": Text("the matrix product", "矩阵乘积"),
    "mm": Text("the matrix product", "矩阵乘积"),
    "neg": Text("the minus sign", "负号"),
    "exp": Text("exp", "exp"),
    "log": Text("log", "log"),
    "sqrt": Text("the square root", "平方根"),
    "where": Text("where", "where"),
    "linalgvectornorm": Text("the norm", "范数"),
    "mean": Text("the mean", "均值"),
    "sum": Text("the sum over entries", "求和"),
    "bmm": Text("the matrix product", "矩阵乘积"),
    "addmm": Text("the matrix product", "矩阵乘积"),
    "addmv": Text("the matrix product", "矩阵乘积"),
    "prod": Text("the product over entries", "连乘"),
    "reciprocal": Text("the reciprocal", "倒数"),
    "norm": Text("the norm", "范数"),
    "abs": Text("the absolute value", "绝对值"),
    "max": Text("the maximum", "最大值"),
    "maximum": Text("the maximum", "最大值"),
    "min": Text("the minimum", "最小值"),
    "minimum": Text("the minimum", "最小值"),
    "select": Text("the indexing", "取下标"),
    "slice": Text("the indexing", "取下标"),
    "index": Text("the indexing", "取下标"),
    "stack": Text("the stacking", "堆叠"),
    "cat": Text("the concatenation", "拼接"),
    "logsoftmax": Text("the logarithm of softmax", "log_softmax"),
}
"""By the name of autograd's node, without its ending; others are called as torch calls them."""


def _operation(name: str) -> Text:
    """How a sentence calls an operation of torch; ``softmax.div`` is a step inside of softmax."""
    whole, _, step = name.removeprefix("*").rpartition(".")
    at = _OPERATIONS.get(step, Text(step, step))
    return Text(f"{at.en} in {whole}", f"{whole} 里的{spaced(at.zh).rstrip()}") if whole else at


def spaced(word: str) -> str:
    """A word between Chinese ones: Latin letters have a space on either side that they touch."""
    return f"{' ' * word[:1].isascii()}{word}{' ' * word[-1:].isascii()}"


def scaled_path(label: str, factor: float) -> tuple[Text, Text]:
    """Message and hint where one term has a factor too many, or (−1) the wrong sign."""
    via, _, operation = label.replace("*", "").partition("|")
    if via:
        term = Text(f"the term that comes through {via}", f"经过 {via} 传来的那一项")
    else:
        at = _operation(operation) if operation else Text("a sum", "求和")
        term = Text(f"one of the terms that meet in {at.en}", f"在{spaced(at.zh)}处汇合的某一项")
    if factor == -1.0:
        said = Text(f"Right, except for the sign of {term.en}.", f"除了{term.zh}的符号，其余都正确。")
    else:
        shown = number(factor)
        said = Text(
            f"Right, except that {term.en} is {shown} times what it should be.",
            f"除了{term.zh}是应有值的 {shown} 倍，其余都正确。",
        )
    return said, Text(
        "Differentiate the terms one by one. Which of them does not agree with your answer?",
        "逐项求导。其中哪一项与你的答案对不上？",
    )
