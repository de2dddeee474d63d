import torch


def f(w, idx):
    # 一个标量：idx 从 w 中取出的各元素之和
    ...


def grad_f(w, idx):
    # 你对 f 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中的两个问题：先是一个数；再是三个数，形如 [0, 0, 0]，或 None
    # "growth": ...,
    # "w_grad": ...,
}
