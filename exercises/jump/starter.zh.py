import torch


def f(x):
    # x 的每个分量：小于 1 时不变，否则加 5
    ...


def grad_f(x):
    # 你对 f(x).sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，x.grad 是什么？一个数，或 None
    # "at_one": ...,
    # 当 h 很小时，差商会接近这个数吗？True 或 False
    # "quotient_agrees": ...,
}
