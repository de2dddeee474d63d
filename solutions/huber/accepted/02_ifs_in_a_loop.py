#: score = 10
# 一个残差一个残差地判断
import torch


def loss(w, X, y, delta):
    总 = torch.tensor(0.0)
    for i in range(len(y)):
        r = torch.dot(X[i], w) - y[i]
        if abs(r) <= delta:
            总 = 总 + r * r / 2
        elif r > 0:
            总 = 总 + delta * (r - delta / 2)
        else:
            总 = 总 + delta * (-r - delta / 2)
    return 总


def grad_w(w, X, y, delta):
    g = torch.zeros(len(w))
    for i in range(len(y)):
        r = torch.dot(X[i], w) - y[i]
        if abs(r) <= delta:
            斜率 = r
        else:
            斜率 = delta if r > 0 else -delta
        g += 斜率 * X[i]
    return g


PREDICTIONS = {"r_grad": torch.tensor([0.5, -2.0, 2.0, 2.0])}
