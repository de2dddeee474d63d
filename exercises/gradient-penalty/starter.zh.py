import torch


def penalty(w, x):
    # 求 (w * x**2).sum() 关于 x 的斜率；返回 (斜率的长度 - 1)**2
    ...


def grad_w(w, x):
    # 你对 penalty(w, x) 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两个数，形如 [0, 0]
    # "w_grad": ...,
    # 去掉 create_graph=True 呢？"raises"、"same" 或 "zeros"
    # "without_graph": ...,
}
