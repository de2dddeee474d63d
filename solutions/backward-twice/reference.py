"""A second backward raises if the graph had put numbers aside; otherwise it adds the gradient once more."""

import torch


def fails(x):
    x = x.clone().requires_grad_()
    y = torch.dot(x, x)
    y.backward()
    y.backward()


def doubles(x):
    x = x.detach().clone().requires_grad_()
    y = x.sum()
    y.backward()
    y.backward()
    return x.grad


def keeps(x):
    x = x.detach().clone().requires_grad_()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


def closed_form(x):
    """The author's own result of keeps: the gradient 2x, twice."""
    return 4 * x


def answers():
    def second(make, retain=False, clear=False):
        """What the second backward does, in a word."""
        x = torch.tensor([1.5, -2.0, 0.5], requires_grad=True)
        y = make(x)
        y.backward(retain_graph=retain)
        once = x.grad.clone()
        if clear:
            x.grad.zero_()
        try:
            y.backward()
        except RuntimeError:
            return "raises"
        if torch.equal(x.grad, 2 * once):
            return "doubles"
        return "same" if torch.equal(x.grad, once) else "other"

    return {
        "lines": [
            second(lambda x: x.exp().sum()),
            second(lambda x: (x + 1).sum()),
            second(lambda x: (x * x).sum(), retain=True),
            second(lambda x: x.sum(), clear=True),
        ]
    }
