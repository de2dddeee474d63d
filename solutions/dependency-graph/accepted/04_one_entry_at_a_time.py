#: score = 10
import torch


def term(t):
    return torch.add(torch.mul(torch.log(t * t), torch.sin(t)), torch.div(1.0, t))


def f(x):
    out = []
    for t in x:
        out.append(term(t))
    return torch.stack(out)


PREDICTIONS = dict(
    paths=3.0,
    edges=["x→a", "a→b", "x→c", "x→e", "b→d", "c→d", "d→y", "e→y"],
)
