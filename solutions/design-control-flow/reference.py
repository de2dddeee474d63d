"""An example of what a student may design, and the slopes of the given g."""

import torch


def f(a):
    b = a * a
    while b < 50:
        b = 3 * b
    return b if a > 0 else b - 10 * a


def closed_form(a):
    """The author's own gradient of f by a: 2a, times 3 for each pass, less 10 for negative a."""
    b, slope = a * a, 2 * a
    while b < 50:
        b, slope = 3 * b, 3 * slope
    return slope if a > 0 else slope - 10


def answers():
    found = []
    for number in (4.0, -5.0, 9.0):
        a = torch.tensor(number, requires_grad=True)
        f(a).backward()
        found.append(a.grad)
    return {"slopes": torch.stack(found)}
