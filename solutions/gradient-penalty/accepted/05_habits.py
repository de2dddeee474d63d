#: score = 10
# 训练几步试试
import torch


def critic(w, x):
    return (w * x**2).sum()


def penalty(w, x):
    if not x.requires_grad:
        x.requires_grad_()
    slope = torch.autograd.grad(critic(w, x), x, create_graph=True)[0]
    length = (slope**2).sum() ** 0.5
    return (length - 1) ** 2


def grad_w(w, x):
    x.requires_grad_()
    slope = 2.0 * w * x
    length = slope.pow(2).sum().sqrt()
    unit = slope / length
    return (2.0 * (length - torch.ones(1)) * unit * 2.0 * x).detach()


PREDICTIONS = {"w_grad": [14.4, 25.6], "without_graph": "raises"}

w = torch.tensor([1.0, 1.0], requires_grad=True)
for step in range(5):
    p = penalty(w, torch.tensor([1.5, 2.0]))
    p.backward()
    w.data -= 0.01 * w.grad
    w.grad.zero_()
    print(step, p.item())
p.backward()
