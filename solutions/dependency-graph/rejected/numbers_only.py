#: score = 2
#: gradient = "failed cut-graph"
#: edges = "failed"
#: paths = "failed"
# numpy 不留下计算图；漏了两条边
import numpy as np
import torch


def f(x):
    v = x.detach().numpy()
    return torch.from_numpy(np.log(v**2) * np.sin(v) + 1 / v)


PREDICTIONS = {"edges": "x -> a, a -> b, x -> c, b -> d, c -> d, x -> e", "paths": 4}
