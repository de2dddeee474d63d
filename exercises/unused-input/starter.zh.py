import torch


def loss(w, b, x, use):
    # w * x + b 的平方和；use 为 False 时，只用 w * x
    ...


def grads(w, b, x, use):
    # 你对 torch.autograd.grad(loss(w, b, x, use), (w, b), allow_unused=True) 的预测：
    # 二元组 (w 的, b 的)，不用 autograd 求
    ...


def strict(w, b, x):
    # 由 w 和 b 建叶子张量；use 取 False；让 torch.autograd.grad 抛出错误
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的三行显示什么？两个数，形如 [1, 1]，或 None
    # "b_grad": ...,
    # "b_filled": ...,
    # "b_times_zero": ...,
}
