#: score = 2
#: by-x = "failed incoming-ignored"
#: by-s = "failed incoming-ignored"
#: twice = "failed"
#: x-grad = "failed author:incoming-forgotten"
# grad_output is never used
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x, s)
        return s * x**3

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        return 3 * s * x**2, (x**3).sum()


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [10, 10], "for_flag": "none"}
