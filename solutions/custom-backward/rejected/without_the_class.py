#: score = 4
#: by-x = "missing"
#: by-s = "missing"
# 没有写类，直接用现成的运算
import torch


def f(x, s):
    return s * x**3


PREDICTIONS = {"x_grad": [30, 30], "for_flag": "none"}
