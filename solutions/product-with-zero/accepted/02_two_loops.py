#: score = 10
# 两重循环：对每个 i，把其余的数乘起来
import torch


def f(x):
    积 = 1
    for v in x:
        积 = 积 * v
    return 积


def grad_f(x):
    结果 = []
    for i in range(len(x)):
        积 = 1.0
        for j in range(len(x)):
            if j != i:
                积 = 积 * x[j].item()
        结果.append(积)
    return torch.tensor(结果)


PREDICTIONS = {"x_grad": torch.tensor([0.0, 6.0, 0.0])}
