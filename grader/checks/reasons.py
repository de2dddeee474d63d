"""Why a gradient is wrong, in words: the message and the hint of each code.

A message says what the numbers are; a hint asks a question that leads to the mend and never gives
the answer.
"""

from __future__ import annotations

from typing import Final

from grader.checks.places import UNDETACHED, spaced
from grader.checks.sentences import number
from grader.model.text import Text, listed

_REASONS: Final[dict[str, tuple[Text, Text]]] = {
    "sign": (
        Text("Every entry has the right size and the wrong sign.", "每个分量大小都对，符号都反了。"),
        Text("Which way does f move when you increase the input a little?", "把输入略微增大，f 会往哪个方向变？"),
    ),
    "mean-for-sum": (
        Text("Your answer is the right one divided by the number of entries that are added up: one mean too many.",
             "你的答案等于正确结果再除以被求和的元素个数：多求了一次均值。"),
        Text("How is the output reduced before it is differentiated: sum() or mean()?",
             "求导之前，输出是用 sum() 还是 mean() 归约的？"),
    ),
    "transpose": (
        Text("Your answer is the transpose of the right one.", "你的答案是正确结果的转置。"),
        Text("Which index of the result belongs to the output, and which to the input?",
             "结果的哪个下标属于输出，哪个属于输入？"),
    ),
    "shape": (
        Text("A gradient has the shape of what it is taken with respect to.", "梯度的形状与求导的对象相同。"),
        Text("What is the shape of the input, and what of your answer?", "输入是什么形状？你的答案又是什么形状？"),
    ),
    "dtype": (
        Text("The numbers came in a dtype that no gradient has.", "结果的 dtype 不可能是梯度的类型。"),
        Text("Which line turns floating-point numbers into something else?", "是哪一行把浮点数变成了别的类型？"),
    ),
    "nan": (
        Text("NaN or infinity came where the right answer is finite.", "正确值有限的地方出现了 NaN 或无穷。"),
        Text("Is there a division, a root or a logarithm that meets a zero on the way?",
             "途中是否有除法、开方或对数碰到了零？"),
    ),
    "none-for-zero": (
        Text("You give None where the gradient is zero: None means that there is no gradient yet, while zeros are one.",
             "梯度为零的地方你给了 None：None 表示还没有梯度，而零也是一种梯度。"),
        Text("Is there a tensor that holds the gradient by then, and what is in it?",
             "到那时，保存梯度的张量存在吗？里面是什么数？"),
    ),
    "value-not-gradient": (
        Text("Your answer is the value of the function, not its gradient.", "你的答案是函数的值，不是它的梯度。"),
        Text("By how much does this value change when the input moves by a little?",
             "输入变动一点点时，这个值会变化多少？"),
    ),
    "second-derivative": (
        Text("Your answer is the second derivative; one too many was taken.", "你的答案是二阶导数：多求了一次导。"),
        Text("How often is the function differentiated on the way to your answer?", "得到你的答案之前，一共对函数求了几次导？"),
    ),
    "accumulated": (
        Text("Your answer is the right gradient plus an earlier one: gradients add up in .grad until they are zeroed.",
             "你的答案等于正确的梯度加上先前的梯度：.grad 会不断累加，直到被清零。"),
        Text("What was in .grad just before this backward()?", "在这次 backward() 之前，.grad 里是什么？"),
    ),
    "reduced": (
        Text("Your answer adds the entries up; each input entry has a gradient of its own.",
             "你的答案把各分量加在了一起；每个输入分量都有自己的梯度。"),
        Text("If only one entry of the input moves, which entries of your answer should change?",
             "如果只有一个输入分量变动，你的答案里哪些分量应当随之改变？"),
    ),
    "not-reduced": (
        Text("The sum of your entries is right: a sum is missing.", "你的各分量之和是正确的：少了一次求和。"),
        Text("Is the answer one number, or one per entry?", "答案是一个数，还是每个分量各一个数？"),
    ),
    "undetached": UNDETACHED,
    "float32-rounding": (
        Text("Your numbers are right to single precision only; the inputs are float64.", "你的结果只精确到单精度；输入是 float64。"),
        Text("Does some line create a tensor without a dtype, or call .float()?", "是不是有哪一行创建张量时没有指定 dtype，或者调用了 .float()？"),
    ),
    "autograd-in-prediction": (
        Text("Your answer comes from autograd: with it the numbers are right, and without it they are not. A prediction is made without it, as a formula of your own.",
             "你的答案来自 autograd：有它时数值正确，没有它时就不对。预测要在没有 autograd 的环境里进行，应当是你自己的公式。"),
        Text("What does one small step of the input do to each line of f?", "输入走一小步，f 的每一行会怎样变化？"),
    ),
    "finite-difference": (
        Text("This is a difference quotient of f, not a formula, so it is not accepted as a prediction.",
             "这是 f 的差商，不是公式，因此不能作为预测被接受。"),
        Text("What does the quotient tend to when the step goes to zero? Can you write that down?",
             "步长趋于零时，这个商趋于什么？你能把它写出来吗？"),
    ),
    "diagonal-only": (
        Text("Your answer keeps only the diagonal: each output is differentiated with respect to its own input, and not with respect to the others.",
             "你的答案只保留了对角线：每个输出只对自己的那个输入求了导，没有对其余输入求导。"),
        Text("When x[0] changes, which outputs change besides the first?", "x[0] 变化时，除了第一个输出，还有哪些输出会变？"),
    ),
    "cut-graph": (
        Text("The output is not connected to the input: autograd finds no path back through your function.",
             "输出与输入没有连通：autograd 在你的函数里找不到返回的路径。"),
        Text("Is there a detach(), .item(), .data, numpy or no_grad() on the way, or a new leaf made of the input (torch.tensor(x), Variable)? "
             "Or is the input not used at all?",
             "途中是否用了 detach()、.item()、.data、numpy 或 no_grad()，或者由输入另建了新的叶子张量（torch.tensor(x)、Variable）？"
             "还是根本没有用到输入？"),
    ),
    "reversed": (
        Text("Your answer has the right entries in reversed order.", "你的答案里各分量的值都对，次序却反了。"),
        Text("To which entry of the input does the first entry of your answer belong?",
             "你的答案的第一个分量，对应的是输入的哪个分量？"),
    ),
    "zero-for-none": (
        Text("You give zeros where there is no gradient at all: zeros say that one came, and that it was zero.",
             "那里根本没有梯度，你却给了零：零表示梯度传到了，只是值为零。"),
        Text("Does a gradient arrive there at all? Along which path of the graph?",
             "梯度到底有没有传到那里？是沿计算图的哪条路径？"),
    ),
    "incoming-ignored": (
        Text("Your answer is what you get with ones in place of the incoming gradient: backward does not multiply by it.",
             "你的答案相当于把传进来的梯度全当成了 1：backward 没有乘上它。"),
        Text("What does grad_output hold in your backward, and where do you use it?",
             "在你的 backward 里，grad_output 装的是什么？你在哪里用到了它？"),
    ),
    "once-differentiable": (
        Text("The gradient through your function cannot be differentiated once more: to autograd it is a constant.",
             "autograd 对你的函数求出的梯度不能再求导了：在 autograd 看来，它是常数。"),
        Text("Is your backward made of operations that autograd can follow, or is there once_differentiable, detach() or numpy in it?",
             "你的 backward 里每一步都是 autograd 能追踪的运算吗？有没有用到 once_differentiable、detach() 或 numpy？"),
    ),
}  # fmt: skip


