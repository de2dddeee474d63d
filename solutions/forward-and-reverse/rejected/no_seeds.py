#: score = 6
#: push = "failed author:no-tangent"
#: pull = "failed author:no-adjoint"
# t 和 v 都没有用上
import torch


def slope(x):
    return 2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2


def push(x, t):
    return slope(x)


def pull(x, v):
    return slope(x)


PREDICTIONS = {
    "slope": "2*sin(x)/x + ln(x^2)*cos(x) - 1/x^2",
    "tangents": [6, 0.6667, -0.99, -2.081, -0.1111, -2.192],
    "adjoints": [1, 1, 2.197, 0.1411, 0.01568, -2.192],
}
