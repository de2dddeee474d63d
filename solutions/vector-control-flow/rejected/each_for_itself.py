#: score = 4
#: prediction = "failed author:each-for-itself"
#: a-grad = "failed author:each-for-itself"
#: a-grad-weighted = "failed"
# every entry as in the scalar exercise
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    out = torch.empty_like(a)
    flat = out.view(-1)
    for i, v in enumerate(a.flatten()):
        flat[i] = f(v) / v
    return out


PREDICTIONS = {"a_grad": [4, 1600], "a_grad_weighted": [4800, -640000]}
