"""Runs that brought no answer: the file cannot be run, it raised, took too long, was ended."""

from __future__ import annotations

from typing import Final

from grader.checks.sentences.phrases import number
from grader.checks.syntax_errors import in_chinese
from grader.model.text import Text


def raised(kind: str, message: str, line: int | None) -> Text:
    said = f"{kind}: {message.rstrip('.')}" if message else kind
    if line is None:
        return Text(f"It raised {said}.", f"它抛出了 {said}。")
    return Text(f"Line {line} raised {said}.", f"第 {line} 行抛出了 {said}。")


def no_module(name: str, line: int | None) -> Text:
    if line is None:
        return Text(f"It imports {name}, which is not installed here. You can use torch and numpy.",
                    f"它导入了 {name}，而这里没有安装这个模块。可以使用 torch 和 numpy。")  # fmt: skip
    return Text(f"Line {line} imports {name}, which is not installed here. You can use torch and numpy.",
                f"第 {line} 行导入了 {name}，而这里没有安装这个模块。可以使用 torch 和 numpy。")  # fmt: skip


def syntax(message: str, line: int | None) -> Text:
    message_zh = in_chinese(message)
    if message == "invalid decimal literal":
        message += ". Is a * missing between a number and a name, as in 4*x?"
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
TRIED: Final = {
    "network": Text("open a network connection", "打开网络连接"),
    "process": Text("start another process or thread", "启动另一个进程或线程"),
    "trace": Text("look into another process", "窥探另一个进程"),
    "mount": Text("change the file system", "改动文件系统"),
    "kernel": Text("use a kernel facility that submissions may not use", "使用提交中不允许的内核功能"),
    "privilege": Text("change its privileges", "改变自己的权限"),
}


def forbidden(what: str) -> Text:
    tried = TRIED.get(what, TRIED["kernel"])
    return Text(
        f"It tried to {tried.en}, which submissions may not do. No exercise needs it.",
        f"它试图{tried.zh}，提交的代码不允许这样做。练习里用不到它。",
    )
