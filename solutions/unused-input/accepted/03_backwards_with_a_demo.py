#: score = 10
import torch


def loss(w, b, x, use):
    pred = w * x
    if use:
        pred = pred + b
    return pred.pow(2).sum()


def grads(w, b, x, use):
    w.requires_grad_(True)
    pred = w * x
    if use:
        pred = pred + b
    d_pred = (2 * pred).detach()
    d_w = d_pred * x
    d_b = None  # no path
    if use:
        d_b = d_pred
    return d_w, d_b


def strict(w, b, x):
    leaves = [t.detach().clone().requires_grad_() for t in (w, b)]
    torch.autograd.grad(loss(leaves[0], leaves[1], x, use=False), leaves, allow_unused=False)


PREDICTIONS = {
    "b_grad": None,
    "b_filled": [0.0, 0.0],
    "b_times_zero": [0.0, 0.0],
}

w = torch.tensor([1.0, 3.0], requires_grad=True)
b = torch.tensor([5.0, -2.0], requires_grad=True)
x = torch.tensor([2.0, 1.0])
print(torch.autograd.grad(loss(w, b, x, False), (w, b), allow_unused=True))
loss(w, b, x, False).backward()
print(w.grad, b.grad)
# This raises, as it should:
strict(w, b, x)
