import torch

w = torch.tensor([1.0, 1.0], requires_grad=True)
x = torch.tensor([1.5, 2.0], requires_grad=True)

d = (w * x**2).sum()
(slope,) = torch.autograd.grad(d, x, create_graph=True)   # [3., 4.]
p = (slope.norm() - 1) ** 2                               # 16.
p.backward()
w.grad                                                    # w_grad: ?