def reason(code: str) -> tuple[Text, Text] | None:
    """Message and hint for a code of the contract that needs no parameter; None for others."""
    return _REASONS.get(code)


_VALUE_HINTS: Final = {
    "sign": Text("Which term of the definition comes in with the other sign?", "定义里哪一项的符号与你的相反？"),
    "scale": Text("Which constant of the definition is missing, or there twice?", "定义里哪个常数漏掉了，或者乘了两次？"),
    "reduced": Text("Is the value one number, or one per entry?", "函数值是一个数，还是每个分量各一个数？"),
    "not-reduced": Text("Is the value one number, or one per entry?", "函数值是一个数，还是每个分量各一个数？"),
    "transpose": Text("Which index comes first in the definition?", "定义里哪个下标在前？"),
    "shape": Text("What shape does the definition give the value?", "按定义，函数值应当是什么形状？"),
    "dtype": Text("Which line turns floating-point numbers into something else?", "是哪一行把浮点数变成了别的类型？"),
    "mean-for-sum": Text("Does the definition say sum or mean?", "定义里写的是求和还是求均值？"),
}  # fmt: skip
_VALUE_SUM_FOR_MEAN: Final = Text(
    "Your value is the right one times the number of entries.", "你的值等于正确值乘以元素个数。"
)
_VALUE_MESSAGES: Final = {
    "mean-for-sum": Text("Your value is the right one divided by the number of entries.", "你的值等于正确值除以元素个数。"),
    "reduced": Text("Your value adds the entries up; each entry has a value of its own.",
                    "你的值把各分量加在了一起；每个分量都有自己的值。"),
    "shape": Text("Your value does not have the shape of the definition.", "你的值的形状与定义不符。"),
    "dtype": Text("The value has the wrong dtype.", "函数值的 dtype 不对。"),
}  # fmt: skip


