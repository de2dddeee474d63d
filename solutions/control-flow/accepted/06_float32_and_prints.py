#: score = 10
import torch


def f(a):
    b = a * 2
    i = 0
    while b.norm() < 1000:
        b = b * 2
        i = i + 1
    print("循环次数:", i)
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


def grad_f(a):
    d = f(a)
    k = d.item() / a.item()
    print("斜率:", k)
    return torch.tensor(k)


PREDICTIONS = {
    "ratio": True,  # f(a) = k*a，k 是常数
}

if __name__ == "__main__":
    a = torch.randn(size=(), requires_grad=True)
    f(a).backward()
    print(a.grad, grad_f(a))
