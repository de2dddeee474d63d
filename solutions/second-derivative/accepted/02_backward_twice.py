#: score = 10
# 用 backward 求两次，中间把 x.grad 换掉
import torch


def f(x):
    return torch.sin(x) * x


def second_auto(x):
    叶子 = x.detach().clone()
    叶子.requires_grad_(True)
    f(叶子).sum().backward(create_graph=True)
    一阶 = 叶子.grad
    叶子.grad = None
    一阶.sum().backward()
    return 叶子.grad


def second_formula(x):
    # (sin x)' = cos x,  (x cos x)' = cos x - x sin x
    return torch.cos(x) + (torch.cos(x) - x * torch.sin(x))


PREDICTIONS = {"counts": (3, 7)}
