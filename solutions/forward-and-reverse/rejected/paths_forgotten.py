#: score = 4
#: push = "failed author:product-of-tangents"
#: pull = "failed missing-path"
#: adjoints = "failed author:without-e"
# 反向时忘了 e 那一行；前向时把两个切向量乘在了一起
import torch


def push(x, t):
    db = 2 / x * t
    dc = torch.cos(x) * t
    return db * dc - t / x**2


def pull(x, v):
    a = x * x
    dc = v * torch.log(a)
    da = v * torch.sin(x) / a
    return dc * torch.cos(x) + da * 2 * x


PREDICTIONS = {
    "slope": "2*sin(x)/x + ln(x^2)*cos(x) - 1/x^2",
    "tangents": [6, 0.667, -0.990, -2.08, -0.111, -2.19],
    "adjoints": [1, 1, 2.197, 0.1411, 0.01568, -2.0812],
}
