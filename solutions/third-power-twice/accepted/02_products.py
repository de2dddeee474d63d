#: score = 10
# 不用幂运算，只用乘法和加法
import torch


def f(x):
    平方 = x * x
    return 平方 * x


def second_f(x):
    # f' = x*x + x*x + x*x，再求导：每一项给出 2x
    return 2 * x + 2 * x + 2 * x


PREDICTIONS = {"slope": "x*x + x*x + x*x", "without_graph": "抛出错误"}
