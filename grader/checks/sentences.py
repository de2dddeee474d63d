"""Every sentence a student can read in a verdict, in English and in Chinese.

Short, in the second person, no blame, the field's terms. A hint asks a question that
leads to the mend; it never gives an answer. Exercises bring their own sentences for
their own misconceptions (``solution.toml``).
"""

from __future__ import annotations

from typing import Final

from grader.checks.syntax_errors import in_chinese
from grader.model.exercise import Function
from grader.model.observation import Defined
from grader.model.text import Text, listed


def number(x: float | complex) -> str:
    """Six significant digits; of a complex number, of either part: ``1.5-2j``."""
    return f"{x:.6g}"


def _a(noun: str) -> str:
    """The noun with its article: a list, an int."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def _zh(who: Text) -> str:
    """The subject of a Chinese sentence: behind Latin letters comes a space, behind Chinese ones none."""
    return f"{who.zh} " if who.zh[-1:].isascii() else who.zh


def through(function: str) -> Text:
    """What a gradient check judges, as the subject of a sentence."""
    return Text(f"The gradient through your {function}", f"autograd 对你的 {function} 求出的梯度")


def backward_of(name: str) -> Text:
    """What a backward check judges, as the subject of a sentence."""
    return Text(f"What the backward of {name} returns", f"{name} 的 backward")


def missing_class(name: str, found: str | None) -> Text:
    """Where a class with a backward is asked for. :param found: the type of what has the name instead."""
    if found is None:
        return Text(
            f"Your file defines no class {name}: begin it with class {name}(torch.autograd.Function).",
            f"你的文件里没有定义类 {name}：请以 class {name}(torch.autograd.Function) 开头来定义它。",
        )
    return Text(
        f"{name} is not derived from torch.autograd.Function, so it has no backward of its own: begin it with "
        f"class {name}(torch.autograd.Function).",
        f"{name} 不是 torch.autograd.Function 的子类，因此没有自己的 backward：请以 class {name}(torch.autograd.Function) 开头。",
    )


def other_forward(name: str) -> Text:
    """A class whose forward is wrong: its backward is not looked at."""
    return Text(
        f"The forward of {name} returns other values than it should, so its backward is not judged yet.",
        f"{name} 的 forward 返回的值不对，所以还没有评判它的 backward。",
    )


def backward_returned_none(name: str, wrt: str | None) -> Text:
    """None in the place of a gradient that is asked for."""
    which = Text(f" for {wrt}", f"对 {wrt} ") if wrt else Text("", "")
    return Text(
        f"The backward of {name} returns None{which.en}, where a gradient is due: it returns one thing for each "
        "argument of forward, in their order.",
        f"{name} 的 backward {which.zh}返回了 None，而这里应当是梯度：backward 要按顺序为 forward 的每个参数各返回一项。",
    )


def backward_count(name: str, wanted: int, given: int) -> Text:
    """A backward that returns too few or too many things."""
    return Text(
        f"The backward of {name} returns {given} of {wanted} gradients: one is due for each argument of forward, in "
        "their order, and None for those that have none.",
        f"{name} 的 backward 返回了 {given} 项，应当返回 {wanted} 项：按顺序为 forward 的每个参数各返回一项，没有梯度的返回 None。",
    )


def backward_asks_autograd(name: str, line: int | None) -> Text:
    """A backward that differentiates instead of computing."""
    at = Text("It", "它") if line is None else Text(f"Line {line}", f"第 {line} 行")
    return Text(
        f"{at.en} asks autograd, and the backward of {name} is run where there is none: compute what it returns from "
        "the incoming gradient and what forward saved.",
        f"{at.zh}调用了 autograd，而 {name} 的 backward 是在没有 autograd 的环境里运行的：请用传入的梯度和 forward 保存的量把结果算出来。",
    )


# Answers that never came.


def missing_function(name: str, near: Defined | None = None) -> Text:
    """:param near: what was probably meant: another name, or another place."""
    said = Text(f"Your file defines no function {name}", f"你的文件里没有定义函数 {name}")
    if near is None:
        return Text(f"{said.en}.", f"{said.zh}。")
    if near.place == "class":
        return Text(
            f"{said.en} by itself: line {near.line} defines it inside the class {near.inside}. Define it at the top of the file, without self.",
            f"你的文件里没有单独定义函数 {name}：第 {near.line} 行把它定义在了类 {near.inside} 里面。请在文件顶层定义它，不要带 self。",
        )
    if near.place == "function":
        return Text(
            f"{said.en} by itself: line {near.line} defines it inside the function {near.inside}. Define it at the top of the file.",
            f"你的文件里没有单独定义函数 {name}：第 {near.line} 行把它定义在了函数 {near.inside} 里面。请在文件顶层定义它。",
        )
    if near.place == "main":
        return Text(
            f'{said.en} that is run: line {near.line} defines it below if __name__ == "__main__", and that block is not run here. Move it out of the block.',
            f'第 {near.line} 行把 {name} 定义在了 if __name__ == "__main__" 之下，而这一段在这里不会运行。请把它移到这一段之外。',
        )
    return Text(
        f"{said.en}; line {near.line} defines {near.name}. Is that the one? Then call it {name}.",
        f"{said.zh}；第 {near.line} 行定义的是 {near.name}。是不是名字写错了？如果是，请改成 {name}。",
    )


def exchanged(function: Function, defined: Defined) -> Text:
    """The student's function takes the same arguments in another order."""
    call = f"{function.name}({', '.join(function.args)})"
    own = f"{function.name}({', '.join(defined.params or ())})"
    return Text(
        f"The arguments are in another order: the grader calls {call}, and line {defined.line} defines {own}.",
        f"参数的顺序不对：评分时调用的是 {call}，而第 {defined.line} 行定义的是 {own}。",
    )


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


