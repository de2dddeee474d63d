import torch

x = torch.tensor({{x.code}}, requires_grad=True)
with torch.no_grad():
    u = x**2
z = u * x
x.requires_grad, u.requires_grad, z.requires_grad    # recorded: ?

z.backward()
x.grad                    # x_grad: ?
