import torch


def naive(x):
    # x > 0 处取平方根，其余处取 0，只用一个 torch.where
    ...


def grad_naive(x):
    # 你的预测：autograd 对 naive(x).sum() 给出的梯度；不用 autograd
    ...


def safe(x):
    # 同样的值，但梯度处处有限
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？两个数；
    # NaN 写成 float("nan")
    # "both": ...,
}
