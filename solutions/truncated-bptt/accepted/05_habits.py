#: score = 10
import torch


class Net:
    def __init__(self):
        self.h = torch.zeros(())

    def step(self, w, x_t):
        self.h = torch.tanh(w * self.h + x_t)
        return self.h

    def forget(self):
        self.h = self.h.detach()


def total(w, x, k):
    net = Net()
    loss = torch.tensor(0.0)
    for t, x_t in enumerate(x):
        if t % k == 0:
            net.forget()
        loss = loss + net.step(w, x_t)
    return loss


def grad_w(w, x, k):
    w = w.clone().requires_grad_()
    x = x.clone().requires_grad_()
    h, dh, answer = 0.0, 0.0, 0.0
    for t in range(len(x)):
        if t % k == 0:
            dh = 0.0
        dh = h + w * dh
        h = torch.tanh(w * h + x[t])
        dh = dh * (1.0 - h**2)
        answer = answer + dh
    return answer.detach()


PREDICTIONS = {"x_grad": [0.0, 0.0, 2.0, 1.0], "w_grad": 13.0}

w = torch.tensor(0.5, requires_grad=True)
x = torch.tensor([0.1, 0.2, 0.3, 0.4])
loss = total(w, x, 2)
loss.backward()
print(w.grad, grad_w(w, x, 2))
loss.backward()
