import torch


def f(x):
    # 一个向量：x 的各分量的三次方
    ...


def second_f(x):
    # 你对每个分量的二阶导数的预测，不用 autograd
    ...


PREDICTIONS = {
    # f 的一阶导数，写成 x 的公式：一段文字，例如 "sin(x)"
    # "slope": ...,
    # 题目给出的代码中，最后一行会怎样？
    # "second"（再次得到 h）、"first"（再次得到 g）、"zero" 或 "raises"
    # "without_graph": ...,
}
