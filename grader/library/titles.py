"""The title of a check whose author gives none: what is usual to say of its kind."""

from __future__ import annotations

from grader.model.exercise import Check, Exercise
from grader.model.text import Text


def usual_title(exercise: Exercise, check: Check) -> Text:
    """What ``check`` looks at, in a line that a student can read before a verdict is there."""
    if check.answer is not None:
        return Text(f"your answer: {check.answer}", f"你的回答：{check.answer}")
    name = check.function or ""
    call = _call(exercise, name)
    of = _call(exercise, check.of or name)
    wrt = f" with respect to {check.wrt}" if check.wrt else ""
    wrt_zh = f"关于 {check.wrt} 的" if check.wrt else ""
    match check.kind:
        case "value":
            return Text(f"the values of {call}", f"{call} 的值")
        case "gradient" if check.order > 1:
            return Text(
                f"the derivative of order {check.order} through your {name}",
                f"autograd 对你的 {name} 求出的 {check.order} 阶导数",
            )
        case "gradient":
            return Text(
                f"the gradient through your {name}{wrt}", f"autograd 对你的 {name} 求出的{wrt_zh}梯度"
            )
        case "prediction" | "own-prediction":
            return Text(
                f"your {call}: the gradient of {_summed(of)}{wrt}",
                f"你的 {call}：{_summed(of)} {wrt_zh or '的'}梯度",
            )
        case "vjp":
            return Text(
                f"your {call}: {check.cotangent} pulled back through {of}{wrt}",
                f"你的 {call}：把 {check.cotangent} 沿 {of} 拉回得到的{wrt_zh}结果",
            )
        case "jvp":
            return Text(f"your {call}: {check.tangent} pushed forward through {of}",
                        f"你的 {call}：把 {check.tangent} 沿 {of} 前推得到的结果")  # fmt: skip
        case "jacobian":
            return Text(f"your {call}: the Jacobian of {of}{wrt}",
                        f"你的 {call}：{of} {wrt_zh or '的'}雅可比矩阵")  # fmt: skip
        case "hvp":
            return Text(f"your {call}: the Hessian of {_summed(of)} times {check.tangent}",
                        f"你的 {call}：{_summed(of)} 的黑塞矩阵与 {check.tangent} 的乘积")  # fmt: skip
        case "higher-order":
            return Text(f"your {call}: the derivative of order {check.order} of {_summed(of)}",
                        f"你的 {call}：{_summed(of)} 的 {check.order} 阶导数")  # fmt: skip
        case "from-autograd":
            return Text(f"your {call}: the gradient of {of}{wrt}, from autograd",
                        f"你的 {call}：由 autograd 求出的 {of} {wrt_zh or '的'}梯度")  # fmt: skip
        case "raises":
            return Text(f"your {call}: torch raises {check.error}", f"你的 {call}：torch 抛出 {check.error}")
        case "graph":
            return Text(f"your {call}: the graph it leaves", f"你的 {call}：留下的计算图")
        case "backward":
            return Text(
                f"the backward of your {name}: the gradient{wrt}", f"你的 {name} 的 backward：{wrt_zh}梯度"
            )
        case _:
            return Text(f"{name}: {check.kind}", f"{name}：{check.kind}")


def _call(exercise: Exercise, name: str) -> str:
    """``f(x, w)``, where it is declared what f takes."""
    declared = next((f for f in exercise.functions if f.name == name), None)
    return name if declared is None else f"{name}({', '.join(declared.args)})"


def _summed(call: str) -> str:
    return f"{call}.sum()" if call.endswith(")") else f"{call}(…).sum()"
