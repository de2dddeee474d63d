"""Functions and classes that the file does not define, or not so that they can be called."""

from __future__ import annotations

from grader.checks.sentences.phrases import a_noun
from grader.model.exercise import Function
from grader.model.observation import Defined
from grader.model.text import Text


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


def from_absent(name: str, path: str) -> Text:
    """A value of a stand-in for a module that is not here reached an answer."""
    module = path.partition(".")[0]
    return Text(
        f"{name} returned something that comes from {path}, and {module} is not installed here. Compute it with torch.",
        f"{name} 返回的结果来自 {path}，而这里没有安装 {module}。请用 torch 来计算。",
    )


def uses_absent(path: str, line: int | None) -> Text:
    """Of a stand-in for a module that is not here a number was to be made."""
    module = path.partition(".")[0]
    if line is None:
        return Text(f"It needs a value that comes from {path}, and {module} is not installed here. Compute it with torch.",
                    f"它需要来自 {path} 的值，而这里没有安装 {module}。请用 torch 来计算。")  # fmt: skip
    return Text(
        f"Line {line} needs a value that comes from {path}, and {module} is not installed here. Compute it with torch.",
        f"第 {line} 行需要来自 {path} 的值，而这里没有安装 {module}。请用 torch 来计算。",
    )


def not_a_function(name: str, kind: str) -> Text:
    return Text(
        f"{name} is {a_noun(kind)} in your file, not a function; define it with def {name}(…).",
        f"你的文件里 {name} 是 {kind}，不是函数；请用 def {name}(…) 来定义它。",
    )


def misfit(signature: str, call: str) -> Text:
    return Text(
        f"The grader calls {call}, but you define {signature}.",
        f"评分时调用的是 {call}，而你定义的是 {signature}。",
    )


def not_applied(name: str, kind: str) -> Text:
    """For an autograd.Function that was called like a class."""
    return Text(
        f"{name} returned a {kind} itself, not what it computes: an autograd.Function is used by {kind}.apply(…).",
        f"{name} 返回的是 {kind} 对象本身，而不是它的计算结果：autograd.Function 要用 {kind}.apply(…) 来调用。",
    )
