#: score = 4
#: edges = "failed author:line-after-line"
#: paths = "failed"
# 按代码的先后顺序连线
import torch


def f(x):
    return torch.log(x * x) * torch.sin(x) + 1 / x


PREDICTIONS = {"edges": "x -> a -> b -> c -> d -> e -> y", "paths": 1}
