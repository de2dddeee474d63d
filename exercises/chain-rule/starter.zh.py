import torch


def f(x):
    # 在 x 的每个分量处求 ln(x^2) * sin(x) + 1/x
    ...


def grad_f(x):
    # 你对每个分量处的导数的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？一个数，至少三位有效数字
    # "at_two": ...,
}
