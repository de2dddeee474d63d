import torch


def f(x):
    # 一个标量：x 的 softmax 的各分量之和
    ...


def grad_f(x):
    # 你对 f 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？两个数，形如 [0, 0]，或 None
    # "first_grad": ...,
    # "sum_grad": ...,
}
