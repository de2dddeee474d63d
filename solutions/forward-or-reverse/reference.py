"""f = (x₀x₁, x₁x₂²): its Jacobian; a pass of forward mode is a column, one of reverse mode a row."""

import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def closed_form(x, v):
    """The author's own gradient of sum(v * f(x)) by x, against which autograd is proved."""
    return torch.stack([v[0] * x[1], v[0] * x[0] + v[1] * x[2] ** 2, 2 * v[1] * x[1] * x[2]])


def answers():
    def forward(function, x):
        """The Jacobian column by column, and how many passes it took."""
        x = x.clone().requires_grad_()
        y = function(x)
        weights = torch.zeros_like(y, requires_grad=True)
        (pulled,) = torch.autograd.grad(y, x, weights, create_graph=True)
        columns = [
            torch.autograd.grad(pulled, weights, unit, retain_graph=True)[0] for unit in torch.eye(x.numel())
        ]
        return torch.stack(columns, 1), len(columns)

    def reverse(function, x):
        """The Jacobian row by row, and how many passes it took."""
        x = x.clone().requires_grad_()
        y = function(x)
        rows = [torch.autograd.grad(y, x, unit, retain_graph=True)[0] for unit in torch.eye(y.numel())]
        return torch.stack(rows), len(rows)

    def both(function, x):
        (one, columns), (other, rows) = forward(function, x), reverse(function, x)
        assert torch.allclose(one, other)
        return [columns, rows]

    def better(function, x):
        """By the sizes alone: nobody would make a million passes to find out."""
        return "forward" if x.numel() < function(x).numel() else "reverse"

    wide = torch.arange(200.0).reshape(40, 5)
    picture = torch.ones(28 * 28, 16)
    return {
        "passes": both(lambda x: wide @ torch.sin(x), torch.arange(5.0)),
        "modes": [
            better(lambda w: (w * w).mean(), torch.ones(1_000_000)),
            better(lambda t: t * torch.arange(1000.0), torch.ones(1)),
            better(f, torch.ones(3)),
            better(lambda z: torch.sigmoid(picture @ z).reshape(28, 28), torch.ones(16)),
        ],
    }
