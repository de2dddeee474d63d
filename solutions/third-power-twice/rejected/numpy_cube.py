#: score = 5
#: twice = "failed cut-graph"
#: prediction = "failed scale"
# numpy 算出来的结果不在计算图里；另外还漏了因子 2
import numpy as np
import torch


def f(x):
    return torch.from_numpy(np.power(x.detach().numpy(), 3))


def second_f(x):
    return 3 * x


PREDICTIONS = {"slope": "3x**2", "without_graph": "raises"}
