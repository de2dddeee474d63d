#: score = 10
import torch


def push(x, t):
    a, da = x * x, 2 * x * t
    b, db = torch.log(a), da / a
    c, dc = torch.sin(x), torch.cos(x) * t
    dd = db * c + b * dc
    de = -t / x**2
    return dd + de


def pull(x, v):
    a = x * x
    b = torch.log(a)
    c = torch.sin(x)
    dd = v
    de = v
    dx = -de / x**2
    db, dc = dd * c, dd * b
    dx = dx + dc * torch.cos(x)
    da = db / a
    dx = dx + da * 2 * x
    return dx


PREDICTIONS = {
    "slope": "2/x * sin(x) + ln(x^2) * cos(x) - 1/x^2",
    "tangents": [6, 0.6667, -0.98999, -2.0812, -0.11111, -2.1923],
    "adjoints": [1, 1, 2.1972, 0.14112, 0.01568, -2.1923],
}
