#: score = 2
#: auto = "failed diagonal-only"
#: formula = "failed author:diagonal"
#: product = "failed author:diagonal"
import torch


def f(x):
    return x[0] ** 2 * x[1] + x[1] ** 3


def hvp_auto(x, v):
    out = torch.zeros_like(x)
    for i in range(2):
        # 只让 x[i] 变化
        t = x.clone()
        xi = x[i].clone().requires_grad_()
        parts = [xi if j == i else t[j] for j in range(2)]
        (g,) = torch.autograd.grad(f(torch.stack(parts)), xi, create_graph=True)
        (h,) = torch.autograd.grad(g, xi)
        out[i] = h * v[i]
    return out


def hvp_formula(x, v):
    return torch.stack([2 * x[1], 6 * x[1]]) * v


PREDICTIONS = {"product": [4, -12]}
