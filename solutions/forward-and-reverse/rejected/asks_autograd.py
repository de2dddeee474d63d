#: score = 4
#: push = "error"
#: pull = "failed autograd-in-prediction"
#: tangents = "failed author:values-pushed"
import torch


def f(x):
    return torch.log(x * x) * torch.sin(x) + 1 / x


def push(x, t):
    return torch.func.jvp(f, (x,), (t,))[1]


def pull(x, v):
    x = x.clone().requires_grad_()
    f(x).backward(v)
    return x.grad


PREDICTIONS = {
    "slope": "2*sin(x)/x + ln(x^2)*cos(x) - 1/x^2",
    "tangents": [9, 2.1972, 0.14112, 0.31007, 0.33333, 0.64341],
    "adjoints": [1, 1, 2.197, 0.1411, 0.01568, -2.192],
}
