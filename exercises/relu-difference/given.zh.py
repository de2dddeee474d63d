import torch

x = torch.tensor(0.0, requires_grad=True)
y = torch.relu(x) - torch.relu(-x)
y.backward()
x.grad                    # at_zero[0]: ?
                          # at_zero[1]: 同一点处的导数？