def computed_by_autograd(name: str) -> Text:
    return Text(
        f"Your file gives another value for {name} where autograd does not exist. A prediction is made without autograd: write the numbers down.",
        f"在没有 autograd 的环境里，你的文件对 {name} 给出的结果不同。预测不能依靠 autograd：请直接写出数值。",
    )


def not_given_without_autograd(name: str, line: int | None) -> Text:
    at = _fails_there(line)
    return Text(
        f"Answers are read where autograd does not exist: there {at.en}your file gives no {name}. Write down what {name} is.",
        f"答案是在没有 autograd 的环境里读取的：在那里{at.zh}你的文件没有给出 {name}。请直接写出 {name} 的值。",
    )


def defined_with_autograd(name: str, line: int | None) -> Text:
    at = _fails_there(line)
    return Text(
        f"Predictions are made where autograd does not exist: there {at.en}your file defines no {name}. Define it in lines that need no autograd.",
        f"预测是在没有 autograd 的环境里进行的：在那里{at.zh}你的文件没有定义 {name}。请用不依赖 autograd 的代码来定义它。",
    )


def _fails_there(line: int | None) -> Text:
    return Text("", "") if line is None else Text(f"line {line} fails, and ", f"第 {line} 行出错，")


def note_asked(line: int) -> Text:
    return Text(
        f"Line {line} asks autograd. Where predictions are made autograd does not exist, so it gives nothing there: .grad stays None, and torch.autograd.grad gives nan.",
        f"第 {line} 行调用了 autograd。预测是在没有 autograd 的环境里进行的，因此它在那里什么也得不到：.grad 仍然是 None，torch.autograd.grad 得到 nan。",
    )


# Lines outside of the functions.


def _where(line: int | None) -> Text:
    if line is None:
        return Text("A line outside of your functions", "函数之外的某一行")
    return Text(f"Line {line}, outside of your functions,", f"第 {line} 行（在函数之外）")


def note_raised(kind: str, message: str, line: int | None) -> Text:
    at = _where(line)
    first = message.strip().partition("\n")[0].partition(". ")[0][:160].rstrip(".")
    said = f"{kind}: {first}" if first else kind
    return Text(
        f"{at.en} raised {said}. That line was passed over; the rest was judged.",
        f"{at.zh}抛出了 {said}。这一行已跳过，其余照常评判。",
    )


def note_refused(what: str, line: int | None) -> Text:
    at, tried = _where(line), _TRIED.get(what, _TRIED["kernel"])
    return Text(
        f"{at.en} tried to {tried.en}, which submissions may not do. That line was passed over; the rest was judged.",
        f"{at.zh}试图{tried.zh}，提交的代码不允许这样做。这一行已跳过，其余照常评判。",
    )


def note_unreadable(message: str, line: int | None) -> Text:
    at = Text("One cell", "有一个单元格") if line is None else Text(f"Line {line}", f"第 {line} 行")
    said = message[:160].rstrip(".")
    return Text(f"{at.en} cannot be read as Python ({said}), so its cell was left out. The other cells were run.",
                f"{at.zh}无法按 Python 解析（{said}），因此没有运行它所在的单元格，其余单元格照常运行。")  # fmt: skip


def note_slow(line: int | None) -> Text:
    at = _where(line)
    return Text(f"{at.en} took too long and was stopped. The rest was judged.",
                f"{at.zh}运行太久，被中止了。其余照常评判。")  # fmt: skip


def note_breakpoint(line: int | None) -> Text:
    at = Text("A line", "某一行") if line is None else Text(f"Line {line}", f"第 {line} 行")
    return Text(f"{at.en} calls breakpoint(); nobody can type here, so it was passed over.",
                f"{at.zh}调用了 breakpoint()；这里没有人能输入，因此跳过了它。")  # fmt: skip


def note_died(line: int | None, cause: str, detail: str) -> Text:
    at = _where(line)
    if cause == "timeout":
        return note_slow(line)
    if cause == "memory":
        return Text(f"{at.en} used more memory than a submission may, and was left out. The rest was judged.",
                    f"{at.zh}占用的内存超过了限制，因此没有运行。其余照常评判。")  # fmt: skip
    return Text(f"{at.en} ended the process ({detail or cause}), and was left out. The rest was judged.",
                f"{at.zh}使进程结束了（{detail or cause}），因此没有运行。其余照常评判。")  # fmt: skip


def note_absent(names: list[str]) -> Text:
    said = listed(names)
    one = len(names) == 1
    return Text(
        f"Your file imports {said.en}, which {'is' if one else 'are'} not installed here: nothing is drawn or loaded with {'it' if one else 'them'}. The rest was judged.",
        f"你的文件导入了 {said.zh}，而这里没有安装：不会用{'它' if one else '它们'}绘图或加载数据，其余照常评判。",
    )


