import torch


def f(x):
    # y = x * x；u 是从计算图中分离出来的 y；返回 u * x
    ...


def grad_z(x):
    # 你对 z.sum() 的梯度的预测，不用 autograd
    ...


def grad_y(x):
    # 你对 y.sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标记的那一行显示什么？四个 True 或 False，写成列表
    # "u_equals_grad": ...,
}
