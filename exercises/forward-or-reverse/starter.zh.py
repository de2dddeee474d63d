import torch


def f(x):
    # 有两个分量的向量：x[0] * x[1] 和 x[1] * x[2]^2
    ...


def jacobian_f(x):
    # 你对雅可比矩阵（形状 (2, 3)）的预测，不用 autograd
    ...


PREDICTIONS = {
    # 5 个输入、40 个输出：前向模式要传播几次？
    # 反向模式呢？两个数
    # "passes": ...,
    # 函数 A、B、C、D 各选 "forward" 或 "reverse"
    # "modes": [..., ..., ..., ...],
}
