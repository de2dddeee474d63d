#: score = 5
#: prediction = "failed author:reversed-residual"
#: w-grad = "failed author:reversed-residual"
# 真实值减去预测值
import torch


def f(w, X, y):
    return ((y - X @ w) ** 2).sum()


def grad_w(w, X, y):
    return 2 * X.T @ (y - X @ w)


PREDICTIONS = {"w_grad": [40, 52], "fitted_grad": [0, 0]}
