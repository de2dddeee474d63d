import torch


def total(w, x, k):
    # h = 0；对 t = 0, 1, 2, …：在 t = k, 2k, 3k, … 这些步之前把 h 分离（detach）；
    # 然后 h = tanh(w * h + x[t])。返回所有状态之和
    ...


def grad_w(w, x, k):
    # 你对 total(w, x, k) 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？先是四个数，形如 [0, 0, 0, 0]，再是一个数
    # "x_grad": ...,
    # "w_grad": ...,
}
