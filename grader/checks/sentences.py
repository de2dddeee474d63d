"""Every sentence a student can read in a verdict, in English and in Chinese.

Short, in the second person, no blame, the field's terms. A hint asks a question that
leads to the mend; it never gives an answer. Exercises bring their own sentences for
their own misconceptions (``solution.toml``).
"""

from __future__ import annotations

from typing import Final

from grader.model.text import Text


def number(x: float) -> str:
    """Six significant digits."""
    return f"{x:.6g}"


def _a(noun: str) -> str:
    """The noun with its article: a list, an int."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def through(function: str) -> Text:
    """What a gradient check judges, as the subject of a sentence."""
    return Text(f"The gradient through your {function}", f"穿过你的 {function} 的梯度")


# Answers that never came.


def missing_function(name: str) -> Text:
    return Text(f"Your file defines no function {name}.", f"你的文件里没有定义函数 {name}。")


def not_a_function(name: str, kind: str) -> Text:
    return Text(
        f"{name} is {_a(kind)} in your file, not a function; define it with def {name}(…).",
        f"你的文件里 {name} 是 {kind}，不是函数；请用 def {name}(…) 来定义它。",
    )


def misfit(signature: str, call: str) -> Text:
    return Text(
        f"It is called as {call}, but you define {signature}.",
        f"调用方式是 {call}，而你定义的是 {signature}。",
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
MIXED: Final = Text("numbers and truth values are mixed", "数与 True、False 混在了一起")


def too_long(characters: int) -> Text:
    return Text(f"it has {characters} characters", f"它有 {characters} 个字符")


def no_numbers(kind: str) -> Text:
    return Text(f"it holds {_a(kind)}; give numbers, True, False or None",
                f"其中有 {kind}；请写数、True、False 或 None")  # fmt: skip


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


def no_module(name: str, line: int | None) -> Text:
    if line is None:
        return Text(f"It imports {name}, which is not there. torch and numpy are.",
                    f"它导入了 {name}，而这里没有这个模块。可以使用 torch 和 numpy。")  # fmt: skip
    return Text(f"Line {line} imports {name}, which is not there. torch and numpy are.",
                f"第 {line} 行导入了 {name}，而这里没有这个模块。可以使用 torch 和 numpy。")  # fmt: skip


def load_failed(said: str) -> Text:
    return Text(f"Your file could not be run: {said}.", f"你的文件无法运行：{said}。")


def syntax(message: str, line: int | None) -> Text:
    if line is None:
        return Text(f"Python cannot read your file: {message}.", f"Python 无法解析你的文件：{message}。")
    return Text(f"Python cannot read line {line}: {message}.", f"Python 无法解析第 {line} 行：{message}。")


NOTHING_RUN: Final = Text(
    "Not run, because the file itself could not be run.", "没有运行，因为文件本身无法执行。"
)
SKIPPED: Final = Text(
    "Not run: the time for the whole submission was used up, or earlier cases had already failed the same way.",
    "没有运行：整份提交的时间已用完，或前面的用例已经以同样的方式失败。",
)
NOT_JUDGED_HERE: Final = Text(
    "Not judged here: the solutions are not on this machine. Your course's server judges it.",
    "此处不评判：这台机器上没有参考解答。课程服务器会评判它。",
)


def timeout(seconds: float) -> Text:
    return Text(
        f"It did not finish within {number(seconds)} s. Does a loop end for every input?",
        f"它没有在 {number(seconds)} 秒内结束。循环对每个输入都会停下来吗？",
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
    "What it returned is larger than a submission may send back.", "它返回的结果超过了一份提交允许的大小。"
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


def reaches(name: str, line: int, kind: str) -> Text:
    """A prediction in a file that names a means to go around it."""
    if kind == "complex":
        return Text(
            f"Line {line} uses complex numbers ({name}), with which a derivative can be had without a formula. "
            "Take it out, and your prediction can be judged.",
            f"第 {line} 行用到了复数（{name}），借助它可以不写公式就得到导数。去掉它，你的预测才能被评判。",
        )
    if kind == "arithmetic":
        return Text(
            f"Line {line} defines arithmetic of its own ({name}), with which a derivative can be had without a formula. "
            "Take it out, and your prediction can be judged.",
            f"第 {line} 行自定义了算术运算（{name}），借助它可以不写公式就得到导数。去掉它，你的预测才能被评判。",
        )
    return Text(
        f"Line {line} names {name}, with which code can reach into the process that runs it. No prediction needs it: "
        "take it out, and yours can be judged.",
        f"第 {line} 行用到了 {name}，借助它代码可以触及运行它的进程。预测用不到它：去掉它，你的预测才能被评判。",
    )


# The source itself.


def too_large(size: int, limit: int) -> Text:
    return Text(
        f"Your file has {size // 1024} KiB; at most {limit // 1024} KiB are accepted. "
        "Hand in only the functions the exercise asks for.",
        f"你的文件有 {size // 1024} KiB，最多接受 {limit // 1024} KiB。请只提交练习要求的函数。",
    )


EMPTY_FILE: Final = Text(
    "Your file is empty. Start from the exercise's starter code.", "你的文件是空的。请从练习的起始代码开始。"
)


def not_utf8(offset: int, line: int) -> Text:
    return Text(
        f"Your file is not UTF-8 (byte {offset}, line {line}). Save it with the encoding UTF-8 and hand it in again.",
        f"你的文件不是 UTF-8 编码（第 {offset} 字节，第 {line} 行）。请以 UTF-8 编码保存后再提交。",
    )


NUL_BYTES: Final = Text(
    "Your file holds NUL bytes: it is no Python text. Was it saved as UTF-16, or is it another file?",
    "你的文件含有 NUL 字节，不是 Python 文本。它是不是存成了 UTF-16，或者选错了文件？",
)


# Answers that are wrong in form.


def returned_none(name: str) -> Text:
    return Text(f"{name} returned None. Does every path through it end in a return?",
                f"{name} 返回了 None。它的每条路径最后都有 return 吗？")  # fmt: skip


def answer_none(name: str) -> Text:
    return Text(f"You answered None for {name}; there are numbers there.",
                f"你对 {name} 的回答是 None；但那里是有数值的。")  # fmt: skip


def answer_not_none(name: str) -> Text:
    return Text(
        f"{name} is None: no gradient has been computed at that moment. None is not zero.",
        f"{name} 是 None：那一刻还没有计算过任何梯度。None 不等于零。",
    )


def wrong_type(name: str, kind: str) -> Text:
    return Text(f"{name} returned {_a(kind)}; return a tensor.", f"{name} 返回了 {kind}；请返回张量。")


def wrong_answer_type(name: str, is_bool: bool) -> Text:
    if is_bool:
        return Text(f"Answer {name} with True or False.", f"请用 True 或 False 回答 {name}。")
    return Text(
        f"Answer {name} with numbers, not with True or False.", f"请用数而不是 True、False 回答 {name}。"
    )


def wrong_shape(who: Text, got: str, want: str) -> Text:
    return Text(
        f"{who.en} has shape {got} where {want} is due; shapes are never stretched to fit.",
        f"{who.zh} 的形状是 {got}，而应为 {want}；形状不会被自动扩展。",
    )


def wrong_dtype(who: Text, got: str, *, is_value: bool = False) -> Text:
    if is_value:
        return Text(
            f"{who.en} is {got}; the right value has floating-point numbers.",
            f"{who.zh} 的类型是 {got}；正确的值是浮点数。",
        )
    return Text(
        f"{who.en} is {got}; a gradient is a floating-point tensor.",
        f"{who.zh} 的类型是 {got}；梯度是浮点张量。",
    )


def not_finite(who: Text, got: str) -> Text:
    return Text(
        f"{who.en} has {got} at an entry where the right answer is finite.",
        f"{who.zh} 有一个分量是 {got}，而那里的正确值是有限的。",
    )


def not_finite_expected(who: Text) -> Text:
    return Text(f"{who.en} is finite at an entry where the right answer is not.",
                f"{who.zh} 有一个分量是有限的，而那里的正确值不是。")  # fmt: skip


def wrong_value(who: Text, where: str, right: str, given: str) -> Text:
    """For a visible case."""
    return Text(
        f"{who.en} is {given} where {right} is right{where and f', at {where}'}.",
        f"{who.zh} 给出 {given}，正确值是 {right}{where and f'（位置 {where}）'}。",
    )


def wrong_hidden(who: Text, visible_right: bool) -> Text:
    if visible_right:
        return Text(
            f"{who.en} is right at the cases you can see, but wrong at others. What is special about the visible ones?",
            f"{who.zh} 在可见用例上正确，在其他用例上却不对。可见用例有什么特殊之处？",
        )
    return Text(f"{who.en} is wrong.", f"{who.zh} 不对。")


def wrong_typed(name: str) -> Text:
    return Text(f"Your answer for {name} is not what comes out.", f"你对 {name} 的回答与实际结果不符。")


def no_gradient_to_compare(name: str, got: str, want: str) -> Text:
    return Text(
        f"{name}(…) has shape {got} where {want} is due, so its gradient cannot be compared. Mend the value first.",
        f"{name}(…) 的形状是 {got}，而应为 {want}，因此无法比较梯度。请先修正函数值。",
    )


FLOAT32: Final = Text(
    "Right. It came in single precision, so it was compared with a tolerance of 1e-4.",
    "正确。结果是单精度的，因此按 1e-4 的容差比较。",
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
    "It returns different numbers for the same input when it is run again.",
    "对同一输入再次运行时，它返回了不同的数。",
)

# The reasons. (message, hint) by code.

_REASONS: Final[dict[str, tuple[Text, Text]]] = {
    "sign": (
        Text("Every entry has the right size and the wrong sign.", "每个分量大小都对，符号都反了。"),
        Text("Which way does f move when you increase the input a little?", "把输入略微增大，f 会往哪个方向变？"),
    ),
    "mean-for-sum": (
        Text("Your answer is the right one divided by the number of entries: the gradient of a mean, not of a sum.",
             "你的答案等于正确结果除以元素个数：那是均值的梯度，不是求和的梯度。"),
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
    "undetached": (
        Text("Your gradient is the one you get when nothing is detached: a path that was cut still carries it.",
             "你的梯度恰好是没有 detach 时的结果：被切断的路径仍在传播梯度。"),
        Text("Which tensor is meant to be a constant? What does its requires_grad say?",
             "哪个张量应当被当作常数？它的 requires_grad 是什么？"),
    ),
    "float32-rounding": (
        Text("Your numbers are right to single precision only; the inputs are float64.", "你的结果只精确到单精度；输入是 float64。"),
        Text("Does some line create a tensor without a dtype, or call .float()?", "是不是有哪一行创建张量时没有指定 dtype，或者调用了 .float()？"),
    ),
    "autograd-in-prediction": (
        Text("This asks autograd for the answer. A prediction is a formula of your own, so it is not accepted.",
             "这是在向 autograd 要答案。预测应当是你自己的公式，因此不予接受。"),
        Text("What does one small step of the input do to each line of f?", "输入走一小步，f 的每一行会怎样变化？"),
    ),
    "finite-difference": (
        Text("This is a difference quotient of f, not a formula, so it is not accepted as a prediction.",
             "这是 f 的差商，不是公式，因此不能作为预测被接受。"),
        Text("What does the quotient tend to when the step goes to zero? Can you write that down?",
             "步长趋于零时，这个商趋于什么？你能把它写出来吗？"),
    ),
    "cut-graph": (
        Text("The output no longer reaches the input: autograd has no path back through your function.",
             "输出已经连不到输入：autograd 在你的函数里找不到返回的路径。"),
        Text("Is there a detach(), .item(), .data, numpy or no_grad() on the way, or is the input not used at all?",
             "途中是否用了 detach()、.item()、.data、numpy 或 no_grad()？还是根本没有用到输入？"),
    ),
}  # fmt: skip


def reason(code: str) -> tuple[Text, Text] | None:
    """Message and hint for a code of the contract that needs no parameter; None for others."""
    return _REASONS.get(code)


_VALUE_HINTS: Final = {
    "sign": Text("Which term of the definition comes in with the other sign?", "定义里哪一项的符号与你的相反？"),
    "scale": Text("Which constant of the definition is missing, or there twice?", "定义里哪个常数漏掉了，或者乘了两次？"),
    "reduced": Text("Is the value one number, or one per entry?", "函数值是一个数，还是每个分量各一个数？"),
    "shape": Text("What shape does the definition give the value?", "按定义，函数值应当是什么形状？"),
    "dtype": Text("Which line turns floating-point numbers into something else?", "是哪一行把浮点数变成了别的类型？"),
    "mean-for-sum": Text("Does the definition say sum or mean?", "定义里写的是求和还是求均值？"),
}  # fmt: skip
_VALUE_MESSAGES: Final = {
    "mean-for-sum": Text("Your value is the right one divided by the number of entries.", "你的值等于正确值除以元素个数。"),
    "reduced": Text("Your value adds the entries up; each entry has a value of its own.",
                    "你的值把各分量加在了一起；每个分量都有自己的值。"),
    "shape": Text("Your value does not have the shape of the definition.", "你的值的形状与定义不符。"),
    "dtype": Text("The value came in another dtype than it should.", "函数值的 dtype 不对。"),
}  # fmt: skip


def of_value(code: str, message: Text, hint: Text) -> tuple[Text, Text]:
    """The same relation where a value of f is judged: no word of gradients."""
    return _VALUE_MESSAGES.get(code, message), _VALUE_HINTS.get(code, hint)


_GRADIENT_MESSAGES: Final = {
    "sign": Text("The gradient through your function has the right size and the wrong sign, in every entry.",
                 "穿过你的函数的梯度，每个分量大小都对，符号都反了。"),
    "mean-for-sum": Text("The gradient through your function is the right one divided by the number of entries.",
                         "穿过你的函数的梯度等于正确结果除以元素个数。"),
    "second-derivative": Text("The gradient through your function is the second derivative: your function is f differentiated already.",
                              "穿过你的函数的梯度是二阶导数：你的函数已经是 f 的导数了。"),
}  # fmt: skip
_GRADIENT_HINTS: Final = {
    "sign": _VALUE_HINTS["sign"],
    "scale": Text("Does your function multiply by a constant that the definition does not have, or does a gradient flow along another path than it should?",
                  "你的函数是不是多乘或少乘了某个常数？或者，梯度走了不该走的路径？"),
    "mean-for-sum": _VALUE_HINTS["mean-for-sum"],
    "second-derivative": Text("Does your function return the value of f, or already its derivative?",
                              "你的函数返回的是 f 的值，还是已经求过导的结果？"),
    "shape": _VALUE_HINTS["shape"],
}  # fmt: skip


def of_gradient(code: str, message: Text, hint: Text) -> tuple[Text, Text]:
    """The same relation where autograd differentiated the student's f: the mistake is in f."""
    return _GRADIENT_MESSAGES.get(code, message), _GRADIENT_HINTS.get(code, hint)


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
    en, zh = ", ".join(n.en for n in names), "、".join(n.zh for n in names)
    return (
        Text(f"Right, except on {en}.", f"除了{zh}，其余都正确。"),
        Text("Follow one input through that branch, line by line. Which factors does it meet there?",
             "跟着一个输入逐行走过那个分支：它在那里遇到了哪些因子？"),
    )  # fmt: skip


# The whole report.

NOT_GRADABLE: Final = Text(
    "This could not be graded. It is not your fault, and it costs no attempt.",
    "这次没能评分。原因不在你，也不计入提交次数。",
)


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
