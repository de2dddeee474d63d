#: score = 10
# Forward: pairs of a value and its tangent. Reverse: a list of what has to be handed back.
import torch


def times(p, q):
    return p[0] * q[0], p[1] * q[0] + p[0] * q[1]


def log(p):
    return torch.log(p[0]), p[1] / p[0]


def sin(p):
    return torch.sin(p[0]), torch.cos(p[0]) * p[1]


def one_over(p):
    return 1 / p[0], -p[1] / (p[0] * p[0])


def push(x, t):
    x = (x, t)
    d = times(log(times(x, x)), sin(x))
    return d[1] + one_over(x)[1]


def pull(x, v):
    a = x * x
    handed = []
    handed.append(v * -(x**-2))
    handed.append(v * torch.log(a) * torch.cos(x))
    adjoint_of_a = v * torch.sin(x) / a
    handed.append(adjoint_of_a * x)
    handed.append(x * adjoint_of_a)
    return torch.stack(handed).sum(0)


three = torch.tensor(3.0, dtype=torch.float64)
one = torch.ones_like(three)
A = times((three, one), (three, one))
B, C = log(A), sin((three, one))
D, E = times(B, C), one_over((three, one))

PREDICTIONS = {
    "slope": "df/dx = 2 sin(x)/x + log(x*x) cos(x) - x^(-2)",
    "tangents": torch.stack([A[1], B[1], C[1], D[1], E[1], D[1] + E[1]]),
    "adjoints": torch.stack([one, one, B[0], C[0], C[0] / 9, D[1] + E[1]]),
}
