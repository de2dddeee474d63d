import torch


def f(a):
    # b = 2a；只要 b 的范数小于 1000，就把 b 加倍；
    # b 的和为正时返回 b，否则返回 100 * b
    ...


def grad_f(a):
    # 你对 df/da 的预测，不用 autograd
    ...


PREDICTIONS = {
    # 对每个 a != 0，f 的梯度都等于 f(a) / a 吗？True 或 False
    # "ratio": ...,
}
