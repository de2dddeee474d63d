#: score = 10
import torch

f = torch.square
grad_f = lambda t: t + t
vjp_f = lambda t, w: grad_f(t) * w

PREDICTIONS = dict(x_grad=[2 * i for i in range(4)])
