#: score = 10
import torch


def newton(x):
    y = x.clone()
    while True:
        step = (y**3 + y - x) / (3 * y**2 + 1)
        y = y - step
        if step.abs().max() < 1e-12:
            return y


class Root(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = newton(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g / (3 * y**2 + 1)


def root(x):
    return Root.apply(x)


def grad_root(x):
    return (3 * newton(x) ** 2 + 1).reciprocal()


PREDICTIONS = {"x_grad": "0.25, 0.0769", "without_step": "raises"}
