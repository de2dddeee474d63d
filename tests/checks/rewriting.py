"""Wrong gradients made by hand: a reference's source, rewritten so that autograd itself goes wrong.

The grader reads them off the backward graph with hooks. Here an operand is detached (an edge is cut), an
operation's value is kept and its slope replaced by one (``y.detach() + t − t.detach()``: a local derivative
is left out), a ``detach`` is taken out of the source, or an intermediate is returned in the result's place.
The functions are straight lines of assignments and a ``return``; every operation in them is one node of the
graph.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

OPERATIONS: Final = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.USub: "neg",
}  # fmt: skip
NAMES: Final = {"T": "permute", "inv": "linalginvex", "det": "linalgdet"}
"""What the graph calls an operation, where that is not its function's name."""
CONSTANT: Final = frozenset({"detach", "zeros_like", "ones_like", "floor"})
"""Through these no gradient flows."""

PRELUDE: Final = '''
import torch

class OtherShape(Exception):
    """An operation that changes the shape has no local derivative to leave out."""

def cut(t):
    return t.detach()

def through(y, t):
    if y.shape != t.shape:
        raise OtherShape
    return y.detach() + (t - t.detach())

def gradient(f, args, v):
    leaf = args[0].clone().requires_grad_(True)
    output = f(leaf, *args[1:])
    if not output.requires_grad:
        return torch.zeros_like(leaf)
    v = torch.ones_like(output) if v is None else v
    found, = torch.autograd.grad(output, leaf, v, allow_unused=True)
    return torch.zeros_like(leaf) if found is None else found

def second(f, args, v):
    leaf = args[0].clone().requires_grad_(True)
    output = f(leaf, *args[1:])
    first, = torch.autograd.grad(output, leaf, torch.ones_like(output) if v is None else v, create_graph=True)
    if not first.requires_grad:
        return torch.zeros_like(leaf)
    found, = torch.autograd.grad(first.sum(), leaf, allow_unused=True)
    return torch.zeros_like(leaf) if found is None else found

def rows(f, args):
    leaf = args[0].clone().requires_grad_(True)
    output = f(leaf, *args[1:])
    found = []
    for i in range(output.numel()):
        row, = torch.autograd.grad(output.reshape(-1)[i], leaf, retain_graph=True)
        found.append(row.reshape(-1))
    return torch.stack(found)

def hand(f, variants, args, v):
    found = {"right": gradient(f, args, v), "second-derivative": second(f, args, v)}
    if v is not None:
        found["missing-factor:v|cotangent"] = gradient(f, args, torch.ones_like(v))
        found["reduced:v"] = gradient(f, args, torch.ones_like(v) * v.sum())
        matrix = rows(f, args)
        if matrix.shape[0] == matrix.shape[1]:
            found["transpose"] = matrix @ v
            found["diagonal-only"] = torch.diag(matrix) * v
    for key, g in variants.items():
        try:
            # A part is asked as f would be if it ended there.
            alone = key.endswith("|after") and v is not None and g(*args).shape != v.shape
            found[key] = gradient(g, args, None if alone else v)
        except OtherShape:
            pass
    return found
'''


@dataclass(frozen=True)
class Reference:
    """One function: its name, the names of its arguments (the first is the leaf), and its source."""

    name: str
    arguments: tuple[str, ...]
    tree: ast.FunctionDef

    @property
    def source(self) -> str:
        """The function as it is."""
        return ast.unparse(self.tree)


