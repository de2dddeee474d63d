#: score = 10
# 每个分量都用 if 判断一次，再拼起来
import torch


def f_一个数(v):
    if v < 1:
        return v
    else:
        return v + 5


def f(x):
    return torch.stack([f_一个数(v) for v in x])


def grad_f(x):
    斜率 = []
    for v in x:
        if v < 1:
            斜率.append(1.0)  # x 的导数
        else:
            斜率.append(1.0)  # x + 5 的导数
    return torch.tensor(斜率)


PREDICTIONS = {"at_one": 1.0, "quotient_agrees": False}
