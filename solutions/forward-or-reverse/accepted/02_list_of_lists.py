#: score = 10
# 拆成三个数，再拼成矩阵
import torch


def f(x):
    a, b, c = x
    return torch.cat([(a * b).reshape(1), (b * c * c).reshape(1)])


def jacobian_f(x):
    a, b, c = x.tolist()
    第一行 = [b, a, 0.0]
    第二行 = [0.0, c * c, 2 * b * c]
    return torch.tensor([第一行, 第二行], dtype=torch.float64)


PREDICTIONS = {"passes": (5, 40), "modes": "反向模式，前向模式，反向模式，前向模式"}
