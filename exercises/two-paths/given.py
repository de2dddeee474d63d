import torch

x = torch.tensor({{x.code}}, requires_grad=True)
w = torch.tensor({{w.code}}, requires_grad=True)

a = x * w
b = w**2
y = a + b
y.backward()

w.grad                    # w_grad: ?
x.grad                    # x_grad: ?
