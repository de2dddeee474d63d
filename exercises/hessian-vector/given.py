import torch

x = torch.tensor({{x.code}}, requires_grad=True)
v = torch.tensor({{v.code}})

y = x[0] ** 2 * x[1] + x[1] ** 3
(g,) = torch.autograd.grad(y, x, create_graph=True)
torch.autograd.grad(g, x, v)[0]       # product: ?
