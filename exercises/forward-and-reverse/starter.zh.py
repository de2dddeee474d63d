import torch


def push(x, t):
    # 从上到下，把 x 的切向量 t 逐行传过 f；
    # 返回 y 的切向量
    ...


def pull(x, v):
    # 从下到上，把 y 的伴随量 v 逐行传过 f；
    # 返回 x 的伴随量
    ...


PREDICTIONS = {
    # f 的导数，写成 x 的公式：一段文字，例如 "cos(x)"
    # "slope": ...,
    # x = 3、t = 1 时 a、b、c、d、e、y 的切向量
    # "tangents": [..., ..., ..., ..., ..., ...],
    # x = 3、v = 1 时 e、d、c、b、a、x 的伴随量
    # "adjoints": [..., ..., ..., ..., ..., ...],
}
