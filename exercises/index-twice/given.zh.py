import torch

w = torch.tensor([0.5, -1.0, 3.0], requires_grad=True)
idx = torch.tensor([0, 0, 1])

y = w[idx].sum()          # growth: w[0] 从 0.5 变到 0.6 时，y 增大多少？
y.backward()
w.grad                    # w_grad: ?
