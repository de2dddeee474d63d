#: score = 10
import torch

EPS = 1e-5


def norm(x, g):
    n = x.numel()
    d = x - x.sum() / n
    var = (d * d).sum() / n
    return d * torch.rsqrt(var + EPS) * g


def grad_x(x, g):
    n = x.numel()
    d = x - x.sum() / n
    var = (d * d).sum() / n
    inv = 1 / torch.sqrt(var + EPS)
    # backwards, one line of norm at a time
    d_hat = g
    d_inv = (d_hat * d).sum()
    d_var = d_inv * (-0.5) * inv**3
    d_d = d_hat * inv + d_var * 2 * d / n
    d_mu = -d_d.sum()
    return d_d + d_mu / n


PREDICTIONS = dict(sum_grad=(0.0, 0.0, 0.0), doubled="half")

x = torch.tensor([1.0, 2.0, 6.0], requires_grad=True)
norm(x, torch.tensor([1.0, 0.0, 0.0])).sum().backward()
print(x.grad)
