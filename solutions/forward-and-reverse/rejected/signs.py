#: score = 2
#: push = "failed author:plus-the-reciprocal"
#: pull = "failed sign"
#: slope = "failed author:half-the-log"
#: adjoints = "failed author:exchanged-factors"
import torch


def push(x, t):
    return (2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) + 1 / x**2) * t


def pull(x, v):
    # backwards, so everything is negative
    return -v * (2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2)


PREDICTIONS = {
    "slope": "sin(x)/x + ln(x^2)*cos(x) - 1/x^2",
    "tangents": [6, 0.667, -0.990, -2.08, -0.111, -2.19],
    "adjoints": [1, 1, 0.14112, 2.19722, 0.24414, 1.21400],
}