def from_absent(name: str, path: str) -> Text:
    """A value of a stand-in for a module that is not here reached an answer."""
    return Text(
        f"{name} returned something that comes from {path}, and {path.partition('.')[0]} is not installed here. Compute it with torch.",
        f"{name} 返回的结果来自 {path}，而这里没有安装 {path.partition('.')[0]}。请用 torch 来计算。",
    )


# Where an answer comes from.


def function_needs_autograd(name: str, line: int) -> Text:
    return Text(
        f"This calls {name}, and line {line} of {name} needs autograd. Predictions are made where autograd does not exist: write this one without calling {name}.",
        f"它调用了 {name}，而 {name} 的第 {line} 行需要 autograd。预测是在没有 autograd 的环境里进行的：请不要调用 {name}，直接写出你的预测。",
    )


def no_autograd_here(line: int | None) -> Text:
    at = Text("It", "它") if line is None else Text(f"Line {line}", f"第 {line} 行")
    return Text(
        f"{at.en} needs autograd. Predictions are made where autograd does not exist: write the derivative as a formula, without that line.",
        f"{at.zh}需要 autograd。预测是在没有 autograd 的环境里进行的：请把导数写成公式，不要用这一行。",
    )


NOT_FROM_AUTOGRAD: Final = Text(
    "The numbers are right, and they are the same where autograd does not exist. Here they are to come from autograd: let backward() or torch.autograd.grad find them.",
    "数值是对的，但在没有 autograd 的环境里也得到同样的数值。这里要求由 autograd 求出：请用 backward() 或 torch.autograd.grad。",
)
RAISED_WITHOUT_AUTOGRAD: Final = Text(
    "The same error is raised where autograd does not exist, so no backward() raised it. Let autograd raise it.",
    "在没有 autograd 的环境里也抛出同样的错误，可见它不是 backward() 抛出的。请让 autograd 来抛出它。",
)


def not_a_function(name: str, kind: str) -> Text:
    return Text(
        f"{name} is {_a(kind)} in your file, not a function; define it with def {name}(…).",
        f"你的文件里 {name} 是 {kind}，不是函数；请用 def {name}(…) 来定义它。",
    )


def misfit(signature: str, call: str) -> Text:
    return Text(
        f"The grader calls {call}, but you define {signature}.",
        f"评分时调用的是 {call}，而你定义的是 {signature}。",
    )


def missing_answer(name: str) -> Text:
    return Text(
        f"You have not predicted {name} yet: write it into PREDICTIONS or type it in.",
        f"你还没有预测 {name}：把它写进 PREDICTIONS，或者直接填写。",
    )


