import torch

x = {{x.code}}
y = x * x
u = y.detach()
z = u * x

z.sum().backward()
x.grad == {{t.code}}               # u_equals_grad: ?

x.grad.zero_()
y.sum().backward()
x.grad                    # what grad_y(x) should return
