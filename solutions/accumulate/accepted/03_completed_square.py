#: score = 10
# (x + 3/2)² differs from x² + 3x by a constant only, which no gradient sees.
import torch

together = lambda x: torch.square(x + 1.5).sum()
grad_after = lambda x: 2 * (x + 1.5)

PREDICTIONS = dict(after_first=4, after_second=7, after_third=10)
