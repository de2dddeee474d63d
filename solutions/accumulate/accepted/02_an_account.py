#: score = 10
# 像记账一样，一笔一笔加上去
import torch


def together(x):
    总和 = 0
    for xi in x:
        总和 = 总和 + xi * xi
        总和 = 总和 + 3 * xi
    return 总和


def grad_after(x):
    账户 = torch.zeros_like(x)
    账户 += 2 * x      # 第一次存入
    账户 += 3          # 第二次存入
    return 账户


PREDICTIONS = {
    "after_first": 4.0,
    "after_second": 4.0 + 3.0,
    "after_third": 4.0 + 3.0 + 3.0,
}
