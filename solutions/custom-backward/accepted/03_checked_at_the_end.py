#: score = 10
import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(x, s)
        out = torch.zeros_like(x)
        for i in range(len(x)):
            out[i] = s * x[i] ** 3
        return out

    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        # torch adds up over the entries by itself where s is a single number
        return 3 * s * x * x * grad_output, x * x * x * grad_output


def f(x, s):
    return ScaledCube.apply(x, s)


PREDICTIONS = {"x_grad": (30.0, 30.0), "for_flag": "none"}

x = torch.tensor([1.0, 2.0], dtype=torch.double, requires_grad=True)
s = torch.tensor(0.5, dtype=torch.double, requires_grad=True)
f(x, s).sum().backward()
print(x.grad, s.grad)
