#: score = 4
#: by-x = "failed missing-factor"
#: twice = "failed"
#: x-grad = "failed author:true-slope"
#: for-flag = "failed author:a-zero-for-the-flag"
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x)
        return s * x**3

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x**2, (grad_output * x**3).sum()


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [6, 6], "for_flag": "zero"}
