import torch
import torch.nn.functional as F

logits = torch.zeros(2, 4, requires_grad=True)
targets = torch.tensor([1, 3])
loss = F.cross_entropy(logits, targets)
loss.backward()
logits.grad               # logits_grad: ?
