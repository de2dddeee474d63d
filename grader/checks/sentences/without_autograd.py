"""Predictions, made where autograd does not exist: what needs it, and what should have and does not."""

from __future__ import annotations

from typing import Final

from grader.model.text import Text


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


def works_later(said: Text) -> Text:
    """An error of a function that returned where others of the file had been called before."""
    return Text(
        f"{said.en} After other functions of your file have been called it does not fail: does it use something that "
        "they leave behind, a global variable, say? Each function is called by itself here.",
        f"{said.zh}{' ' if said.zh[-1:].isascii() else ''}在调用过你文件里的其他函数之后，它就不出错：它是不是用到了那些函数留下的东西，例如全局变量？这里每个函数都是单独调用的。",
    )


def own_function_alone(line: int) -> Text:
    return Text(
        f"Line {line} asks autograd for more than your own autograd.Function. Where predictions are made only the backward that you wrote exists, and none of sum(), mean() or any other operation around it: call backward(g), or torch.autograd.grad(…, grad_outputs=g), on what your Function returns.",
        f"第 {line} 行要求 autograd 对你自己写的 autograd.Function 以外的运算求导。预测所在的环境里只有你写的 backward，sum()、mean() 等其他运算都没有：请直接对你的 Function 的返回值调用 backward(g) 或 torch.autograd.grad(…, grad_outputs=g)。",
    )


NOT_FROM_AUTOGRAD: Final = Text(
    "The numbers are right, and they are the same where autograd does not exist. Here they are to come from autograd: let backward() or torch.autograd.grad find them.",
    "数值是对的，但在没有 autograd 的环境里也得到同样的数值。这里要求由 autograd 求出：请用 backward() 或 torch.autograd.grad。",
)
RAISED_WITHOUT_AUTOGRAD: Final = Text(
    "The same error is raised where autograd does not exist, so no backward() raised it. Let autograd raise it.",
    "在没有 autograd 的环境里也抛出同样的错误，可见它不是 backward() 抛出的。请让 autograd 来抛出它。",
)
