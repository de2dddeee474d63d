import torch


def f(x):
    # 在 no_grad 块内：u = x * x
    # 在块之后：返回 u * x
    ...


def grad_f(x):
    # 你对 f(x).sum() 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的每一行显示什么？
    # 三个 True 或 False，写成列表
    # "recorded": ...,
    # 一个数
    # "x_grad": ...,
}
