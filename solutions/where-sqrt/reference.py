"""where(x > 0, √x, 0) has the gradient NaN at every x ≤ 0; a second where, inside, makes it 0."""

import torch


def naive(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def safe(x):
    return torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0)


def branch(x):
    """No case holds a zero and a negative number, so that each mistake shows in cases of one kind."""
    if (x == 0).any():
        return "at-zero"
    return "negative" if (x < 0).any() else "positive"


def closed_form(x):
    """The author's own gradient of sum(naive(x)) by x, against which autograd is proved."""
    return torch.where(x > 0, 0.5 * x**-0.5, torch.nan)


def closed_form_safe(x):
    """The same for safe: where the root is not taken, nothing comes back."""
    return torch.tensor([0.5 * number**-0.5 if number > 0 else 0.0 for number in x.tolist()], dtype=x.dtype)


def answers():
    found = []
    for f in (naive, safe):
        x = torch.tensor(-1.0, requires_grad=True)
        f(x).backward()
        found.append(x.grad)
    return {"both": torch.stack(found)}
