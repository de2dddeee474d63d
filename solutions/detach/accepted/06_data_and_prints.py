#: score = 10
import torch

# 先在命令行里试一试
x = torch.arange(4.0, requires_grad=True)
u = (x * x).detach()
print("u.requires_grad =", u.requires_grad)


def f(input):
    y = input.pow(2)
    u = y.data
    print("u:", u.tolist())
    return u * input


def grad_z(input):
    """The straight path only: dz/dx = u."""
    return input.pow(2)


def grad_y(input):
    """y keeps its history."""
    return input.mul(2)


PREDICTIONS = {"u_equals_grad": [True for _ in range(4)]}
