#: score = 10
# 逐个分量地算，最后用 stack 拼起来
import torch


def f(x):
    分量 = []
    for xi in x:
        分量.append(xi * xi)
    return torch.stack(分量)


def grad_f(x):
    return torch.stack([xi + xi for xi in x])


def vjp_f(x, v):
    结果 = torch.zeros_like(x)
    for i in range(len(x)):
        # y_i 只依赖 x_i，所以只有对角线上有值
        结果[i] = v[i] * 2 * x[i]
    return 结果


PREDICTIONS = {"x_grad": (0.0, 2.0, 4.0, 6.0)}
