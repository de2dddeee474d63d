import torch


def f(a):
    # b = 2a；只要整个 b 的范数小于 1000，就把 b 加倍；
    # b 的和为正时返回 b，否则返回 100 * b
    ...


def grad_f(a):
    # 你对 f(a).sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行各显示什么？各两个数，形如 [0, 0]
    # "a_grad": ...,
    # "a_grad_weighted": ...,
}
