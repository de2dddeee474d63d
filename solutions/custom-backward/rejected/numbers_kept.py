#: score = 9
#: twice = "failed"
# What is kept on ctx as a number has no history: the gradient is right, but not to be differentiated again.
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.slope = 3 * s * x**2
        ctx.cube = x**3
        return s * x**3

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.slope, (grad_output * ctx.cube).sum()


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [30, 30], "for_flag": "none"}
