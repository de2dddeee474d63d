#: score = 10
# 直接照着反向传播来算：传入的梯度乘以开方的导数
import math

import torch


def naive(x):
    选中 = x > 0
    return torch.where(选中, x.sqrt(), 0)


def grad_naive(x):
    传入 = (x > 0).to(x.dtype)
    return 传入 / (2 * x.sqrt())


def safe(x):
    选中 = x > 0
    安全 = x.masked_fill(~选中, 4.0)
    return torch.where(选中, 安全.sqrt(), 0)


PREDICTIONS = {"both": [math.nan, 0.0]}
