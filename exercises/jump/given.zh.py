import torch

def f(x):                 # 只接受一个数
    return x if x < 1 else x + 5

x = torch.tensor(1.0, requires_grad=True)
f(x).backward()
x.grad                    # at_one: ?

h = 1e-6
(f(1 + h) - f(1 - h)) / (2 * h)   # quotient_agrees: 接近 x.grad 吗？
