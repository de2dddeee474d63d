"""Syntax errors in Chinese: Python's own words for a file that it cannot read, those met most."""

from __future__ import annotations

import re
from typing import Final

_SAID: Final[tuple[tuple[str, str], ...]] = (
    (r"'(.)' was never closed", "括号“{0}”没有闭合"),
    (r"unmatched '(.)'", "“{0}”没有对应的左括号"),
    (r"closing parenthesis '(.)' does not match opening parenthesis '(.)'(?: on line (\d+))?", "右括号“{0}”与左括号“{1}”不匹配"),
    (r"expected ':'", "缺少冒号“:”"),
    (r"expected '(.+)'", "这里应当是“{0}”"),
    (r"invalid syntax", "语法错误"),
    (r"invalid syntax\. Perhaps you forgot a comma\?", "语法错误。是不是漏了逗号？"),
    (r"invalid syntax\. Maybe you meant '==' or ':=' instead of '='\?", "语法错误。是不是想写 ==？"),
    (r"cannot assign to (.+) here\. Maybe you meant '==' instead of '='\?", "不能给这里的式子赋值。是不是想写 ==？"),
    (r"cannot assign to (.+)", "不能给这样的式子赋值"),
    (r"unexpected indent", "多余的缩进"),
    (r"unindent does not match any outer indentation level", "缩进与外层的任何一级都对不上"),
    (r"expected an indented block(?: after .+)?", "这里应当是缩进的代码块"),
    (r"inconsistent use of tabs and spaces in indentation", "缩进混用了制表符和空格"),
    (r"unterminated (?:f-)?string literal \(detected at line \d+\)", "字符串缺少结束的引号"),
    (r"unterminated triple-quoted string literal \(detected at line \d+\)", "三引号字符串没有结束"),
    (r"Missing parentheses in call to '(\w+)'\. Did you mean \w+\(\.\.\.\)\?", "调用 {0} 要加括号。是不是想写 {0}(...)？"),
    (r"invalid character '(.)' \(U\+[0-9A-F]+\)", "不能使用字符“{0}”"),
    (r"invalid decimal literal", "数的写法不对。数和变量名之间是不是漏了 *，例如 4*x？"),
    (r"positional argument follows keyword argument", "位置参数不能写在关键字参数之后"),
    (r"'(return|yield|await)' outside function", "{0} 写在了函数之外"),
    (r"'(break|continue)' (?:outside loop|not properly in loop)", "{0} 写在了循环之外"),
)  # fmt: skip


def in_chinese(message: str) -> str:
    """The message in Chinese; as Python says it where there is no such sentence."""
    for pattern, said in _SAID:
        found = re.fullmatch(pattern, message)
        if found is not None:
            return said.format(*(group or "" for group in found.groups()))
    return message
