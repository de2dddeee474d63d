import torch


def fails(x):
    # 由 x 建一个叶子张量；y = (x * x).sum()；调用两次 backward
    ...


def doubles(x):
    # 由 x 建一个叶子张量；y = x.sum()；调用两次 backward；返回 x.grad
    ...


def keeps(x):
    # 由 x 建一个叶子张量；y = (x * x).sum()；调用两次 backward，
    # 第一次加上 retain_graph=True；返回 x.grad
    ...


PREDICTIONS = {
    # 给出的四行中，每一行的第二次 backward 会怎样：
    # "raises"、"doubles" 或 "same"
    # "lines": [..., ..., ..., ...],
}
