#: score = 10
import torch


def loss(w, b, x):
    y_hat = w * x
    return torch.sum(y_hat**2)


def grads(w, b, x):
    w.requires_grad_(True)
    return 2 * w * x**2.0, None


def strict(w, b, x):
    w = w.clone().requires_grad_(True)
    b = b.clone().requires_grad_(True)
    y = loss(w, b, x)
    return torch.autograd.grad(y, (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}

# This raises, as it should:
strict(torch.tensor([1.0, 3.0]), torch.tensor([5.0, -2.0]), torch.tensor([2.0, 1.0]))
