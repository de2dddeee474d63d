import torch

x = {{x.code}}
y = x * x
u = y.detach()
z = u * x

z.sum().backward()
x.grad == {{t.code}}               # u_equals_grad: ?

x.grad.zero_()
y.sum().backward()
x.grad                    # grad_y(x) 应当返回的结果
