#: score = 5
#: prediction = "error"
#: vjp = "failed autograd-in-prediction"
# 对向量直接调用 backward 会报错；即使给了 v，用 autograd 也不算预测
import torch


def f(x):
    return x * x


def grad_f(x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward()
    return x.grad


def vjp_f(x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(v)
    return x.grad


PREDICTIONS = {"x_grad": [0, 2, 4, 6]}
