#: score = 0
#: push = "failed"
#: pull = "failed reduced"
#: slope = "malformed"
#: tangents = "failed author:local-slopes"
#: adjoints = "failed author:last-way-only"
# 每一行各算各的；pull 最后还多了一个 sum()
import torch


def push(x, t):
    b, c = torch.log(x * x), torch.sin(x)
    return (b + c) * t - t / x**2


def pull(x, v):
    g = 2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2
    return (v * g).sum()


PREDICTIONS = {
    "slope": "diff(f, x)",
    "tangents": [6, 0.1111, -0.98999, 2.33834, -0.1111, 2],
    "adjoints": [1, 1, 2.1972, 0.14112, 0.01568, 0.09408],
}
