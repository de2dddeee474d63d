#: score = 10
# 逐个分量地写
import torch


def 残差(w, b, x, use):
    return torch.add(w * x, b) if use else w * x


def loss(w, b, x, use):
    r = 残差(w, b, x, use)
    return torch.dot(r, r)


def grads(w, b, x, use):
    g = torch.zeros(len(w))
    h = torch.zeros(len(w))
    for i in range(len(w)):
        r = w[i] * x[i]
        if use:
            r += b[i]
        g[i] = 2.0 * r * x[i]
        h[i] = 2.0 * r
    return [g, h if use else None]


def strict(w, b, x):
    w = torch.tensor(w.tolist(), requires_grad=True)
    b = torch.tensor(b.tolist(), requires_grad=True)
    y = loss(w, b, x, False)
    grad_w, grad_b = torch.autograd.grad(y, [w, b])
    return grad_w, grad_b


PREDICTIONS = {"b_grad": None, "b_filled": torch.zeros(2), "b_times_zero": torch.zeros(2)}
