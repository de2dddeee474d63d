import torch

w = torch.tensor([0.5, -1.0, 3.0], requires_grad=True)
idx = torch.tensor([0, 0, 1])

y = w[idx].sum()          # growth: by how much does y grow when w[0] goes from 0.5 to 0.6?
y.backward()
w.grad                    # w_grad: ?
