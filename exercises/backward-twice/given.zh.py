import torch

x = torch.tensor([1.5, -2.0, 0.5], requires_grad=True)   # 每一行都重新建立 x

y = x.exp().sum(); y.backward();                  y.backward()    # lines[0]: ?
y = (x + 1).sum(); y.backward();                  y.backward()    # lines[1]: ?
y = (x * x).sum(); y.backward(retain_graph=True); y.backward()    # lines[2]: ?
y = x.sum();       y.backward(); x.grad.zero_();  y.backward()    # lines[3]: ?