def unreadable_answer(name: str, what: str, why: Text | None = None) -> Text:
    """An answer that cannot be read: at the piece ``what``, or for the reason ``why``."""
    if why is not None:
        return Text(
            f"Your answer for {name} cannot be read: {why.en}.", f"无法读懂你对 {name} 的回答：{why.zh}。"
        )
    return Text(
        f"Your answer for {name} cannot be read at “{what}”; write numbers like [0, 4, 8], True, False or None.",
        f"你对 {name} 的回答在“{what}”处无法读懂；请写成 [0, 4, 8] 这样的数，或 True、False、None。",
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
    return Text(f"it holds {_a(kind)}; give numbers, True, False or None",
                f"其中有 {kind}；请写数、True、False 或 None")  # fmt: skip


class OfFormula:
    """Why a typed formula cannot be read, or not be evaluated: each stands after a colon, like the ones above.

    They have a room of their own because there are many. ``what`` is a piece that the student typed.
    """

    LIST: Final = Text("it is a list of numbers; write one formula that holds at every point",
                       "这是一串数；请写一个在每一点都成立的公式")  # fmt: skip
    TOO_DEEP: Final = Text("too many of its parts stand inside each other", "它的各部分嵌套得太深")
    TOO_MANY: Final = Text("it has too many parts", "它的组成部分太多")
    EMPTY_BRACKETS: Final = Text("there is nothing inside the brackets", "括号里什么也没有")
    SEVERAL_SIGNS: Final = Text(
        "an = stands inside it; to compare two numbers, write ==", "公式内部出现了 =；要比较两个数，请写 =="
    )
    NUMBER_BEHIND: Final = Text(
        "a number follows without a sign between; write * for a product and ^ for a power",
        "数的前面缺少运算符；乘积请写 *，乘方请写 ^",
    )
    QUOTES: Final = Text(
        "a quotation mark belongs to no formula; for a transpose, write A.T or A^T",
        "公式里不能有引号；转置请写 A.T 或 A^T",
    )
    CONDITION: Final = Text(
        "if and else are Python; write where(condition, a, b)",
        "if、else 是 Python 语句；请写 where(c, a, b)，其中 c 是条件",
    )
    INVERSE: Final = Text(
        "a negative power of a function can mean two things; write 1/sin(…) or asin(…)",
        "函数的负次幂有两种含义；请写成 1/sin(…) 或 asin(…)",
    )
    POWER_OF_FUNCTION: Final = Text(
        "a power of this function is not clear here; write (…)^2 around the whole call",
        "这里函数的幂含义不清；请给整个函数调用加上括号，再写 ^2",
    )
    TRANSPOSED_EXPONENT: Final = Text(
        "it is not clear what is transposed; put the power into parentheses first",
        "看不出转置的是哪一部分；请先给乘方加上括号",
    )
    TOO_LARGE: Final = Text("a result on the way has too many entries", "中间结果的元素太多")
    AUTOGRAD: Final = Text(
        "it asks for the derivative; write out what the derivative is", "它是在索要导数；请把导数本身写出来"
    )
    PYTHON: Final = Text(
        "this is Python, not a formula; write only what it computes",
        "这是 Python 代码，不是公式；请只写要计算的式子",
    )
    INDEX: Final = Text(
        "single entries cannot be picked; write a formula for the whole of it at once",
        "不能取单个分量；请写一个对整体成立的公式",
    )
    TWO_VECTORS: Final = Text(
        "a column times a row can mean two things; write outer(a, b) or dot(a, b)",
        "列向量乘行向量有两种含义；请写 outer(a, b) 或 dot(a, b)",
    )

    @staticmethod
    def too_long(characters: int, limit: int) -> Text:
        return Text(f"it has {characters} characters; at most {limit} are read",
                    f"它有 {characters} 个字符；最多读取 {limit} 个")  # fmt: skip

    @staticmethod
    def character(what: str) -> Text:
        return Text(f"“{what}” belongs to no formula", f"公式里不能出现“{what}”")

    @staticmethod
    def unclosed(what: str) -> Text:
        return Text(f"the bracket {what} is never closed", f"括号 {what} 没有闭合")

    @staticmethod
    def unopened(what: str) -> Text:
        return Text(f"the bracket {what} closes nothing that is open", f"括号 {what} 没有对应的左括号")

    @staticmethod
    def missing_after(what: str) -> Text:
        return Text(f"something is missing after {what}", f"在 {what} 后面缺少内容")

    @staticmethod
    def missing_before(what: str) -> Text:
        return Text(f"something is missing before {what}", f"在 {what} 前面缺少内容")

    @staticmethod
    def misplaced(what: str) -> Text:
        return Text(f"it cannot be read at {what}", f"在 {what} 处无法读懂")

    @staticmethod
    def unknown(what: str, near: str | None, inputs: str) -> Text:
        if near is not None:
            return Text(
                f"{what} is not known here; perhaps {near} is meant", f"这里没有 {what}；也许想写的是 {near}"
            )
        if not inputs:
            return Text(f"{what} is not known here", f"这里没有 {what}")
        return Text(f"{what} is not known here; it may use {inputs}", f"这里没有 {what}；可以使用 {inputs}")

    @staticmethod
    def attribute(what: str) -> Text:
        return Text(f"nothing called .{what} can be used in a formula", f"公式里不能使用 .{what}")

    @staticmethod
    def arity(what: str, given: int, least: int, most: int) -> Text:
        due = str(least) if least == most else f"{least} or {most}"
        return Text(
            f"{what} takes {due} {'argument' if due == '1' else 'arguments'}, and {given} {'is' if given == 1 else 'are'} given",
            f"{what} 需要 {due.replace('or', '或')} 个参数，而给出了 {given} 个",
        )

    @staticmethod
    def only_known(call: str) -> Text:
        return Text(f"of this function only {call} is known; write it like that",
                    f"这个函数只知道 {call} 的值；请照此书写")  # fmt: skip

    @staticmethod
    def needs_parentheses(what: str) -> Text:
        return Text(
            f"{what} needs parentheses around its argument: {what}(…)", f"{what} 的参数要加括号：{what}(…)"
        )

    @staticmethod
    def exponent(limit: int) -> Text:
        return Text(f"the exponent is too large; at most {limit} is read", f"指数太大；最大为 {limit}")

    @staticmethod
    def number(what: str) -> Text:
        return Text(f"the number {what} is too large", f"数 {what} 太大")

    @staticmethod
    def left_side(what: str) -> Text:
        return Text(
            f"what stands left of the = ({what}) names no derivative; write only what stands right of it",
            f"等号左边的 {what} 不是导数的记号；请只写等号右边的式子",
        )

    @staticmethod
    def wrong_subject(what: str, subject: str) -> Text:
        return Text(
            f"it is the derivative with respect to {what}; here the one with respect to {subject} is asked for",
            f"这是对 {what} 的导数；这里要求的是对 {subject} 的导数",
        )

    @staticmethod
    def shapes(what: str, shapes: str) -> Text:
        return Text(
            f"{what} meets the shapes {shapes}, which differ; shapes are never stretched to fit",
            f"{what} 遇到了不同的形状 {shapes}；形状不会被自动扩展",
        )

    @staticmethod
    def not_a_product(shapes: str) -> Text:
        return Text(f"the shapes {shapes} have no matrix product", f"形状 {shapes} 之间没有矩阵乘积")

    @staticmethod
    def wrong_rank(what: str, shape: str) -> Text:
        return Text(f"{what} cannot be used on the shape {shape}", f"{what} 不能用于形状 {shape}")


def formula_as_text(name: str) -> Text:
    return Text(f'Your answer for {name} is not a formula; write one as text, such as "2*x".',
                f'你对 {name} 的回答不是公式；请把公式写成文字，例如 "2*x"。')  # fmt: skip


def no_words(kind: str) -> Text:
    return Text(f"it holds {_a(kind)}; give text", f"其中有 {kind}；请写文字")


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
        f'PREDICTIONS is {_a(kind)}; it must be a dict such as {{"y": 28}}.',
        f'PREDICTIONS 是 {kind}；它应当是一个字典，例如 {{"y": 28}}。',
    )


