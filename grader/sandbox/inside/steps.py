"""Steps: one call of torch (softmax, say), written out in elementary operations.

``F.softmax(x, 1)`` is one node of autograd's graph and ``e = exp(x); e / e.sum(1, keepdim=True)`` is four:
what a student may leave out is the same. So that the style of a reference does not decide which wrong
answers are known, a reference is also run with the calls below replaced by their definitions.

How: torch's Python dispatcher asks a table of ours for the autograd kernel of an operator, wherever it is
called from (``F.cross_entropy`` comes to ``_log_softmax``). Only references are run so, never a student's
code, and what is right always comes from torch's own kernels.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

Nodes = dict[Any, str]
"""The nodes of a graph that were made inside one of the calls, with the call's name."""


def _softmax(x: Any, dim: int, _: bool) -> Any:
    # The maximum is subtracted for the numbers' sake only; no gradient flows through it.
    e = torch.exp(x - x.detach().amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)


def _safe_softmax(x: Any, dim: int, dtype: Any = None) -> Any:
    if dtype is not None or not bool(torch.isfinite(x).all()):
        raise NotImplementedError
    return _softmax(x, dim, False)


def _log_softmax(x: Any, dim: int, _: bool) -> Any:
    moved = x - x.detach().amax(dim, keepdim=True)
    return moved - torch.log(torch.exp(moved).sum(dim, keepdim=True))


def _logsumexp(x: Any, dim: Any, keepdim: bool = False) -> Any:
    top = x.detach().amax(dim, keepdim=True)
    total = torch.log(torch.exp(x - top).sum(dim, keepdim=True)) + top
    return total if keepdim else total.squeeze(dim)


def _logaddexp(a: Any, b: Any) -> Any:
    return torch.log(torch.exp(a) + torch.exp(b))


def _layer_norm(x: Any, shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    dims = list(range(-len(shape), 0))
    centred = x - x.mean(dims, keepdim=True)
    spread = torch.sqrt((centred * centred).mean(dims, keepdim=True) + eps)
    result = _affine(centred / spread, weight, bias)
    return result, x.detach().mean(dims, keepdim=True), 1 / spread.detach()


def _batch_norm(
    x: Any, weight: Any, bias: Any, _mean: Any, _var: Any, training: bool, _rate: float, eps: float
) -> Any:
    if not training:
        raise NotImplementedError
    shape = [1, -1, *(1 for _ in range(x.dim() - 2))]
    dims = [0, *range(2, x.dim())]
    centred = x - x.mean(dims, keepdim=True)
    spread = torch.sqrt((centred * centred).mean(dims, keepdim=True) + eps)
    result = _affine(
        centred / spread, *(None if part is None else part.reshape(shape) for part in (weight, bias))
    )
    return result, x.detach().mean(dims), 1 / spread.detach().reshape(-1)


def _affine(x: Any, weight: Any, bias: Any) -> Any:
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _reduced(loss: Any, reduction: int) -> Any:
    return (loss, loss.mean() if reduction == 1 else None, loss.sum() if reduction == 2 else None)[reduction]


def _mse(a: Any, b: Any, reduction: int = 1) -> Any:
    gap = a - b
    return _reduced(gap * gap, reduction)


def _bce(p: Any, y: Any, weight: Any = None, reduction: int = 1) -> Any:
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p))
    return _reduced(loss if weight is None else loss * weight, reduction)


def _bce_with_logits(x: Any, y: Any, weight: Any = None, pos: Any = None, reduction: int = 1) -> Any:
    p = torch.sigmoid(x)
    hit = y * torch.log(p)
    loss = -((hit if pos is None else pos * hit) + (1 - y) * torch.log(1 - p))
    return _reduced(loss if weight is None else loss * weight, reduction)


