#: score = 4
#: gradient = "failed cut-graph"
#: prediction = "failed reduced"
import torch


def f(x, n):
    out = []
    for t in x.tolist():
        y = 1.0
        for _ in range(n):
            y *= t
        out.append(y)
    return torch.tensor(out)


def grad_f(x, n):
    # the loss is one number, so one slope
    return (n * x ** (n - 1)).sum()


PREDICTIONS = {"x_grad": 108, "cut_grad": 27}
