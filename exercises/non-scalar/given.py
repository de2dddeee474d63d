import torch

x = {{x.code}}
y = x * x
y.sum().backward()
x.grad                    # x_grad: ?
