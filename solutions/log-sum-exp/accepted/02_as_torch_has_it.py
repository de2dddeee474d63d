#: score = 10
import torch

f = lambda x: torch.logsumexp(x, 0)
grad_f = lambda x: torch.softmax(x, 0)

PREDICTIONS = {"naive_y": torch.inf, "naive_grad": torch.tensor([torch.nan, 0.0])}
