import torch


def root(x):
    # 对 x 的每个分量，求满足 y**3 + y = x 的 y，并且 autograd 能得到正确的梯度
    ...


def grad_root(x):
    # 你对 root(x).sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两个数，形如 [0, 0]
    # "x_grad": ...,
    # 去掉 y.sum().backward() 前面的那一行呢？"raises"、"same" 或 "zeros"
    # "without_step": ...,
}