def references(text: str) -> list[Reference]:
    """Every function of a module."""
    return [
        Reference(node.name, tuple(a.arg for a in node.args.args), node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    ]


def by_hand(reference: Reference) -> str:
    """A module's functions that make all wrong answers to ``reference``; needs :data:`PRELUDE`.

    ``hand_<name>(*args, v)`` returns them by a key: ``code:label#n``, the label as the grader should give it,
    the number only to tell them apart.
    """
    variants = dict(_variants(reference.tree))
    lines = [reference.source]
    names = []
    for n, (key, tree) in enumerate(variants.items()):
        tree.name = f"{reference.name}_{n}"
        names.append(f"    {key!r}: {tree.name},")
        lines.append(ast.unparse(tree))
    arguments = ", ".join(reference.arguments)
    lines.append(f"{reference.name}_variants = {{\n" + "\n".join(names) + "\n}")
    lines.append(
        f"def hand_{reference.name}({arguments}, v=None):\n"
        f"    return hand({reference.name}, {reference.name}_variants, ({arguments},), v)"
    )
    return "\n".join(lines)


def _variants(tree: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Each rewritten function, by its key."""
    live = _live_names(tree)
    assigned = _assigned(tree)
    for n, node in enumerate(_operations(tree)):
        operands = [o for o in _operands(node) if _is_live(o, live)]
        if not operands or not _is_live(node, live):
            continue
        operation = _operation(node)
        if len(operands) > 1:
            for k, operand in enumerate(operands):
                label = f"{operand.id if isinstance(operand, ast.Name) else ''}|{operation}"
                yield f"missing-path:{label}#{n}.{k}", _replaced(tree, operand, lambda o: _call("cut", o))
        else:
            label = f"{assigned.get(id(node), '')}|{operation}"
            operand = operands[0]
            yield (
                f"missing-factor:{label}#{n}",
                _replaced(tree, node, lambda e, o=operand: _call("through", e, o)),  # type: ignore[misc]
            )
    cuts = [node for node in ast.walk(tree) if _is_cut(node)]
    cuts.sort(key=lambda node: (getattr(node, "lineno", 0), getattr(node, "end_col_offset", 0)))
    held = [assigned.get(id(node), "") for node in cuts]
    if len(cuts) > 1:
        for n in range(len(cuts)):
            yield f"undetached:{held[n]}|#{n}", _without_cuts(tree, {n})
    if cuts:
        label = held[0] if len(cuts) == 1 else ""
        yield f"undetached:{label}|#all", _without_cuts(tree, set(range(len(cuts))))
    whole = _without_cuts(tree, set(range(len(cuts))))
    # What was the leaf, detached, is now the leaf.
    alive = _live_names(whole) - {
        n.targets[0].id
        for n in ast.walk(whole)
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and _is_leaf(n.value, tree)
    }
    returned = next(n for n in ast.walk(tree) if isinstance(n, ast.Return)).value
    for name in dict.fromkeys(assigned.values()):
        if name in alive and not (isinstance(returned, ast.Name) and returned.id == name):
            part = copy.deepcopy(whole)
            last = next(n for n in ast.walk(part) if isinstance(n, ast.Return))
            last.value = ast.Name(name, ast.Load())
            yield f"missing-factor:{name}|after", ast.fix_missing_locations(part)


def _operations(tree: ast.FunctionDef) -> list[ast.expr]:
    """What is recorded: no cut, and nothing that comes before one only."""
    hidden = {id(inner) for node in ast.walk(tree) if _is_cut(node) for inner in ast.walk(node)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.expr) and _operands(n) and id(n) not in hidden]


def _operands(node: ast.AST) -> list[ast.expr]:
    """What an operation is done to; empty for what is none."""
    match node:
        case ast.BinOp(left=a, right=b):
            return [a, b]
        case ast.UnaryOp(operand=a):
            return [a]
        case ast.Call(func=ast.Attribute(value=ast.Name("torch") | ast.Attribute()), args=args):
            return [x for a in args for x in (a.elts if isinstance(a, ast.List | ast.Tuple) else [a])]
        case ast.Call(func=ast.Attribute(value=receiver), args=args):
            return [receiver, *args]
        case ast.Subscript(value=a) | ast.Attribute(value=a, attr="T"):
            return [a]
        case _:
            return []


def _operation(node: ast.expr) -> str:
    match node:
        case ast.BinOp(left=ast.Constant(), op=ast.Sub()):
            return "rsub"
        case ast.BinOp(op=ast.MatMult()):
            return "@"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return OPERATIONS[type(op)]
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Attribute(attr=name):
            return NAMES.get(name, name.replace("_", ""))
        case _:
            return "[]"


def _is_cut(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="detach")) | ast.Attribute(attr="data"):
            return True
        case ast.With():
            return True
        case _:
            return False


def _is_live(node: ast.AST, live: frozenset[str]) -> bool:
    """Whether a gradient flows back through an expression."""
    match node:
        case ast.Name(id=name):
            return name in live
        case ast.Compare() | ast.Attribute(attr="data"):
            return False
        case ast.Call(func=ast.Attribute(attr=name)) if name in CONSTANT:
            return False
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return any(_is_live(item, live) for item in items)
        case _:
            return any(_is_live(operand, live) for operand in _operands(node))


def _is_leaf(node: ast.expr, tree: ast.FunctionDef) -> bool:
    return isinstance(node, ast.Name) and node.id == tree.args.args[0].arg


def _live_names(tree: ast.FunctionDef) -> frozenset[str]:
    """The leaf, and what was computed from it outside ``no_grad``."""
    live = {tree.args.args[0].arg}
    # An ``if True:`` stands where a block without recording was.
    lines = [inner for line in tree.body for inner in (line.body if isinstance(line, ast.If) else [line])]
    for line in lines:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_live(value, frozenset(live)):
                live.add(name)
            case _:
                pass
    return frozenset(live)


def _assigned(tree: ast.FunctionDef) -> dict[int, str]:
    """The variable that each expression is given to, by the expression's identity."""
    return {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [copy.deepcopy(a) for a in arguments], [])


def _replaced(
    tree: ast.FunctionDef, target: ast.expr, change: Callable[[ast.expr], ast.expr]
) -> ast.FunctionDef:
    """The function with one expression of it replaced."""
    memo: dict[int, object] = {}
    fresh = copy.deepcopy(tree, memo)
    found = memo[id(target)]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is found:
                return change(target)
            return self.generic_visit(node)

    Replace().visit(fresh)
    return ast.fix_missing_locations(fresh)


def _without_cuts(tree: ast.FunctionDef, which: set[int]) -> ast.FunctionDef:
    """The function with some of its cuts, counted in the order in which they happen, taken out."""
    cuts = [node for node in ast.walk(tree) if _is_cut(node)]
    cuts.sort(key=lambda node: (getattr(node, "lineno", 0), getattr(node, "end_col_offset", 0)))
    memo: dict[int, object] = {}
    fresh = copy.deepcopy(tree, memo)
    gone = {id(memo[id(node)]) for n, node in enumerate(cuts) if n in which}

    class TakeOut(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            self.generic_visit(node)
            if id(node) not in gone:
                return node
            match node:
                case ast.Call(func=ast.Attribute(value=inner)) | ast.Attribute(value=inner):
                    return inner
                case ast.With(body=body):
                    return ast.If(ast.Constant(True), body, [])
                case _:
                    return node

    TakeOut().visit(fresh)
    return ast.fix_missing_locations(fresh)
