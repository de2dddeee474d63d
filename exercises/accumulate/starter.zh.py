import torch


def together(x):
    # 一个标量：对它反向传播一次，x.grad 里留下的与两次传播之后相同
    ...


def grad_after(x):
    # 你的预测：执行 (x**2).sum().backward() 和 (3 * x).sum().backward() 之后的 x.grad
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的每一行显示什么？一个数，或 None
    # "after_first": ...,
    # "after_second": ...,
    # "after_third": ...,
}
