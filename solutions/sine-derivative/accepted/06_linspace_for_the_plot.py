#: score = 10
# 先对一百个点算一遍，画图用
import torch


def f(x):
    return torch.sin(x)


def slope(x):
    t = x.detach().float().requires_grad_(True)
    total = f(t).sum()
    total.backward()
    return t.grad


xs = torch.linspace(-7, 7, 100)
曲线 = slope(xs)
print("最大:", 曲线.max().item(), "最小:", 曲线.min().item())
print("第一次变号:", [round(v, 2) for v, s in zip(xs.tolist(), 曲线.tolist()) if v > 0 and s <= 0][0])

PREDICTIONS = {"slopes": [1, 0.5, -1], "first_zero": 1.57}
