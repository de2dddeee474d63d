import torch

x = torch.tensor(4.0, requires_grad=True)
y = x * (x**2).detach()
y.backward()
x.grad                    # x_grad: ?
