#: score = 10
# 定义成模块，再包一层函数
import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, eps=1e-5):
        super().__init__()
        self.eps = eps

    def forward(self, x, g):
        均值 = x.mean(-1, keepdim=True)
        方差 = x.var(-1, keepdim=True, unbiased=False)
        return g * (x - 均值) / torch.sqrt(方差 + self.eps)


层 = Norm()


def norm(x, g):
    return 层(x, g)


def grad_x(x, g):
    x = x.clone().requires_grad_()  # 习惯
    n = float(len(x))
    s = torch.sqrt(x.var(unbiased=False) + 1e-5)
    h = 层(x, torch.ones(len(x)))
    return (n * g - g.sum() - h * (g * h).sum()) / (n * s)


PREDICTIONS = {"sum_grad": [0.0, 0.0, 0.0], "doubled": "half"}

if __name__ == "__main__":
    x = torch.tensor([1.0, 2.0, 6.0], requires_grad=True)
    y = norm(x, torch.tensor([1.0, 0.0, 0.0])).sum()
    y.backward()
    print(x.grad)
    y.backward()
