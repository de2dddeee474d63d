import torch

x = torch.tensor({{x.code}}, requires_grad=True)
y = x.prod()
y.backward()
x.grad                    # x_grad: ?
