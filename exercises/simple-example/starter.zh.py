import torch


def f(x):
    # 标量 2 * (x 与自己的点积)
    ...


def grad_f(x):
    # 你对 f 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的每一行显示什么？
    # 四个数，形如 [0, 0, 0, 0]；一个数；或 None
    # "grad_before": ...,
    # "y": ...,
    # "x_grad": ...,
    # "after_zero": ...,
    # "sum_grad": ...,
    # "sum_grad_without_zero": ...,
}
