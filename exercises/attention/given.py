import torch

q = torch.zeros(4, requires_grad=True)
K = torch.tensor([[2.0, 0.0, 0.0, 0.0],
                  [0.0, 4.0, 0.0, 0.0]])
V = torch.tensor([[1.0], [5.0]], requires_grad=True)

scores = K @ q / 4**0.5
weights = torch.softmax(scores, dim=0)
out = weights @ V
out.sum().backward()
q.grad                    # q_grad: ?
V.grad                    # V_grad: ?
