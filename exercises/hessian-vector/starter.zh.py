import torch


def f(x):
    # 一个数：x[0]^2 * x[1] + x[1]^3
    ...


def hvp_auto(x, v):
    # f 在 x 处的黑塞矩阵乘以 v，用 torch.autograd.grad，
    # 但不求出整个矩阵
    ...


def hvp_formula(x, v):
    # 同样的结果，用你自己的公式，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两个数，形如 [0, 0]
    # "product": ...,
}
