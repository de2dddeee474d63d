#: score = 10
# x = 3 处的数用 math 算出来，再填进去
import math

import torch


def push(x, t):
    """切向量自上而下。"""
    da = t * x + x * t
    db = da / (x * x)
    dc = t * x.cos()
    dd = db * x.sin() + (x * x).log() * dc
    de = -t * x.pow(-2)
    return dd + de


def pull(x, v):
    """伴随量自下而上。"""
    从e = -v / (x * x)
    从c = v * (x * x).log() * x.cos()
    从a = v * x.sin() / (x * x) * 2 * x
    return 从e + 从c + 从a


b, c = math.log(9), math.sin(3)
db, dc = 6 / 9, math.cos(3)
dd = db * c + b * dc

PREDICTIONS = {
    "slope": r"\frac{2 \sin(x)}{x} + \ln(x^2) \cos(x) - \frac{1}{x^2}",
    "tangents": [6.0, db, dc, dd, -1 / 9, dd - 1 / 9],
    "adjoints": [1.0, 1.0, b, c, c / 9, c / 9 * 6 + b * math.cos(3) - 1 / 9],
}
