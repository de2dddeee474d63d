import torch


def f(w, x):
    # 一个向量：x * w 加 w 的平方，逐个分量计算
    ...


def grad_w(w, x):
    # 你对 f(w, x).sum() 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行各显示什么？各一个数
    # "w_grad": ...,
    # "x_grad": ...,
}
