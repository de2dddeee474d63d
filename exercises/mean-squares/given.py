import torch

x = torch.tensor({{x.code}}, requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad                    # x_grad: ?

# The same four numbers, written twice
x = torch.tensor([{{x[0].code}}, {{x[1].code}}, {{x[2].code}}, {{x[3].code}}, {{x[0].code}}, {{x[1].code}}, {{x[2].code}}, {{x[3].code}}], requires_grad=True)
y = (x**2).mean()
y.backward()
x.grad[0]                 # first_of_eight: ?