def raised(kind: str, message: str, line: int | None) -> Text:
    said = f"{kind}: {message.rstrip('.')}" if message else kind
    if line is None:
        return Text(f"It raised {said}.", f"它抛出了 {said}。")
    return Text(f"Line {line} raised {said}.", f"第 {line} 行抛出了 {said}。")


def nothing_raised(name: str, wanted: str) -> Text:
    return Text(
        f"{name} ran to its end without an error; here {wanted} should be raised.",
        f"{name} 正常运行到了结尾；而这里应当抛出 {wanted}。",
    )


def raised_by_hand(line: int | None) -> Text:
    where = Text(f" in line {line}", f"（第 {line} 行）") if line is not None else Text("", "")
    return Text(
        f"The error was raised by your own code{where.en}. Let torch raise it.",
        f"这个错误是你的代码自己抛出的{where.zh}。请让 torch 来抛出它。",
    )


def other_error(kind: str, message: str, line: int | None) -> Text:
    said = raised(kind, message, line)
    return Text(f"{said.en} That is not the error that is asked for.", f"{said.zh}这不是题目要的那个错误。")


def reaches_others(lost: list[str], more: list[str]) -> Text:
    """The graph of a function connects its output with other inputs than it should."""
    if lost:
        names = listed(lost, "or")
        return Text(f"In the graph of your function, the output is not connected to {names.en}.",
                    f"在你的函数的计算图里，输出没有与 {listed(lost).zh} 相连。")  # fmt: skip
    names = listed(more)
    return Text(f"In the graph of your function, the output is still connected to {names.en}.",
                f"在你的函数的计算图里，输出仍与 {names.zh} 相连。")  # fmt: skip


WHERE_CUT: Final = Text("On which line does a tensor lose its grad_fn?", "是在哪一行，张量失去了 grad_fn？")


