#: score = 10
# 边写成一对一对的名字
import torch


def f(x):
    return torch.log(x.pow(2)) * x.sin() + x.reciprocal()


用到 = {"a": "x", "b": "a", "c": "x", "d": "bc", "e": "x", "y": "de"}

PREDICTIONS = {
    "edges": [(来源, 去向) for 去向, 名字们 in 用到.items() for 来源 in 名字们],
    "paths": 3,
}
