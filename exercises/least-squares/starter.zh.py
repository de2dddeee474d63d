import torch


def f(w, X, y):
    # 标量 ||X w - y||^2
    ...


def grad_w(w, X, y):
    # 你对 f 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？两个数，形如 [0, 0]，或 None
    # "w_grad": ...,
    # "fitted_grad": ...,
}
