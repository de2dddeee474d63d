import torch


def f(x):
    # y 是 x 的副本（clone）；把 y[0] 改成 5；返回 y 的平方和
    ...


def grad_f(x):
    # 你对 f 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，有没有哪一行会报错？True 或 False
    # "raises": ...,
    # 最后一行显示什么？三个数，形如 [0, 0, 0]，或 None
    # "x_grad": ...,
}
