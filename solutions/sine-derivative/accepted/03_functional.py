#: score = 10
import torch
from torch.func import grad, vmap

f = torch.sin
slope = vmap(grad(f))

PREDICTIONS = dict(slopes=(1.0, 0.5, -1.0), first_zero=1.5708)
