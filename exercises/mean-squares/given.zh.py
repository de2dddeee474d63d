import torch

x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad                    # x_grad: ?

# 同样的四个数，写两遍
x = torch.tensor([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0], requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad[0]                 # first_of_eight: ?
