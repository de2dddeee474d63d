import torch


def nodes(t):
    """t 背后的计算图有多少个节点。"""
    found, todo = set(), [t.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in found:
            found.add(node)
            todo += [following for following, _ in node.next_functions]
    return len(found)


x = torch.tensor(1.5, requires_grad=True)
y = x * torch.sin(x)
(g,) = torch.autograd.grad(y, x, create_graph=True)

nodes(y)                  # counts[0]: ?
nodes(g)                  # counts[1]: ?
