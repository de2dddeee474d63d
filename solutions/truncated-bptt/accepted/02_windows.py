#: score = 10
# 一段一段地处理：每一段开头的状态只是一个数
import torch


def total(w, x, k):
    状态 = torch.zeros_like(w)
    各段 = []
    for 段 in x.split(int(k)):
        状态 = 状态.detach()
        for xt in 段:
            状态 = torch.tanh(状态 * w + xt)
            各段.append(状态)
    return torch.stack(各段).sum()


def grad_w(w, x, k):
    # 在每一段里从后往前传
    h = torch.zeros_like(w)
    结果 = torch.zeros_like(w)
    for 段 in x.split(int(k)):
        前 = []
        后 = []
        for xt in 段:
            前.append(h)
            h = torch.tanh(h * w + xt)
            后.append(h)
        传回 = 0.0
        for a, b in zip(reversed(前), reversed(后)):
            传回 = (传回 + 1.0) * (1 - b * b)
            结果 = 结果 + 传回 * a
            传回 = 传回 * w
    return 结果


PREDICTIONS = {"x_grad": torch.tensor([0.0, 0.0, 2.0, 1.0]), "w_grad": torch.tensor(13.0)}
