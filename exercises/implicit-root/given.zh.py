import torch

x = torch.tensor([2.0, 10.0], requires_grad=True)

y = x.detach()
with torch.no_grad():
    for _ in range(50):
        y = y - (y**3 + y - x) / (3 * y**2 + 1)
# 此时 y 是 [1.0, 2.0]

y = y - (y**3 + y - x) / (3 * y**2 + 1)
y.sum().backward()
x.grad                    # x_grad: ?
