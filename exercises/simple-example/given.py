import torch

x = {{x.code}}
x.requires_grad_(True)
x.grad                    # grad_before: ?

y = 2 * torch.dot(x, x)
y                         # y: ?

y.backward()
x.grad                    # x_grad: ?

x.grad.zero_()
x.grad                    # after_zero: ?

y = x.sum()
y.backward()
x.grad                    # sum_grad: ?

# Now everything again from the top, but without the line x.grad.zero_().
# What does the last line show?   sum_grad_without_zero: ?
