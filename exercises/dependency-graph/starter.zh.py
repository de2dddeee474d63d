import torch


def f(x):
    # ln(x^2) * sin(x) + 1/x，逐个分量计算
    ...


PREDICTIONS = {
    # 给出的代码的依赖图中所有的边，写成一段文字或一个列表："x -> a, ..."
    # "edges": ...,
    # 从 x 到 y 有几条不同的路径？一个数
    # "paths": ...,
}
