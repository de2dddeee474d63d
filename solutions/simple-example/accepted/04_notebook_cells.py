#: score = 10
# 从 notebook 里复制过来的，自己先跑了一遍课本的例子
import torch

x = torch.arange(4.0)
x.requires_grad_(True)
print("一开始:", x.grad)
y = 2 * torch.dot(x, x)
print("y =", y)
y.backward()
print("x.grad =", x.grad)
print(x.grad == 4 * x)


def f(x):
    """返回 2 * x·x"""
    return 2 * x.pow(2).sum()


def grad_f(x):
    # 每一项 2*x_i^2 只和 x_i 有关，导数是 4*x_i
    梯度 = 4 * x
    print("预测的梯度:", 梯度)
    return 梯度


PREDICTIONS = {
    "grad_before": None,
    "y": torch.tensor(28.0),
    "x_grad": torch.tensor([0.0, 4.0, 8.0, 12.0]),
    "after_zero": torch.zeros(4),
    "sum_grad": torch.ones(4),
    "sum_grad_without_zero": torch.ones(4) + 4 * torch.arange(4.0),
}