_ANSWER: Final = Text("Your answer", "你的答案")
"""How a message about a prediction begins; where f itself is judged, another subject takes its place."""
_VALUE: Final = Text("Your value", "你的值")
_GRADIENT: Final = Text("The gradient through your function", "autograd 对你的函数求出的梯度")


def _about(subject: Text, message: Text) -> Text:
    """The message with ``subject`` in the place of the answer, where it begins with that."""
    if not message.en.startswith(_ANSWER.en):
        return message
    return Text(
        subject.en + message.en.removeprefix(_ANSWER.en), subject.zh + message.zh.removeprefix(_ANSWER.zh)
    )


def of_value(code: str, message: Text, hint: Text, labels: tuple[str, ...] = ()) -> tuple[Text, Text]:
    """The same relation where a value of f is judged: no word of gradients.

    :param labels: of the relation; with them, ``message`` says more than the code does, and stays.
    """
    if code == "mean-for-sum" and labels:
        return _VALUE_SUM_FOR_MEAN, _VALUE_HINTS[code]
    said = message if labels else _VALUE_MESSAGES.get(code, message)
    return _about(_VALUE, said), _VALUE_HINTS.get(code, hint)


_GRADIENT_MESSAGES: Final = {
    "sign": Text("The gradient through your function has the right size and the wrong sign, in every entry.",
                 "autograd 对你的函数求出的梯度，每个分量大小都对，符号都反了。"),
    "mean-for-sum": Text("The gradient through your function is the right one divided by the number of entries.",
                         "autograd 对你的函数求出的梯度等于正确结果除以元素个数。"),
    "second-derivative": Text("The gradient through your function is the second derivative: your function is f differentiated already.",
                              "autograd 对你的函数求出的梯度是二阶导数：你的函数已经是 f 的导数了。"),
}  # fmt: skip
_GRADIENT_HINTS: Final = {
    "sign": _VALUE_HINTS["sign"],
    "scale": Text("Does your function multiply by a constant that the definition does not have, or does a gradient flow along a path that it should not take?",
                  "你的函数是不是多乘或少乘了某个常数？或者，梯度走了不该走的路径？"),
    "mean-for-sum": _VALUE_HINTS["mean-for-sum"],
    "second-derivative": Text("Does your function return the value of f, or already its derivative?",
                              "你的函数返回的是 f 的值，还是已经求过导的结果？"),
    "shape": _VALUE_HINTS["shape"],
    "reduced": Text("Does your function add up entries that the definition keeps apart?",
                    "你的函数是不是把定义里各自独立的分量加在了一起？"),
    "not-reduced": Text("Does your function keep entries apart that the definition adds up?",
                        "你的函数是不是漏掉了定义里的一次求和？"),
    "accumulated": Text("Does your function remember anything from one call to the next?",
                        "你的函数是不是在两次调用之间记住了什么？"),
    "missing-path": Text("Does your function compute that term, and does every tensor on the way to it have a grad_fn?",
                         "你的函数算了这一项吗？沿途的每个张量都有 grad_fn 吗？"),
    "missing-factor": Text("Which line puts a number in the place of that step, so that autograd does not see it?",
                           "是哪一行用数值代替了那一步，使 autograd 看不到它？"),
    "undetached": Text("Which tensor does the definition treat as a constant? What does its requires_grad say in your function?",
                       "定义里哪个张量被当作常数？在你的函数里，它的 requires_grad 是什么？"),
}  # fmt: skip
_GRADIENT_SUM_FOR_MEAN: Final = Text(
    "The gradient through your function is the right one times the number of entries.",
    "autograd 对你的函数求出的梯度等于正确结果乘以元素个数。",
)


