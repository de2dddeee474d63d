#: score = 10
# 不用 no_grad，让 autograd 记下每一轮，慢一些，结果一样
import torch


def root(x):
    y = x
    for _ in range(40):
        y = y - (y**3 + y - x) / (3 * y * y + 1)
    return y


def grad_root(x):
    x.requires_grad_()  # 习惯
    y = root(x)
    g = torch.ones(len(y))
    return g / (1 + 3 * y**2)


PREDICTIONS = {"x_grad": [0.25, 0.0769], "without_step": "raises"}

x = torch.tensor([2.0, 10.0], requires_grad=True)
root(x).sum().backward()
print(x.grad)
