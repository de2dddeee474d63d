import torch


def f(x):
    # 向量 x 的 softmax
    ...


def vjp_f(x, v):
    # 你对 v^T J 的预测，其中 J 是 softmax 在 x 处的雅可比矩阵；不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？四个数，形如 [0, 0, 0, 0]
    # "x_grad": ...,
}
