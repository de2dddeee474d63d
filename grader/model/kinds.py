"""Kinds of checks: a tagged union, one class for each kind, told apart by ``kind``.

A field that only some kinds have stands in their classes alone, and one that a kind needs has no default
there: what makes no sense together cannot be read. How a kind is judged is written in
``grader/checks/kinds/``. (Typed answers: ``answer_types.py``.)
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from grader.model.check import Calls, Check, Kinks, Name, Required, tag
from grader.model.text import Text

InputName = Annotated[Name, msgspec.Meta(description="to name an [[input]]")]
Order = Annotated[int, msgspec.Meta(ge=1, le=6)]
Property = Literal["reaches", "cuts", "branches"]


class Compared(Check, frozen=True, kw_only=True):
    """Numbers are compared with those of the reference's function, or of its derivative."""

    of: Name | None = None
    wrt: Name | None = None
    cotangent: str = "random"
    output: int | str | None = None
    kinks: Kinks = "torch"
    nonfinite: bool = False
    rtol: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 1e-6


class Value(Compared, frozen=True, kw_only=True, tag="value"):
    """The values of a function, or a typed one."""

    usual = (
        "the values of {call}",
        "{call} 的值",
    )
    function: Name | None = None
    answer: Name | None = None
    autograd: Required = ""
    of_values = True
    judges_complex = True


class Gradient(Compared, frozen=True, kw_only=True, tag="gradient"):
    """What autograd says through the student's own function."""

    usual = (
        "the gradient through your {name}{by}",
        "autograd 对你的 {name} 求出的{by_zh}梯度",
    )
    function: Name
    order: Order = 1
    through_autograd = True
    judges_complex = True

    def usual_title(self, call: Calls) -> Text:
        if self.order == 1:
            return super().usual_title(call)
        return Text(
            f"the derivative of order {self.order} through your {self.function}",
            f"autograd 对你的 {self.function} 求出的 {self.order} 阶导数",
        )


class Backward(Compared, frozen=True, kw_only=True, tag="backward"):
    """A class derived from ``torch.autograd.Function``, whose backward the student writes."""

    usual = (
        "the backward of your {name}: the gradient{by}",
        "你的 {name} 的 backward：{by_zh}梯度",
    )
    function: Name
    of: Annotated[Name, msgspec.Meta(description="to name the reference's function that the class computes")]
    autograd_allowed: bool = False
    through_autograd = True
    own_backward = True
    judges_complex = True

    def __post_init__(self) -> None:
        if self.of == self.function:
            raise ValueError("'of' names the reference's function that the class computes, not the class")


class Derivative(Compared, frozen=True, kw_only=True):
    """A derivative that a function of the student's returns, or that is typed."""

    function: Name | None = None
    answer: Name | None = None
    item: int | str | None = None
    autograd_allowed: bool = False
    autograd: Required = ""
    returns_derivative = True


class Prediction(Derivative, frozen=True, kw_only=True, tag="prediction"):
    """The gradient of the contracted output."""

    usual = (
        "your {call}: the gradient of {sum}{by}",
        "你的 {call}：{sum} {its_zh}梯度",
    )
    judges_complex = True
    one_gradient = True
    whole_gradient = True


class OwnPrediction(Derivative, frozen=True, kw_only=True, tag="own-prediction"):
    """The gradient of a function that the student designs."""

    usual = (
        "your {call}: the gradient of {sum}{by}",
        "你的 {call}：{sum} {its_zh}梯度",
    )
    function: Name
    of: Annotated[Name, msgspec.Meta(description="to name the [[function]] the student designs")]
    cotangent: Annotated[Literal["sum"], msgspec.Meta(description='= "sum": it is about the sum')]
    of_own = True
    whole_gradient = True


class Vjp(Derivative, frozen=True, kw_only=True, tag="vjp"):
    """A vector–Jacobian product: the cotangent pulled back."""

    usual = (
        "your {call}: {check.cotangent} pulled back through {of}{by}",
        "你的 {call}：把 {check.cotangent} 沿 {of} 拉回得到的{by_zh}结果",
    )
    cotangent: InputName
    judges_complex = True
    one_gradient = True
    needs_input = True


class Jvp(Derivative, frozen=True, kw_only=True, tag="jvp"):
    """A Jacobian–vector product: the direction pushed forward."""

    usual = (
        "your {call}: {check.tangent} pushed forward through {of}",
        "你的 {call}：把 {check.tangent} 沿 {of} 前推得到的结果",
    )
    tangent: InputName
    how = "jvp"


class Jacobian(Derivative, frozen=True, kw_only=True, tag="jacobian"):
    """The whole Jacobian: the shape of the output, then of the input."""

    usual = (
        "your {call}: the Jacobian of {of}{by}",
        "你的 {call}：{of} {its_zh}雅可比矩阵",
    )
    how = "jacobian"


class Hvp(Derivative, frozen=True, kw_only=True, tag="hvp"):
    """The Hessian of the contracted output times a vector."""

    usual = (
        "your {call}: the Hessian of {sum} times {check.tangent}",
        "你的 {call}：{sum} 的黑塞矩阵与 {check.tangent} 的乘积",
    )
    tangent: InputName
    second_derivative = True
    how = "hvp"


class HigherOrder(Derivative, frozen=True, kw_only=True, tag="higher-order"):
    """The derivative of some order, each time of the sum."""

    usual = (
        "your {call}: the derivative of order {check.order} of {sum}",
        "你的 {call}：{sum} 的 {check.order} 阶导数",
    )
    order: Order = 1
    how = "higher-order"


class FromAutograd(Derivative, frozen=True, kw_only=True, tag="from-autograd"):
    """A gradient that has to be asked of autograd."""

    usual = (
        "your {call}: the gradient of {of}{by}, from autograd",
        "你的 {call}：由 autograd 求出的 {of} {its_zh}梯度",
    )
    made_by_hand = False

    @property
    def requires_autograd(self) -> bool:
        return True


class State(Check, frozen=True, kw_only=True, tag="state"):
    """A typed answer about what is left after some steps: ``.grad``, say."""

    answer: Annotated[Name, msgspec.Meta(description="to name the typed [[answer]] it judges")]
    judges_complex = True
    takes_no_derivative = True


class Raises(Check, frozen=True, kw_only=True, tag="raises"):
    """An error that torch has to raise."""

    usual = (
        "your {call}: torch raises {check.error}",
        "你的 {call}：torch 抛出 {check.error}",
    )
    function: Name
    of: Name | None = None
    error: str = "RuntimeError"
    """The type of the error that must happen (or the name of one it derives from)."""
    match: str = ""
    """A piece of the error's message; empty for any."""
    autograd: Required = ""
    judges_complex = True
    takes_no_derivative = True
    raises = True


class Graph(Check, frozen=True, kw_only=True, tag="graph"):
    """A property of the graph that a function leaves."""

    usual = (
        "your {call}: the graph it leaves",
        "你的 {call}：留下的计算图",
    )
    function: Name
    of: Name | None = None
    output: int | str | None = None
    property: Property = "reaches"
    """Which inputs the output is still connected to; whether an edge is cut on the way; or whether what is
    computed depends on the data (a branch, a loop)."""
    judges_complex = True


# Another kind's class stands here.

AnyCheck = (
    Value | Gradient | Prediction | OwnPrediction | Vjp | Jvp | Jacobian | Hvp | HigherOrder | State | Raises
    | Graph | FromAutograd | Backward
)  # fmt: skip
CHECKS: dict[str, type[Check]] = {tag(kind): kind for kind in get_args(AnyCheck)}
"""The kinds of checks by name, in the order in which they are listed."""
