#: score = 5
#: by-x = "failed scale"
#: twice = "failed scale"
#: x-grad = "failed author:both-halves"
# 幂的求导忘了把 3 拿下来
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x, s)
        return s * x**3

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        return grad_output * s * x**2, (grad_output * x**3).sum()


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [60, 60], "for_flag": "none"}
