import torch

x = torch.tensor({{x.code}}, requires_grad=True)

y = torch.tensor(1.0)
for k in range({{n.code}}):
    y = y * x
y.backward()
x.grad                    # x_grad: ?

x.grad = None
y = torch.tensor(1.0)
for k in range({{n.code}}):
    y = y.detach() * x
y.backward()
x.grad                    # cut_grad: ?
