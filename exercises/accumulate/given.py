import torch

x = torch.tensor({{x.code}}, requires_grad=True)

y = x**2
y.backward()
x.grad                    # after_first: ?

z = 3 * x
z.backward()
x.grad                    # after_second: ?

z = 3 * x
z.backward()
x.grad                    # after_third: ?
