import torch


def loss(w, X, y, delta):
    # 残差 r = X w - y，以及各残差的 Huber 损失之和
    ...


def grad_w(w, X, y, delta):
    # 你对 loss(w, X, y, delta) 关于 w 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？四个数，形如 [0, 0, 0, 0]
    # "r_grad": ...,
}
