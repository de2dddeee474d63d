import torch


def f(x):
    # x 乘以 x 的平方，其中平方从计算图中分离出来
    ...


def grad_f(x):
    # 你对 autograd 会给出的 f 的梯度的预测，不用 autograd
    ...


def slope_f(x):
    # f 的曲线的斜率：只看数值，画出来是什么样就是什么样
    ...


PREDICTIONS = {
    # 题目给出的代码中，最后一行显示什么？一个数
    # "x_grad": ...,
}
