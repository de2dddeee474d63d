#: score = 10
# 拆成两个自己的运算：立方与数乘
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


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, s):
        ctx.save_for_backward(y, s)
        return s * y

    @staticmethod
    def backward(ctx, g):
        y, s = ctx.saved_tensors
        return s * g, torch.sum(y * g)


def f(x, s):
    return Scale.apply(Cube.apply(x), s)


PREDICTIONS = dict(x_grad="30 30", for_flag="none")
