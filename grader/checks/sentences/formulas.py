"""Formulas that cannot be read, or not be evaluated."""

from __future__ import annotations

from typing import Final

from grader.model.text import Text


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
    def unknown(what: str, near: str | None, inputs: str) -> Text:
        if near is not None:
            return Text(
                f"{what} is not known here; perhaps {near} is meant", f"这里没有 {what}；也许想写的是 {near}"
            )
        if not inputs:
            return Text(f"{what} is not known here", f"这里没有 {what}")
        return Text(f"{what} is not known here; it may use {inputs}", f"这里没有 {what}；可以使用 {inputs}")

    @staticmethod
    def other_input(what: str, inputs: str) -> Text:
        return Text(f"{what} is not among the variables of this formula; it may use {inputs}",
                    f"{what} 不是这个公式的变量；可以使用 {inputs}")  # fmt: skip

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
