#: score = 7
#: by-s = "failed"
# 以为 s 是常数，不需要梯度
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x, s)
        return s * x**3

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        return grad_output * 3 * s * x**2, None


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [30, 30], "for_flag": "none"}
