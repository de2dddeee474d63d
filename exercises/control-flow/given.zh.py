import torch

# f 是你要写的函数
a = torch.randn(size=(), requires_grad=True)
d = f(a)
d.backward()
a.grad                    # ratio: 总是 d / a 吗？
