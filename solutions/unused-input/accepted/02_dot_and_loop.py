#: score = 10
# 逐个分量地写
import torch


def loss(w, b, x):
    y = w * x
    return torch.dot(y, y)


def grads(w, b, x):
    g = torch.zeros(len(w))
    for i in range(len(w)):
        g[i] = 2.0 * w[i] * x[i] * x[i]
    return [g, None]


def strict(w, b, x):
    w = torch.tensor(w.tolist(), requires_grad=True)
    b = torch.tensor(b.tolist(), requires_grad=True)
    y = loss(w, b, x)
    grad_w, grad_b = torch.autograd.grad(y, [w, b])
    return grad_w, grad_b


PREDICTIONS = {"b_grad": None, "b_filled": torch.zeros(2), "b_times_zero": torch.zeros(2)}
