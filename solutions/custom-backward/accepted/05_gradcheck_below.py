#: score = 10
import torch
from torch.autograd import gradcheck


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        y = s * x**3
        ctx.save_for_backward(x, s)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        g = torch.zeros(len(x))
        for i in range(len(x)):
            g = g + grad_output[i] * 3.0 * s * x[i] ** 2 * torch.eye(len(x))[i]
        return g, grad_output @ x**3


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": [30, 30], "for_flag": "none"}

if __name__ == "__main__":
    x = torch.randn(4, dtype=torch.float64, requires_grad=True)
    s = torch.tensor(1.7, dtype=torch.float64, requires_grad=True)
    print(gradcheck(f, (x, s)))
