#: score = 4
#: prediction = "failed author:no-target"
#: w-grad = "failed author:no-target"
#: fitted-grad = "failed author:fitted-no-target"
# y 是常数，求导之后就没有了
import torch


def f(w, X, y):
    return ((X @ w - y) ** 2).sum()


def grad_w(w, X, y):
    return 2 * X.T @ X @ w


PREDICTIONS = {"w_grad": [-18, -24], "fitted_grad": [-18, -24]}
