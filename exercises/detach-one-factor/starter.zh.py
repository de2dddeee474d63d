import torch


def f(x):
    # detach(x) * x + x * x，逐个分量计算
    ...


def grad_f(x):
    # 你对 f(x).sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？一个数
    # "x_grad": ...,
}
