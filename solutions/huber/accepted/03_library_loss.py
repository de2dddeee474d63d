#: score = 10
import torch
import torch.nn.functional as F


def loss(w, X, y, delta):
    return F.huber_loss(torch.mv(X, w), y, reduction="sum", delta=float(delta))


def grad_w(w, X, y, delta):
    r = torch.mv(X, w) - y
    inside = (r.abs() < delta).to(r.dtype)
    slope = inside * r + (1 - inside) * delta * r.sign()
    return torch.einsum("n,nd->d", slope, X)


PREDICTIONS = dict(r_grad=(0.5, -2, 2, 2))

w = torch.zeros(2, requires_grad=True)
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
y = torch.tensor([1.0, 10.0])
loss(w, X, y, 2.0).backward()
print(w.grad, grad_w(w.detach(), X, y, torch.tensor(2.0)))
