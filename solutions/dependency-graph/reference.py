"""f = ln(x²)·sin x + 1/x: eight edges, three paths."""

import torch


def f(x):
    a = x**2
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    return d + e


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2


def answers():
    """The graph as autograd recorded it: from each named result back to the nearest named ones."""
    x = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    a = x**2
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    y = d + e
    named = {"a": a, "b": b, "c": c, "d": d, "e": e, "y": y}

    def name_of(node):
        if getattr(node, "variable", None) is x:
            return "x"
        return next((name for name, tensor in named.items() if tensor.grad_fn is node), None)

    def sources(node):
        found = set()
        for following, _ in node.next_functions:
            if following is not None:
                name = name_of(following)
                found |= {name} if name is not None else sources(following)
        return found

    edges = sorted((source, name) for name, tensor in named.items() for source in sources(tensor.grad_fn))

    def paths(name):
        return 1 if name == "x" else sum(paths(source) for source, end in edges if end == name)

    return {"edges": [f"{source} -> {end}" for source, end in edges], "paths": paths("y")}
