"""relu(x) - relu(-x) is x, but autograd adds up two slopes that are both 0 at the kink."""

import torch


def f(x):
    return torch.relu(x) - torch.relu(-x)


def line(x):
    return x.clone()


def branch(x):
    """No case holds a zero and a negative number, so that each mistake shows in cases of one kind."""
    if (x == 0).any():
        return "at-zero"
    return "negative" if (x < 0).any() else "positive"


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return (x != 0).to(x.dtype)


def closed_form_calculus(x):
    """The same for the line x."""
    return torch.ones_like(x)


def answers():
    slopes = []
    for function in (f, line):
        x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
        function(x).backward()
        slopes.append(x.grad)
    return {"at_zero": torch.stack(slopes)}
