import torch


def f(x):
    # x 的最大分量，梯度与 x.max() 的相同
    ...


def grad_f(x):
    # 你对 x.max() 的梯度的预测，不用 autograd
    ...


def grad_pick(x):
    # 你对 x.max(dim=0).values 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行各显示什么？各三个数，形如 [0, 0, 0]
    # "max_grad": ...,
    # "max_dim_grad": ...,
}
