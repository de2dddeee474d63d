#: score = 10
# 先拉平，再逐个元素算
import torch


def f(x):
    总和 = 0
    个数 = 0
    for v in x.reshape(-1):
        总和 = 总和 + v**2
        个数 += 1
    return 总和 / 个数


def grad_f(x):
    平 = x.reshape(-1)
    g = torch.empty_like(平)
    for i in range(len(平)):
        g[i] = 2 * 平[i] / len(平)
    return g.reshape(x.shape)


PREDICTIONS = {
    "x_grad": [2 * k / 4 for k in (1, 2, 3, 4)],
    "first_of_eight": 2 * 1 / 8,
}
