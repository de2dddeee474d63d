import torch

x = torch.tensor(2.0, requires_grad=True)
y = torch.log(x**2) * torch.sin(x) + 1 / x
y.backward()
x.grad                    # at_two: ?
