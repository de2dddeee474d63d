import torch


def expected(theta, r):
    # 期望奖励：p_k r_k 之和，其中 p 是 theta 的 softmax
    ...


def surrogate(theta, r):
    # detach(p_k) r_k log(p_k) 之和
    ...


def grad_theta(theta, r):
    # 你对 expected(theta, r) 关于 theta 的梯度的预测，不用 autograd
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？两个数，形如 [0, 0]
    # "theta_grad": ...,
    # 每个奖励都加 10 呢？"same"、"ten" 或 "weighted"
    # "ten_more": ...,
}
