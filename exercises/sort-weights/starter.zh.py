import torch


def f(x, c):
    # 把 x 按升序排列，逐个分量乘以 c，再求和
    ...


def grad_f(x, c):
    # 你对 f 关于 x 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的每一行显示什么？各三个数
    # "order": ...,
    # "x_grad": ...,
}
