#: score = 10
# 立方另写成一个运算，ScaledCube 的 forward 与 backward 都用它
import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x, s)
        return s * Cube.apply(x)

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        return 3 * s * x * x * g, torch.sum(Cube.apply(x) * g)


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = dict(x_grad="30 30", for_flag="none")
