#: score = 4
#: gradient = "failed author:block-without-effect"
#: prediction = "failed author:ignores-the-block"
#: x-grad = "failed author:ignores-the-block"
import torch


def f(x):
    torch.no_grad()  # 只是创建了一个对象，没有用 with
    u = x * x
    return u * x


def grad_f(x):
    return 3 * x**2


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 75}
