"""(x sin x)″ = 2 cos x − x sin x, and the graphs behind x sin x and its derivative."""

import torch


def f(x):
    return x * torch.sin(x)


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return torch.sin(x) + x * torch.cos(x)


def nodes(t):
    found, todo = set(), [t.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in found:
            found.add(node)
            todo += [following for following, _ in node.next_functions]
    return len(found)


def answers():
    x = torch.tensor(1.5, requires_grad=True)
    y = f(x)
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    return {"counts": [nodes(y), nodes(g)]}
