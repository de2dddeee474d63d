import torch

x = torch.tensor(3.0, requires_grad=True)

y = x ** 3
(g,) = torch.autograd.grad(y, x, create_graph=True)
(h,) = torch.autograd.grad(g, x)
h                                     # what second_f returns at 3

y = x ** 3
(g,) = torch.autograd.grad(y, x)      # the same, without create_graph
torch.autograd.grad(g, x)             # without_graph: ?
