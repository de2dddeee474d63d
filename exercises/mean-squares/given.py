import torch

x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad                    # x_grad: ?

# The same four numbers, written twice
x = torch.tensor([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0], requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad[0]                 # first_of_eight: ?
