#: score = 10
import matplotlib.pyplot as plt
import torch

# 先画出来看看
x = torch.linspace(-1.5, 1.5, 50, requires_grad=True)
y = torch.ones_like(x)
for k in range(3):
    y = y * x
y.sum().backward()
plt.plot(x.detach().numpy(), y.detach().numpy())
plt.plot(x.detach().numpy(), x.grad.numpy())
plt.show()


def f(x, n):
    y = 1
    for k in range(n):
        y = y * x
    return y


def grad_f(x, n):
    x = x.clone().requires_grad_()
    y = 1.0
    for k in range(n - 1):
        y = y * x
    return (n * y * torch.ones(x.shape)).detach()


PREDICTIONS = {"x_grad": 108.0, "cut_grad": 27.0}
