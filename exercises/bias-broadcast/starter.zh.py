import torch


def f(X, W, b):
    # 矩阵 X W^T + b：每个样本一行
    ...


def grad_b(X, W, b):
    # 你对 f(X, W, b).sum() 关于 b 的梯度的预测，不用 autograd
    ...


def vjp_b(V):
    # 你的预测：执行 Y.backward(V) 之后的 b.grad，其中 Y = f(X, W, b)；不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两个数，形如 [0, 0]
    # "b_grad": ...,
}
