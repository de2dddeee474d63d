"""y = s·x³ entry by entry: ȳ ⊙ 3s·x² goes to x, and Σ ȳᵢ xᵢ³ to s."""

import torch


def f(x, s):
    cube = x**3
    return s * cube


def closed_form(x, s):
    """The author's own gradient of sum(f(x, s)) by x, against which autograd is proved."""
    return 3 * s * x * x


def closed_form_by_s(x, s, v=1.0):
    """The author's own gradient of sum(v · f(x, s)) by s."""
    return (v * x * x * x).sum()


def answers():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, grad_output):
            return 10 * grad_output

    class WithFlag(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, flag):
            return 2 * x

        @staticmethod
        def backward(ctx, grad_output):
            return 2 * grad_output, None

    x = torch.tensor([1.0, 4.0], requires_grad=True)
    (3 * Double.apply(x)).sum().backward()
    again = torch.tensor([1.0, 4.0], requires_grad=True)
    WithFlag.apply(again, True).sum().backward()  # raises if None were not what is due
    return {"x_grad": x.grad, "for_flag": "none"}
