import torch

w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor([1.0, 1.0, 1.0, 1.0], requires_grad=True)

h = torch.tensor(0.0)
for t in range(4):
    if t == 2:
        h = h.detach()
    h = w * h + x[t]      # 这里不用 tanh，以便手算
h.backward()
x.grad                    # x_grad: ?
w.grad                    # w_grad: ?
