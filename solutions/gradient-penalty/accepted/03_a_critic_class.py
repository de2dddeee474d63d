#: score = 10
import torch
from torch import nn


class Critic(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.w = w

    def forward(self, x):
        return torch.sum(self.w * x * x)


def penalty(w, x):
    x = x.detach().requires_grad_(True)
    score = Critic(w)(x)
    grads = torch.autograd.grad(outputs=score, inputs=x, create_graph=True, retain_graph=True)
    norm = grads[0].pow(2).sum().sqrt()
    return (norm - 1).pow(2)


def grad_w(w, x):
    u = w * x
    half = u.pow(2).sum().sqrt()
    return (8 - 4 / half) * u * x


PREDICTIONS = dict(w_grad=(14.4, 25.6), without_graph="raises")

w = torch.tensor([1.0, 1.0], requires_grad=True)
x = torch.tensor([1.5, 2.0])
p = penalty(w, x)
p.backward()
print(p.item(), w.grad, grad_w(w.detach(), x))
