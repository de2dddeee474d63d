#: score = 7
#: through-b = "failed zero-for-none"
#: strict = "failed"
# use * b 的值没错，但 b 总在计算图里，梯度是零而不是 None
import torch


def loss(w, b, x, use):
    return ((w * x + use * b) ** 2).sum()


def grads(w, b, x, use):
    if use:
        r = w * x + b
        return 2 * r * x, 2 * r
    return 2 * w * x * x, None


def strict(w, b, x):
    w = w.clone().requires_grad_()
    b = b.clone().requires_grad_()
    return torch.autograd.grad(loss(w, b, x, False), (w, b))


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
