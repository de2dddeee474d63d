import torch

x = torch.tensor(2.0, requires_grad=True)

y = x**2
y.backward()
x.grad                    # after_first: ?

z = 3 * x
z.backward()
x.grad                    # after_second: ?

z = 3 * x
z.backward()
x.grad                    # after_third: ?
