import torch

x = torch.tensor(3.0, requires_grad=True)

y = torch.tensor(1.0)
for k in range(4):
    y = y * x
y.backward()
x.grad                    # x_grad: ?

x.grad = None
y = torch.tensor(1.0)
for k in range(4):
    y = y.detach() * x
y.backward()
x.grad                    # cut_grad: ?
