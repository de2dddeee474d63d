import torch


def f(a):
    # 你自己设计的函数，a 是不等于 0 的标量，
    # 其中要有根据 a 的值作判断的 if 或 while
    ...


def grad_f(a):
    # 你对自己的 f 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中的 slope(4.0)、slope(-5.0) 和 slope(9.0)：
    # 三个数，形如 [0, 0, 0]
    # "slopes": ...,
}
