import torch


def f(x, A):
    # 标量 x^T A x
    ...


def grad_x(x, A):
    # 你对 f 关于 x 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？两个数，形如 [0, 0]，或 None
    # "x_grad": ...,
    # "skew_grad": ...,
}
