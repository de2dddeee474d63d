import torch


def f(logits, targets):
    # 各行的 -log softmax(row)[target] 的均值
    ...


def grad_f(logits, targets):
    # 你对关于 logits 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两行，每行四个数，
    # 形如 [[0, 0, 0, 0], [0, 0, 0, 0]]
    # "logits_grad": ...,
}
