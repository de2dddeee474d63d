#: score = 0
#: push = "failed author:tangent-of-a-forgotten"
#: pull = "failed missing-factor"
#: slope = "failed author:inner-forgotten"
#: tangents = "failed author:chain-without-a"
#: adjoints = "failed"
import torch


def push(x, t):
    b, db = torch.log(x * x), t / x**2
    c, dc = torch.sin(x), torch.cos(x) * t
    return db * c + b * dc - t / x**2


def pull(x, v):
    b, c = torch.log(x * x), torch.sin(x)
    return v * c / x**2 + v * b * torch.cos(x) - v / x**2


PREDICTIONS = {
    "slope": "sin(x)/x^2 + ln(x^2)*cos(x) - 1/x^2",
    "tangents": [6, 0.1111, -0.98999, -2.15956, -0.1111, -2.27067],
    "adjoints": [1, 1, 2.1972, 0.1411, 0.01568, -2.27067],
}
