import torch

x = torch.tensor({{x.code}}, requires_grad=True)
y = x.detach() * x + x**2
y.backward()
x.grad                    # x_grad: ?