CHOOSES_INSIDE: Final = Text(
    "With torch.where, the choice is made inside the graph, entry by entry: both branches are computed, whatever the numbers are. Here an if or a while in Python is asked for, one that looks at the numbers.",
    "torch.where 是在计算图内部逐个分量地选择：无论数值如何，两个分支都会计算。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)
MASKED: Final = Text(
    "A mask chooses inside the graph, entry by entry: the same steps are done whatever the numbers are. Here an if or a while in Python is asked for, one that looks at the numbers.",
    "掩码是在计算图内部逐个分量地选择：无论数值如何，执行的步骤都一样。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)
NO_BRANCH: Final = Text(
    "There is no branch in your function: the same steps are done whatever the numbers are. Here an if or a while in Python is asked for, one that looks at the numbers.",
    "你的函数里没有分支：无论数值如何，执行的步骤都一样。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)


def other_graph(name: str, wanted: bool) -> Text:
    if name == "cuts":
        if wanted:
            return Text(
                "Nothing is cut off in the graph of your function.", "你的函数的计算图里没有任何一处被切断。"
            )
        return Text(
            "Something is cut off in the graph of your function.", "你的函数的计算图里有一处被切断了。"
        )
    if wanted:
        return NO_BRANCH
    return Text("Your function has a branch or a loop that depends on the numbers; none is needed.",
                "你的函数里有依赖数值的分支或循环；这里并不需要。")  # fmt: skip


NOT_THE_SLOPE: Final = Text(
    "Your prediction is what autograd says of your f, but not how f really changes: somewhere the graph is cut, or a derivative is replaced.",
    "你的预测与 autograd 对你的 f 给出的结果一致，但 f 的实际变化并非如此：计算图在某处被切断，或某个导数被替换了。",
)
OWN_NOT_FINITE: Final = Text(
    "The gradient of your own f holds NaN or infinity at some input, so no prediction of it can be judged.",
    "你自己的 f 在某个输入处的梯度含有 NaN 或无穷，因此无法评判对它的预测。",
)
OWN_WITHOUT_GRADIENT: Final = Text(
    "autograd finds no gradient through your own f, so there is nothing to compare your prediction with.",
    "autograd 无法对你自己的 f 求出梯度，因此没有可与你的预测比较的结果。",
)


def no_module(name: str, line: int | None) -> Text:
    if line is None:
        return Text(f"It imports {name}, which is not installed here. You can use torch and numpy.",
                    f"它导入了 {name}，而这里没有安装这个模块。可以使用 torch 和 numpy。")  # fmt: skip
    return Text(f"Line {line} imports {name}, which is not installed here. You can use torch and numpy.",
                f"第 {line} 行导入了 {name}，而这里没有安装这个模块。可以使用 torch 和 numpy。")  # fmt: skip


def load_failed(said: str) -> Text:
    return Text(f"Your file could not be run: {said}.", f"你的文件无法运行：{said}。")


def syntax(message: str, line: int | None) -> Text:
    message_zh = in_chinese(message)
    # "Did you mean print(...)?" ends by itself.
    end = Text("" if message[-1:] in "?!." else ".", "" if message_zh[-1:] in "?!.？" else "。")
    if line is None:
        return Text(
            f"Python cannot read your file: {message}{end.en}",
            f"Python 无法解析你的文件：{message_zh}{end.zh}",
        )
    return Text(
        f"Python cannot read line {line}: {message}{end.en}",
        f"Python 无法解析第 {line} 行：{message_zh}{end.zh}",
    )


SKIPPED: Final = Text(
    "Not run: the time for the whole submission was used up, or earlier cases had already failed the same way.",
    "没有运行：整份提交的时间已用完，或前面的用例已经以同样的方式失败。",
)
NOT_JUDGED_HERE: Final = Text(
    "Not judged here: that takes the solutions, which are not on this machine.",
    "此处不评判：评判它需要参考解答，而这台机器上没有。",
)


def timeout(seconds: float) -> Text:
    return Text(
        f"It did not finish within {number(seconds)} s of processor time. Does a loop end for every input?",
        f"它没有在 {number(seconds)} 秒处理器时间内结束。循环对每个输入都会停下来吗？",
    )


def timeout_asleep(seconds: float) -> Text:
    return Text(
        f"It did not finish within {number(seconds)} s, and most of the time it did not compute. Does it sleep, or wait for something?",
        f"它没有在 {number(seconds)} 秒内结束，而且大部分时间并没有在计算。它是在休眠，或在等待什么吗？",
    )


def timeout_of_all(seconds: float) -> Text:
    return Text(
        f"While it ran, the submission had used the {number(seconds)} s of processor time that all of it may take. Does a loop end for every input?",
        f"运行到它时，整份提交可用的 {number(seconds)} 秒处理器时间已经用完。循环对每个输入都会停下来吗？",
    )


def timeout_asleep_of_all(seconds: float) -> Text:
    return Text(
        f"While it ran, the whole submission had taken {number(seconds)} s, and most of the time it did not compute. Does it sleep, or wait for something?",
        f"运行到它时，整份提交已经用了 {number(seconds)} 秒，而且大部分时间并没有在计算。它是在休眠，或在等待什么吗？",
    )


def timeout_elapsed_of_all(seconds: float) -> Text:
    return Text(
        f"While it ran, the whole submission had taken {number(seconds)} s, which is all that it may.",
        f"运行到它时，整份提交已经用了 {number(seconds)} 秒，达到了上限。",
    )


def memory(mebibytes: int) -> Text:
    return Text(
        f"It needed more than the {mebibytes} MiB of memory a submission may use.",
        f"它需要的内存超过了一份提交可用的 {mebibytes} MiB。",
    )


def printed_too_much(kibibytes: int) -> Text:
    return Text(
        f"It printed more than {kibibytes} KiB. Is there a print inside a loop?",
        f"它打印的内容超过了 {kibibytes} KiB。是不是在循环里调用了 print？",
    )


RESULTS_TOO_LARGE: Final = Text(
    "What it returned is larger than a submission may send back. Return only what is asked for.",
    "它返回的结果超过了一份提交允许的大小。请只返回题目要求的内容。",
)


def crashed(detail: str) -> Text:
    if detail.startswith("exit "):
        code = detail.removeprefix("exit ")
        return Text(
            f"It ended the process (exit {code}) before giving an answer.",
            f"它在给出答案之前就结束了进程（exit {code}）。",
        )
    return Text(f"The process crashed ({detail}) while running it.", f"运行它时进程崩溃了（{detail}）。")


MALFORMED: Final = Text(
    "Your code interfered with how results are sent back, so there is no answer to judge.",
    "你的代码干扰了结果的回传，因此没有可评判的答案。",
)

_TRIED: Final = {
    "network": Text("open a network connection", "打开网络连接"),
    "process": Text("start another process or thread", "启动另一个进程或线程"),
    "trace": Text("look into another process", "窥探另一个进程"),
    "mount": Text("change the file system", "改动文件系统"),
    "kernel": Text("use a kernel facility that submissions may not use", "使用提交中不允许的内核功能"),
    "privilege": Text("change its privileges", "改变自己的权限"),
}


def forbidden(what: str) -> Text:
    tried = _TRIED.get(what, _TRIED["kernel"])
    return Text(
        f"It tried to {tried.en}, which submissions may not do. No exercise needs it.",
        f"它试图{tried.zh}，提交的代码不允许这样做。练习里用不到它。",
    )


# Answers that are wrong in form.


def returned_none(name: str) -> Text:
    return Text(f"{name} returned None. Does a path through it end without a return, or is what it returns None?",
                f"{name} 返回了 None。它的每条路径最后都有 return 吗？返回的会不会本来就是 None？")  # fmt: skip


def answer_none(name: str) -> Text:
    return Text(f"You answered None for {name}, but it holds numbers.",
                f"你对 {name} 的回答是 None；但它是有数值的。")  # fmt: skip


def not_none(who: Text) -> Text:
    """For a gradient by an input that the output does not depend on."""
    return Text(
        f"{who.en} should be None here: in the right code no path leads from the output to this input. None is not zero.",
        f"{_zh(who)}在这里应当是 None：在正确的代码里没有路径从输出通向这个输入。None 不等于零。",
    )


def no_item(name: str, kind: str, which: int | str) -> Text:
    """For one of several results that is not there."""
    if isinstance(which, int):
        return Text(f"{name} returned {_a(kind)} that has no item {which} (counted from 0).",
                    f"{name} 返回的 {kind} 里没有第 {which} 项（从 0 数起）。")  # fmt: skip
    return Text(
        f"{name} returned {_a(kind)} that has no item {which}.",
        f"{name} 返回的 {kind} 里没有 {which} 这一项。",
    )


def item_is_none(name: str, which: int | str) -> Text:
    """For one of several results that is None, where numbers are due."""
    if isinstance(which, int):
        return Text(f"Item {which} of what {name} returned (counted from 0) is None; numbers are due there.",
                    f"{name} 返回的第 {which} 项（从 0 数起）是 None；那里应当是数值。")  # fmt: skip
    return Text(f"What {name} returned holds None for {which}; numbers are due there.",
                f"{name} 返回的 {which} 是 None；那里应当是数值。")  # fmt: skip


def no_tuple(name: str, kind: str, which: int | str | None, items: int) -> Text:
    """For one thing where several are due, each in its place."""
    if isinstance(which, str):
        return Text(f"{name} returned {_a(kind)}; return a dict that holds {which}, too.",
                    f"{name} 返回了 {kind}；请返回字典，其中包含 {which}。")  # fmt: skip
    due = f"({', '.join('…' * max(2, items))})"
    return Text(f"{name} returned {_a(kind)} alone; return a tuple {due}, one gradient for each input.",
                f"{name} 只返回了一个 {kind}；请返回元组 {due}，每个输入各一个梯度。")  # fmt: skip


def zeros_not_right(name: str) -> Text:
    """For typed zeros where there is no gradient; the answer is not given away."""
    return Text(f"Your answer for {name} is not right: it is not zeros.",
                f"你对 {name} 的回答不正确：它不是零。")  # fmt: skip


def second_is_zero(name: str) -> Text:
    """For a second derivative through f that is zero everywhere, whatever the reason."""
    return Text(
        f"The second derivative through your {name} is zero everywhere, and it should not be.",
        f"autograd 对你的 {name} 求出的二阶导数处处为零，而它不应当处处为零。",
    )


CUT_HERE: Final = Text(
    "At the input shown, the output is not connected to the input: autograd finds no path back through your function there. At other inputs it does.",
    "在所示的输入处，输出与输入没有连通：autograd 在那里找不到从你的函数返回的路径；在其他输入处则找得到。",
)
CUT_AT_OTHERS: Final = Text(
    "At some other inputs, the output is not connected to the input at all.",
    "而在另一些输入处，输出与输入根本没有连通。",
)


def cut_elsewhere(name: str) -> Text:
    """For a graph that is cut at hidden cases only."""
    return Text(
        f"At the cases you can see, {name} is right; at some others, its output is not connected to the input.",
        f"在可见用例上，{name} 是对的；在另一些用例上，它的输出与输入没有连通。",
    )


def wrong_type(name: str, kind: str) -> Text:
    return Text(f"{name} returned {_a(kind)}; return a tensor.", f"{name} 返回了 {kind}；请返回张量。")


def not_applied(name: str, kind: str) -> Text:
    """For an autograd.Function that was called like a class."""
    return Text(
        f"{name} returned a {kind} itself, not what it computes: an autograd.Function is used by {kind}.apply(…).",
        f"{name} 返回的是 {kind} 对象本身，而不是它的计算结果：autograd.Function 要用 {kind}.apply(…) 来调用。",
    )


def answer_not_complex(name: str) -> Text:
    """A complex number was typed where a real one is due."""
    return Text(
        f"{name} is a real number; yours has an imaginary part.", f"{name} 是实数，而你填的数带有虚部。"
    )


def wrong_answer_type(name: str, is_bool: bool) -> Text:
    if is_bool:
        return Text(f"Answer {name} with True or False.", f"请用 True 或 False 回答 {name}。")
    return Text(
        f"Answer {name} with numbers, not with True or False.", f"请用数而不是 True、False 回答 {name}。"
    )


def wrong_shape(who: Text, got: str, want: str) -> Text:
    return Text(
        f"{who.en} has shape {got}, but should have shape {want}; shapes are never stretched to fit.",
        f"{_zh(who)}的形状是 {got}，而应为 {want}；形状不会被自动扩展。",
    )


def wrong_dtype(who: Text, got: str, *, is_value: bool = False) -> Text:
    if is_value:
        return Text(
            f"{who.en} is {got}; the right value has floating-point numbers.",
            f"{_zh(who)}的类型是 {got}；正确的值是浮点数。",
        )
    return Text(
        f"{who.en} is {got}; a gradient is a floating-point tensor.",
        f"{_zh(who)}的类型是 {got}；梯度是浮点张量。",
    )


def not_finite(who: Text, got: str) -> Text:
    return Text(
        f"{who.en} has {got} at an entry where the right answer is finite.",
        f"{_zh(who)}有一个分量是 {got}，而那里的正确值是有限的。",
    )


def not_finite_expected(who: Text) -> Text:
    return Text(f"{who.en} is finite at an entry where the right answer is not.",
                f"{_zh(who)}有一个分量是有限的，而那里的正确值不是。")  # fmt: skip


def wrong_value(who: Text, where: str, right: str, given: str) -> Text:
    """For a visible case."""
    return Text(
        f"{who.en} is {given}{where and f' at {where}'}; {right} is right.",
        f"{_zh(who)}{where and f'在位置 {where} '}是 {given}，应为 {right}。",
    )


def wrong_hidden(who: Text, visible_right: bool, *, contracted: bool = False) -> Text:
    """:param contracted: at hidden cases the incoming gradient is another than at visible ones."""
    if visible_right and contracted:
        return Text(
            f"{who.en} is right at the cases you can see, but wrong at others. There, the incoming gradient is not all ones.",
            f"{_zh(who)}在可见用例上正确，在其他用例上却不对。在那些用例上，传入的梯度不全为 1。",
        )
    if visible_right:
        return Text(
            f"{who.en} is right at the cases you can see, but wrong at others. What is special about the visible ones?",
            f"{_zh(who)}在可见用例上正确，在其他用例上却不对。可见用例有什么特殊之处？",
        )
    return Text(f"{who.en} is wrong.", f"{_zh(who)}不对。")


def wrong_typed(name: str) -> Text:
    return Text(f"Your answer for {name} is not right.", f"你对 {name} 的回答不正确。")


TYPED_SHAPE: Final = Text(
    "How many entries are asked for, in how many rows, and how many did you give?",
    "题目要的是几个分量、排成几行？你写的是几个？",
)


def no_gradient_to_compare(name: str, got: str, want: str) -> Text:
    return Text(
        f"{name}(…) has shape {got}, but should have shape {want}, so its gradient cannot be compared. Mend the value first.",
        f"{name}(…) 的形状是 {got}，而应为 {want}，因此无法比较梯度。请先修正函数值。",
    )


FLOAT32: Final = Text(
    "Right. It came in single precision, so it was compared with a tolerance of 1e-4.",
    "正确。结果是单精度的，因此按 1e-4 的容差比较。",
)

WHOLE: Final = Text(
    "Right. It came as whole numbers; the gradient of a float tensor is a float tensor.",
    "正确。结果是整数张量；浮点张量的梯度也是浮点张量。",
)
WHOLE_VALUE: Final = Text(
    "Right. It came as whole numbers; what is computed from a float tensor is a float tensor.",
    "正确。结果是整数张量；由浮点张量算出的也是浮点张量。",
)


def mutated(name: str) -> Text:
    return Text(
        f"Note: {name} changes its input in place; whoever calls it will find other numbers there.",
        f"注意：{name} 原地修改了它的输入；调用者会发现其中的数变了。",
    )


def autograd_raised(kind: str, message: str) -> Text:
    message = message.rstrip(".")
    return Text(
        f"autograd could not differentiate it: {kind}: {message}.",
        f"autograd 无法对它求导：{kind}: {message}。",
    )


RANDOM: Final = Text(
    "Your function returns different numbers for the same input when it is run again.",
    "对同一输入再次运行时，你的函数返回了不同的数。",
)

# What is left out of a counterexample.

ONLY_SHAPES: Final = Text(
    "There are too many numbers to show, so only the shapes stand here.",
    "数值太多，无法一一列出，这里只写出形状。",
)
EXPECTED_CUT: Final = Text(
    "Only the beginning of what is expected is shown.", "应得的结果太长，这里只显示开头部分。"
)
ACTUAL_CUT: Final = Text(
    "Only the beginning of what you returned is shown.", "你返回的内容太长，这里只显示开头部分。"
)


def only_a_part(shape: str, part: str, *, around: bool) -> Text:
    """Of two large tensors of one shape, the same part is shown."""
    if around:
        return Text(
            f"Of the entries of shape {shape} only {part} are shown, around one that is wrong.",
            f"形状为 {shape}，这里只显示其中一个错误元素附近的 {part} 部分。",
        )
    return Text(
        f"Of the entries of shape {shape} only {part} are shown.",
        f"形状为 {shape}，这里只显示 {part} 部分。",
    )


def inputs_cut(names: list[str]) -> Text:
    """Large inputs are not shown whole.

    :param names: of these inputs; at least one.
    """
    said = listed(names)
    return Text(f"Only the beginning of {said.en} is shown.", f"{said.zh} 太长，只显示开头部分。")


# The whole report.

NOT_GRADABLE: Final = Text(
    "This could not be graded. It is not your fault, and it costs no attempt.",
    "这次没能评分。原因不在你，也不计入提交次数。",
)


def nothing_run(why: Text) -> Text:
    """In place of a summary, where the file could not be run at all. ``why`` is a sentence."""
    return Text(f"Nothing was run. {why.en}", f"没有运行。{why.zh}")


def summary(passed: int, total: int, worst: Text | None) -> Text:
    """The score in one true and complete sentence."""
    if passed == total:
        return Text("All checks pass.", "所有检查都通过了。")
    if passed == 0:
        head = Text("No check passes yet.", "还没有检查通过。")
    else:
        head = Text(
            f"{passed} of {total} checks {'pass' if passed != 1 else 'passes'}.",
            f"{total} 项检查中有 {passed} 项通过。",
        )
    if worst is None:
        return head
    return Text(f"{head.en} {worst.en}", f"{head.zh}{worst.zh}")
