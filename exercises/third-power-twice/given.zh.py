import torch

x = torch.tensor(3.0, requires_grad=True)

y = x ** 3
(g,) = torch.autograd.grad(y, x, create_graph=True)
(h,) = torch.autograd.grad(g, x)
h                                     # second_f 在 3 处返回的结果

y = x ** 3
(g,) = torch.autograd.grad(y, x)      # 同上，但不加 create_graph
torch.autograd.grad(g, x)             # without_graph: ?