def _var(x: Any, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Any:
    dims = list(range(x.dim())) if not dim else list(dim)
    n = math.prod(x.shape[d] for d in dims) - (1 if correction is None else correction)
    centred = x - x.mean(dims, keepdim=True)
    return (centred * centred).sum(dims, keepdim=keepdim) / n


def _std(x: Any, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Any:
    return torch.sqrt(_var(x, dim, correction=correction, keepdim=keepdim))


def _norm(x: Any, order: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    if order != 2 or dtype is not None:
        raise NotImplementedError
    dims = list(range(x.dim())) if not dim else list(dim)
    return torch.sqrt((x * x).sum(dims, keepdim=keepdim))


def _silu(x: Any) -> Any:
    return x * torch.sigmoid(x)


def _gelu(x: Any, *, approximate: str = "none") -> Any:
    if approximate != "none":
        raise NotImplementedError
    return x * (0.5 * (1 + torch.erf(x / math.sqrt(2))))


def _mish(x: Any) -> Any:
    return x * torch.tanh(torch.log(1 + torch.exp(x)))


def _softplus(x: Any, beta: Any = 1, threshold: Any = 20) -> Any:
    if bool((beta * x > threshold).any()):
        raise NotImplementedError
    return torch.log(1 + torch.exp(beta * x)) / beta


def _xlogy(x: Any, y: Any) -> Any:
    return x * torch.log(y)


def _hypot(x: Any, y: Any) -> Any:
    return torch.sqrt(x * x + y * y)


def _addmm(b: Any, x: Any, y: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    if (beta, alpha) != (1, 1):
        raise NotImplementedError
    return torch.mm(x, y) + b


def _attention(
    q: Any, k: Any, v: Any, p: float = 0.0, causal: bool = False, *, attn_mask: Any = None, scale: Any = None
) -> Any:
    if p or causal or attn_mask is not None:
        raise NotImplementedError
    scores = q @ k.transpose(-2, -1)
    scaled = scores / math.sqrt(q.shape[-1]) if scale is None else scores * scale
    return torch.softmax(scaled, -1) @ v, torch.logsumexp(scaled.detach(), -1)


_WRITTEN_OUT: dict[str, tuple[str, Callable[..., Any]]] = {
    "_softmax.default": ("softmax", _softmax),
    "_safe_softmax.default": ("softmax", _safe_softmax),
    "_log_softmax.default": ("log_softmax", _log_softmax),
    "logsumexp.default": ("logsumexp", _logsumexp),
    "logaddexp.default": ("logaddexp", _logaddexp),
    "native_layer_norm.default": ("layer_norm", _layer_norm),
    "native_batch_norm.default": ("batch_norm", _batch_norm),
    "mse_loss.default": ("mse_loss", _mse),
    "binary_cross_entropy.default": ("binary_cross_entropy", _bce),
    "binary_cross_entropy_with_logits.default": ("binary_cross_entropy_with_logits", _bce_with_logits),
    "var.correction": ("var", _var),
    "std.correction": ("std", _std),
    "linalg_vector_norm.default": ("norm", _norm),
    "silu.default": ("silu", _silu),
    "gelu.default": ("gelu", _gelu),
    "mish.default": ("mish", _mish),
    "softplus.default": ("softplus", _softplus),
    "xlogy.Tensor": ("xlogy", _xlogy),
    "hypot.default": ("hypot", _hypot),
    "addmm.default": ("addmm", _addmm),
    "_scaled_dot_product_flash_attention_for_cpu.default": ("scaled_dot_product_attention", _attention),
}
"""By the operator's overload: what it is called in a sentence, and its definition."""

_made: Nodes = {}
_known = False


@contextlib.contextmanager
def written_out() -> Iterator[Nodes]:
    """Run what is inside with the calls above in steps; yields the nodes that these steps leave.

    The nodes are alive as long as what is yielded, so that none is taken for another.
    """
    global _made
    _know()
    _made = {}
    with torch._C._EnablePythonDispatcher():
        yield _made


def _know() -> None:
    """Enter the definitions into the dispatcher's tables, once for this process."""
    global _known
    if _known:
        return
    _known = True
    for name, (said, definition) in _WRITTEN_OUT.items():
        packet, overload = name.split(".")
        operator = getattr(getattr(torch.ops.aten, packet, None), overload, None)
        if operator is not None:  # another version of torch may not have it
            operator.py_impl(torch._C.DispatchKey.AutogradCPU)(_noting(said, definition))


def _noting(said: str, definition: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        result = definition(*args, **kwargs)
        before = {a.grad_fn for a in (*args, *kwargs.values()) if isinstance(a, torch.Tensor) and a.grad_fn}
        queue = [r.grad_fn for r in (result if isinstance(result, tuple) else (result,)) if r is not None]
        while queue:
            node = queue.pop()
            if node is None or node in before or hasattr(node, "variable") or _made.get(node) == said:
                continue
            _made[node] = said  # a call inside another is part of the outer one
            queue += [following for following, _ in node.next_functions]
        return result

    return run
