#: score = 2
#: value = "failed reduced"
#: twice = "failed shape"
#: prediction = "failed reduced"
#: slope = "malformed"
# 先求和再返回；公式里还取了单个分量
import torch


def f(x):
    return (x**3).sum()


def second_f(x):
    return 6 * x.sum()


PREDICTIONS = {"slope": "3*x[0]**2", "without_graph": "raises"}
