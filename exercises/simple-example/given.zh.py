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

# 现在从头再来一遍，但去掉 x.grad.zero_() 那一行。
# 最后一行显示什么？   sum_grad_without_zero: ?
