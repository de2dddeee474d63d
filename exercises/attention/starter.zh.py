import torch


def attend(q, K, V):
    # 分数 K q / sqrt(d)，对它求 softmax，再以此为权重把 V 的各行加起来
    ...


def grad_q(q, K, V):
    # 你对 attend(q, K, V).sum() 关于 q 的梯度的预测，不用 autograd
    ...


def grad_V(q, K, V):
    # 你对 attend(q, K, V).sum() 关于 V 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，标出的两行显示什么？先是四个数，形如 [0, 0, 0, 0]，再是两个数
    # "q_grad": ...,
    # "V_grad": ...,
}
