#: score = 10
# 新式写法：forward 与 setup_context 分开
import torch
from torch.autograd import Function


class ScaledCube(Function):
    @staticmethod
    def forward(x, s):
        return x * x * x * s

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, s = inputs
        ctx.save_for_backward(x, s)

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        grad_x = grad_s = None
        if ctx.needs_input_grad[0]:
            grad_x = g * (3.0 * s * x.pow(2))
        if ctx.needs_input_grad[1]:
            grad_s = torch.dot(g, x.pow(3))
        return grad_x, grad_s


f = ScaledCube.apply

PREDICTIONS = {"x_grad": torch.tensor([30.0, 30.0]), "for_flag": "none"}
