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
    wrt = f" by {check.wrt}" if check.wrt else ""
    wrt_zh = f"关于 {check.wrt} " if check.wrt else ""
    match check.kind:
        case "value":
            return Text(f"{call} has the right values", f"{call} 的值正确")
        case "gradient" if check.order > 1:
            return Text(
                f"autograd differentiates your {name} {check.order} times and is right",
                f"autograd 对你的 {name} 求 {check.order} 阶导，结果正确",
            )
        case "gradient":
            return Text(
                f"autograd finds the right gradient{wrt} through your {name}",
                f"autograd 穿过你的 {name} 得到正确的{wrt_zh and f'{wrt_zh}的'}梯度",
            )
        case "prediction" | "own-prediction":
            return Text(
                f"your {call} predicts the gradient of {_summed(of)}{wrt}",
                f"你的 {call} 预测了 {_summed(of)} {wrt_zh}的梯度",
            )
        case "vjp":
            return Text(f"your {call} pulls {check.cotangent} back through {of}{wrt}",
                        f"你的 {call} 把 {check.cotangent} 沿 {of} {wrt_zh}正确地拉回")  # fmt: skip
        case "jvp":
            return Text(f"your {call} pushes {check.tangent} forward through {of}",
                        f"你的 {call} 把 {check.tangent} 沿 {of} 正确地前推")  # fmt: skip
        case "jacobian":
            return Text(f"your {call} is the Jacobian of {of}{wrt}",
                        f"你的 {call} 给出 {of} {wrt_zh}的雅可比矩阵")  # fmt: skip
        case "hvp":
            return Text(f"your {call} is the Hessian of {_summed(of)} times {check.tangent}",
                        f"你的 {call} 给出 {_summed(of)} 的黑塞矩阵与 {check.tangent} 的乘积")  # fmt: skip
        case "higher-order":
            return Text(f"your {call} predicts the derivative of order {check.order} of {_summed(of)}",
                        f"你的 {call} 预测了 {_summed(of)} 的 {check.order} 阶导数")  # fmt: skip
        case "from-autograd":
            return Text(f"your {call} asks autograd for the gradient of {of}{wrt}",
                        f"你的 {call} 用 autograd 求出 {of} {wrt_zh}的梯度")  # fmt: skip
        case "raises":
            return Text(f"{call} makes torch raise {check.error}", f"{call} 让 torch 抛出 {check.error}")
        case "graph":
            return Text(f"{call} leaves the graph that is asked for", f"{call} 留下所要求的计算图")
        case "backward":
            return Text(
                f"the backward of your {name} returns the right gradient{wrt}",
                f"你的 {name} 的 backward 返回正确的{wrt_zh and f'{wrt_zh}的'}梯度",
            )
        case _:
            return Text(f"{name}: {check.kind}", f"{name}：{check.kind}")


def _call(exercise: Exercise, name: str) -> str:
    """``f(x, w)``, where it is declared what f takes."""
    declared = next((f for f in exercise.functions if f.name == name), None)
    return name if declared is None else f"{name}({', '.join(declared.args)})"


def _summed(call: str) -> str:
    return f"{call}.sum()" if call.endswith(")") else f"{call}(…).sum()"