def of_gradient(code: str, message: Text, hint: Text, labels: tuple[str, ...] = ()) -> tuple[Text, Text]:
    """The same relation where autograd differentiated the student's f: the mistake is in f.

    :param labels: of the relation; with them, ``message`` says more than the code does, and stays.
    """
    if code == "mean-for-sum" and labels:
        return _GRADIENT_SUM_FOR_MEAN, _VALUE_HINTS[code]
    said = message if labels else _GRADIENT_MESSAGES.get(code, message)
    return _about(_GRADIENT, said), _GRADIENT_HINTS.get(code, hint)


_ORDER_HINT: Final = Text("How often is f differentiated on the way to your answer, and how often is it asked for?",
                          "得到你的答案之前，对 f 求了几次导？题目要求几次？")  # fmt: skip
_ORDER_MESSAGES: Final = {
    "value-not-gradient": Text("Your answer is of too low an order: f has to be differentiated more often.",
                               "你的答案阶数太低：对 f 求导的次数还不够。"),
    "second-derivative": Text("Your answer is of too high an order: f was differentiated once too often.",
                              "你的答案阶数太高：对 f 多求了一次导。"),
}  # fmt: skip


def of_order(code: str, message: Text, hint: Text) -> tuple[Text, Text]:
    """The same relation where more than one derivative is asked for: the second may well be the right one."""
    if code not in _ORDER_MESSAGES:
        return message, hint
    return _ORDER_MESSAGES[code], _ORDER_HINT


def scale(factor: float) -> tuple[Text, Text]:
    """Message and hint for a constant factor: given = factor × right."""
    shown = number(factor)
    return (
        Text(
            f"Your answer is {shown} times the right one, everywhere.",
            f"你的答案处处是正确结果的 {shown} 倍。",
        ),
        Text(
            "Which constant factor does differentiating bring in, or take away?",
            "求导时会多出或少掉哪个常数因子？",
        ),
    )


def one_branch(names: list[Text]) -> tuple[Text, Text]:
    """Message and hint for an answer that is right on some branches only."""
    return (
        Text(f"Right, except on {_merged_en(names)}.", f"除了{spaced(_merged_zh(names)).rstrip()}，其余都正确。"),
        Text("Follow one such input, line by line. What happens to it that does not happen to the others?",
             "跟着这样的一个输入逐行走一遍：它经历了哪些别的输入不会经历的事？"),
    )  # fmt: skip


def _merged_en(names: list[Text]) -> str:
    """``inputs that contain a zero or a negative number``: words that all names begin with are said once."""
    words = [name.en.split() for name in names]
    same = 0
    while len(words) > 1 and _alike(words, same):
        same += 1
    return " ".join([*words[0][:same], listed([" ".join(w[same:]) for w in words], "or").en])


def _alike(words: list[list[str]], n: int) -> bool:
    """Whether the n-th word of all is the same, and neither a symbol nor the last one."""
    first = words[0][n]
    return len(first) > 1 and first.isalpha() and all(len(w) > n + 1 and w[n] == first for w in words)


_ENDING: Final = "的输入"
"""How the name of a branch that is a kind of inputs ends."""


def _merged_zh(names: list[Text]) -> str:
    """The same in Chinese, where the common words stand at the end."""
    ending = _ENDING if len(names) > 1 and all(name.zh.endswith(_ENDING) for name in names) else ""
    *first, last = [name.zh.removesuffix(ending).rstrip() for name in names]
    joined = f"{'、'.join(first)}{_or_zh(first[-1], last)}{last}" if first else last
    return f"{joined}{' ' * (ending != '' and last[-1:].isascii())}{ending}"


def _or_zh(before: str, after: str) -> str:
    return f"{' ' * before[-1:].isascii()}或{' ' * after[:1].isascii()}"


ALL_ZERO: Final = (
    Text("Your answer is zero everywhere, as if the output did not depend on the input at all.",
         "你的答案处处为零，好像输出与输入完全无关。"),
    Text("Does the output change when you change one entry of the input? Along which path?",
         "改动输入的一个分量，输出会变吗？是沿哪条路径变的？"),
)  # fmt: skip
SUM_FOR_MEAN: Final = (
    Text("Your answer is the right one times the number of entries: the gradient of a sum, not of a mean.",
         "你的答案等于正确结果乘以元素个数：那是求和的梯度，不是均值的梯度。"),
    Text("How is the output reduced before it is differentiated, and by what is it divided?",
         "求导之前，输出是怎样归约的？又除以了什么？"),
)  # fmt: skip
