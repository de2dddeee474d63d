"""Sentences in place of messages of torch (and Python): the table of :mod:`grader.checks.torch_errors`.

Each sentence has to be true wherever its message can come from, so it names causes, not the cause. At a hidden
case ``#`` stands for each number of a message (:mod:`grader.checks.hidden`); the patterns take either, and
shapes are only quoted where they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grader.model.text import Text

_N: Final = r"(?:-?\d+|#)"
"""A number of a message, or what stands for it."""
Say = Callable[[re.Match[str]], Text]


@dataclass(frozen=True)
class Record:
    """How a message reads, and what is said instead, behind "Line 5" or "It".

    :ivar whole: the sentence has a subject of its own.
    """

    pattern: re.Pattern[str]
    say: Say
    whole: bool = False


def _record(pattern: str, en: str, zh: str, *, whole: bool = False) -> Record:
    """A record that says the same whatever the message holds."""
    said = Text(en, zh)
    return Record(re.compile(pattern), lambda _: said, whole)


def _shapes(found: re.Match[str]) -> Text:
    left, right = found.groups()
    shown = "#" not in left + right
    en, zh = (f" ({left} and {right})", f"（{left} 与 {right}）") if shown else ("", "")
    return Text(
        f"multiplies matrices whose shapes do not fit{en}: the first must have as many columns as the second has rows. "
        "Is a .T missing, or is * meant?",
        f"相乘的两个矩阵形状不匹配{zh}：前者的列数必须等于后者的行数。是不是漏了 .T，或者本想写 *？",
    )


def _sizes(found: re.Match[str]) -> Text:
    a, b, axis = found.groups()
    shown = "#" not in a + b + axis
    en, zh = (f" ({a} and {b} along axis {axis})", f"（第 {axis} 维上是 {a} 与 {b}）") if shown else ("", "")
    return Text(
        f"combines tensors whose shapes do not fit{en}: along each axis they must be equal, or one of them 1.",
        f"把形状不匹配的张量放在一起运算{zh}：每一维的长度必须相等，或者其中一个为 1。",
    )


def _not_a_tensor(found: re.Match[str]) -> Text:
    function, kind = found.group(1), found.group(2)
    a = "an" if kind[:1].lower() in "aeiou" else "a"
    return Text(
        f"gives {function}() {a} {kind} where a tensor is needed. torch.tensor(…) makes one of plain numbers, "
        "torch.stack(…) of a list of tensors.",
        f"给 {function}() 的参数是 {kind}，而这里需要张量。普通的数可用 torch.tensor(…) 转成张量，张量的列表可用 torch.stack(…)。",
    )


def _no_attribute(found: re.Match[str]) -> Text:
    kind, name = found.groups()
    a = "an" if kind[:1].lower() in "aeiou" else "a"
    return Text(
        f"asks {a} {kind} for .{name}, which a tensor has. Where did it stop being a tensor "
        "(.item(), float(), numpy, a list)?",
        f"在 {kind} 上使用了 .{name}，而那是张量才有的。它是在哪里变得不再是张量的（.item()、float()、numpy、列表）？",
    )


def _pair(found: re.Match[str]) -> Text:
    name = found.group(1)
    return Text(
        f"fails on the pair (values, indices) that torch.{name} gives along a dimension: take the numbers out of it with .values "
        "(.indices says where they stand).",
        f"对 torch.{name} 沿一个维度给出的二元组 (values, indices) 作了不能作的运算：请用 .values 取出其中的数值（.indices 是它们所在的位置）。",
    )


def _dtypes(_: re.Match[str]) -> Text:
    return Text(
        "brings together tensors of different types, such as float and double. Give your own tensors the type of "
        "the input, with dtype=x.dtype or .to(x.dtype).",
        "把不同类型的张量（例如 float 与 double）放在一起运算。请让你自己建的张量与输入类型一致：dtype=x.dtype，或 .to(x.dtype)。",
    )


_TENSORS_ALONE: Final = (
    "backward|requires_grad_|requires_grad|grad|grad_fn|detach|clone|item|numpy|sum|mean|dot|norm|exp|sin|cos|tanh"
    "|log|sqrt|abs|pow|square|relu|sigmoid|softmax|matmul|mm|mv|t|T|mT|shape|size|dim|numel|dtype|to|double"
    "|float|max|min|unsqueeze|squeeze|view|reshape|zero_|clamp|outer|flatten|transpose|permute|add|sub|mul|div|layout|log_softmax"
)

RECORDS: Final[tuple[Record, ...]] = (
    # Before those that speak of any type. torch names these types after the function.
    Record(
        re.compile(r"torch\.return_types\.(max|min|sort|topk|kthvalue|mode|median|nanmedian|cummax|cummin)\b"), _pair
    ),
    # Out of autograd.
    _record(
        r"^Can't call numpy\(\) on Tensor that requires grad",
        "hands a tensor to numpy while autograd follows it. numpy lies outside of autograd, and detach() would only cut the graph: "
        "use torch's own function, such as torch.sin for np.sin.",
        "把 autograd 正在跟踪的张量交给了 numpy。numpy 在 autograd 之外，加 detach() 只会切断计算图：请改用 torch 自己的函数，例如用 torch.sin 代替 np.sin。",
    ),
    _record(
        r"^unsupported operand type\(s\) for \S+: (?:'numpy\.ndarray' and 'Tensor'|'Tensor' and 'numpy\.ndarray')",
        "computes with a numpy array and a tensor at once. numpy lies outside of autograd: use tensors throughout.",
        "同时用 numpy 数组和张量运算。numpy 在 autograd 之外：请全部使用张量。",
    ),
    _record(
        rf"^a Tensor with {_N} elements cannot be converted to Scalar|^only one element tensors can be converted to Python scalars",
        "makes one Python number of a tensor that holds several; .item(), float(), a function of math, or torch.tensor(…) around tensors does that. "
        "torch's own functions (torch.sin, torch.stack) take whole tensors and stay in the graph.",
        "把含多个数的张量当成了一个 Python 数；.item()、float()、math 里的函数，或者对张量再套 torch.tensor(…) 都会这样。"
        "torch 自己的函数（torch.sin、torch.stack）可以接受整个张量，也不会断开计算图。",
    ),
    _record(
        r"^only integer tensors of a single element can be converted to an index",
        "uses a tensor where Python needs one whole number: as an index, in range(), or to repeat a list or a tuple.",
        "在 Python 需要一个整数的地方（下标、range()，或者重复列表、元组）用了张量。",
    ),
    _record(
        rf"^'tuple' object has no attribute '(?:{_TENSORS_ALONE})'",
        "uses a tuple as if it were a tensor. torch.autograd.grad returns a tuple, one gradient for each input: take "
        "the first with [0].",
        "把元组当作张量使用了。torch.autograd.grad 返回的是元组，每个输入对应一个梯度：用 [0] 取出第一个。",
    ),
    Record(
        re.compile(rf"^'(float|int|bool|complex|list|numpy\.\w+)' object has no attribute '({_TENSORS_ALONE})'"),
        _no_attribute,
    ),
    # Truth values.
    _record(
        r"^Boolean value of Tensor with more than one value is ambiguous",
        "needs one truth value where a tensor of several numbers stands: in an if, while, and, or, not, a chain such as 0 < x < 1, or Python's own max, min. "
        "Reduce it with .any() or .all(), or choose entry by entry with torch.where.",
        "在需要单个真假值的地方用了含多个数的张量：if、while、and、or、not、0 < x < 1 这样的连写，或 Python 自带的 max、min。"
        "请用 .any()、.all() 化成一个值，或用 torch.where 逐元素选择。",
    ),
    _record(
        r"^Boolean value of Tensor with no values is ambiguous",
        "needs one truth value where an empty tensor stands.",
        "在需要单个真假值的地方用了空张量。",
    ),
    _record(
        r"^EOF when reading a line",
        "waits for input(), but nobody types here: take the numbers from the arguments of the function.",
        "在等待 input() 的输入，但这里没有人输入：请从函数的参数取得数值。",
    ),
    # In place.
    _record(
        r"modified by an inplace operation",
        "A tensor was changed in place although the backward pass still needs its old numbers. Which line uses +=, /=, an assignment to entries, "
        "or a function whose name ends with _?",
        "有一个张量被原地修改了，而反向传播还要用到它原来的值。是哪一行用了 +=、/=、对元素赋值，或名字以 _ 结尾的函数？",
        whole=True,
    ),
    _record(
        r"leaf Variable that requires grad is being used in an in-place operation",
        "changes in place a leaf (an input, say) that requires a gradient, or a part of one, which autograd does not allow. "
        "Make a new tensor, as in y = x + 1, or change a copy: y = x.clone().",
        "原地修改了一个要求梯度的叶子张量（例如输入）或它的一部分，autograd 不允许这样做。请新建张量，例如 y = x + 1，或者修改副本：y = x.clone()。",
    ),
    _record(
        r"is a view and is being modified inplace",
        "changes in place a tensor that is only a view of another one, in a way that autograd cannot follow. Make a new tensor instead.",
        "原地修改了一个张量，而它只是另一个张量的视图，autograd 无法跟踪这样的修改。请改为新建张量。",
    ),
    # Asking autograd.
    _record(
        r"^Trying to backward through the graph a second time",
        "goes back through a graph that an earlier backward used up and freed. Keep it with retain_graph=True, or compute the value anew before each backward.",
        "再次沿同一个计算图反向传播，而它已在先前的 backward 之后释放了。请用 retain_graph=True 保留它，或者在每次 backward 之前重新计算函数值。",
    ),
    _record(
        rf"^element {_N} of tensors does not require grad and does not have a grad_fn",
        "asks autograd for the derivative of a tensor with no graph behind it. Usual causes: no input requires a gradient; detach(), .item(), numpy or no_grad() on the way; "
        "or, for a second derivative, a first one taken without create_graph=True.",
        "要求 autograd 对一个没有计算图的张量求导。常见的原因：没有任何输入要求梯度；途中用了 detach()、.item()、numpy 或 no_grad()；"
        "或者在求二阶导数时，求一阶导数没有加 create_graph=True。",
    ),
    _record(
        r"^One of the differentiated Tensors does not require grad",
        "asks for the derivative with respect to a tensor that does not require a gradient: requires_grad_() was not called on it, or it was detached.",
        "要求对一个不要求梯度的张量求导：它没有调用过 requires_grad_()，或者被 detach 过。",
    ),
    _record(
        r"appears to not have been used in the graph",
        "asks for the derivative with respect to a tensor that the output was not computed from. Was the output computed from another one, such as a copy?",
        "要求对某个张量求导，但输出并不是由它算出来的。输出是不是由另一个张量（例如它的副本）算出来的？",
    ),
    _record(
        r"^grad can be implicitly created only for scalar outputs",
        "asks for the gradient of several numbers at once; without a vector, autograd takes only one. Sum them first, or give it the vector: y.backward(gradient=v).",
        "要求一次对多个数求梯度；不给出向量时，autograd 只接受一个数。请先求和，或者给出向量：y.backward(gradient=v)。",
    ),
    _record(
        r"^grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a (?:scalar )?Tensor",
        "uses torch.func.grad on a function that does not return a tensor of one number. Sum inside of it, or use torch.func.jacrev or vjp.",
        "对返回值不是单个数（张量）的函数用了 torch.func.grad。请在函数里求和，或改用 torch.func.jacrev、vjp。",
    ),
    _record(
        r"^Mismatch in shape: grad_output",
        "gives autograd a vector whose shape is not that of the output it belongs to.",
        "交给 autograd 的向量与它对应的输出形状不同。",
    ),
    _record(
        r"^[oO]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "asks for a gradient with respect to a tensor of whole numbers; only floating-point numbers have one. Write 2.0 for 2, or add dtype=torch.float64.",
        "要求对整数张量求梯度；只有浮点数才有梯度。请把 2 写成 2.0，或加上 dtype=torch.float64。",
    ),
    _record(
        r"^you can only change requires_grad flags of leaf variables",
        "sets requires_grad on a tensor that was computed from others, where it is not yours to choose. Is the line needed at all? (detach() would cut the graph there.)",
        "对一个由其他张量算出来的张量设置 requires_grad，而它的这一属性不能随意更改。这一行真的需要吗？（用 detach() 会在那里切断计算图。）",
    ),
    _record(
        r"^Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol",
        "copies a computed tensor with deepcopy, which autograd cannot follow; .clone() it can.",
        "用 deepcopy 复制了一个算出来的张量，autograd 无法跟踪；请用 .clone()。",
    ),
    # Functions of one's own.
    _record(
        r"returned an incorrect number of gradients",
        "The backward of your autograd.Function has to return one gradient for each argument of forward besides ctx, in their order; None for one that needs none.",
        "你的 autograd.Function 的 backward 要为 forward 的每个参数（ctx 除外）按顺序各返回一个梯度；不需要梯度的返回 None。",
        whole=True,
    ),
    _record(
        r"returned an invalid gradient at index",
        "The backward of your autograd.Function returns a gradient that does not fit its input; it must have the same shape (and device) as that.",
        "你的 autograd.Function 的 backward 返回的梯度与对应的输入不相配；两者的形状（和设备）必须相同。",
        whole=True,
    ),
    _record(
        r"^expected Variable or None \(got ",
        "The backward of your autograd.Function has to return a tensor or None for each argument of forward, and one of what it returns is neither. Is it the tuple that torch.autograd.grad gives, for one input too? Then take the gradient out of it with [0].",
        "你的 autograd.Function 的 backward 要为 forward 的每个参数返回张量或 None，而它返回的各项中有一项两者都不是。那一项是不是 torch.autograd.grad 给出的元组（只有一个输入时也是元组）？如果是，请用 [0] 从中取出梯度。", whole=True,
    ),
    _record(
        r"^Legacy autograd function with non-static forward",
        "uses an autograd.Function in the old way. Put @staticmethod above forward and backward, and call it as F.apply(x).",
        "以旧的方式使用 autograd.Function。请在 forward 和 backward 上面写 @staticmethod，并以 F.apply(x) 调用。",
    ),
    _record(
        r"^You must implement either the backward or vjp method",
        "Your autograd.Function has no backward; autograd needs one to go back through it.",
        "你的 autograd.Function 没有 backward；autograd 要靠它才能对这个函数反向传播。",
        whole=True,
    ),
    _record(
        r"marked with @once_differentiable",
        "Your autograd.Function is marked once_differentiable, so there is no second derivative through it.",
        "你的 autograd.Function 标有 once_differentiable，因此无法对它求二阶导数。",
        whole=True,
    ),
    # None.
    _record(
        r"^'NoneType' object (?:has no attribute|is not subscriptable|is not iterable)"
        r"|^unsupported operand type\(s\) for .*'NoneType'|must be Tensor, not NoneType|^bad operand type for unary .*'NoneType'",
        "uses None where a value is needed. A .grad is None before backward() and on a tensor that is not a leaf; a function without return gives None, and a variable may hold it that no other function has set yet.",
        "在需要数值的地方用到了 None。在 backward() 之前，或者对不是叶子的张量，.grad 都是 None；没有 return 的函数返回 None；尚未被其他函数赋值的变量里也可能是 None。",
    ),
    _record(
        r"\"bitwise_xor_cpu\" not implemented for '(?:Double|Float|Half|ComplexDouble|ComplexFloat)'|unsupported operand type\(s\) for \^: 'float'",
        "takes the bitwise exclusive or, which is what ^ means in Python. A power is written **, as in x ** 2.",
        "作了按位异或运算：在 Python 里 ^ 就是按位异或。乘方写作 **，例如 x ** 2。",
    ),
    _record(
        r"^Torch not compiled with CUDA enabled|^Found no NVIDIA driver|^No CUDA GPUs are available",
        "asks for a GPU; there is none here. Leave .cuda() or .to('cuda') out.",
        "要使用 GPU，而这里没有。请去掉 .cuda() 或 .to('cuda')。",
    ),
    _record(
        r"^unsupported operand type\(s\) for .*'builtin_function_or_method'",
        "computes with a function or method that was not called. Are brackets missing, as in x.sum()? The number of entries of a tensor is x.numel(), its shape x.shape.",
        "对一个没有调用的函数或方法作了运算。是不是漏了括号，例如 x.sum()？张量的元素个数是 x.numel()，形状是 x.shape。",
    ),
    # Types of numbers.
    Record(
        re.compile(
            r"have (?:the )?same dtype|expected scalar type \w+ but found \w+|source and destination dtypes match"
            r"|Expected self\.dtype to be equal to src\.dtype|^expected dtype \w+ for"
        ),
        _dtypes,
    ),
    _record(
        r"could not infer output dtype. Input dtype must be either a floating point or complex"
        r"|Expected a floating point or complex tensor as input"
        r"|not implemented for '(?:Long|Int|Short|Byte|Char|Bool)'",
        "computes with whole numbers or truth values what is only defined for floating-point numbers. Write 2.0 for 2, or convert with .to(x.dtype).",
        "对整数或真假值作了只对浮点数有定义的运算。请把 2 写成 2.0，或用 .to(x.dtype) 转换。",
    ),
    _record(
        r"^result type \w+ can't be cast to the desired output type (?:Long|Int|Short|Byte|Char|Bool)",
        "puts floating-point numbers into a tensor of whole numbers or truth values, which cannot hold them. Make that tensor with dtype=x.dtype.",
        "把浮点数存进了整数或真假值的张量，它存不下。请在建立那个张量时加上 dtype=x.dtype。",
    ),
    # Shapes.
    Record(re.compile(r"^mat[1#] and mat[2#] shapes cannot be multiplied \((\S+) and (\S+)\)"), _shapes),
    _record(
        r"^size mismatch, got input|^vector \+ matrix @ vector expected",
        "multiplies a matrix by a vector that does not fit: the matrix must have as many columns as the vector has entries.",
        "矩阵与向量相乘，但两者不匹配：矩阵的列数必须等于向量的长度。",
    ),
    _record(
        r"^inconsistent tensor size, expected tensor",
        "takes the dot product of two vectors of different lengths.",
        "对两个长度不同的向量求点积。",
    ),
    _record(
        rf"^{_N}D tensors expected, but got",
        "takes a dot product of what are not both vectors. For matrices, write @.",
        "求点积的两个张量不都是向量。矩阵请用 @。",
    ),
    _record(
        r"^both arguments to matmul need to be at least|^unsupported operand type\(s\) for @: ",
        "uses @ with something that is neither a vector nor a matrix; to multiply by a number, write *.",
        "@ 的一侧既不是向量也不是矩阵；与数相乘请写 *。",
    ),
    Record(
        re.compile(rf"^The size of tensor a \(({_N})\) must match the size of tensor b \(({_N})\) at non-singleton dimension ({_N})"),
        _sizes,
    ),
    _record(
        r"^shape '.*' is invalid for input of size",
        "reshapes a tensor into a shape that holds another number of entries.",
        "改变形状时，新形状的元素个数与原来的不同。",
    ),
    _record(
        r"^stack expects each tensor to be equal size|^Tensors must have same number of dimensions"
        r"|^Sizes of tensors must match except in dimension",
        "joins tensors whose shapes do not fit each other.",
        "要拼接的张量形状互不匹配。",
    ),
    _record(
        rf"^zero-dimensional tensor \(at position {_N}\) cannot be concatenated",
        "uses torch.cat on single numbers; torch.stack makes a vector of them.",
        "对单个的数用了 torch.cat；要把它们排成向量，请用 torch.stack。",
    ),
    # Entries and axes.
    _record(
        rf"^index {_N} is out of bounds for dimension|^index out of range in self|^(?:list|tuple) index out of range",
        "picks an entry that is not there: counting starts at 0, and ends one before the length.",
        "取了不存在的元素：下标从 0 数起，到长度减 1 为止。",
    ),
    _record(
        r"^Dimension out of range \(expected to be in range of",
        "names an axis that the tensor does not have; the first one is 0.",
        "指定的维度在这个张量里不存在；第一维是 0。",
    ),
    _record(
        r"^too many indices for tensor of dimension",
        "uses more indices than the tensor has axes.",
        "下标的个数超过了张量的维数。",
    ),
    _record(
        rf"^invalid index of a {_N}-dim tensor",
        "picks an entry of a tensor that is a single number already. Take the index away; .item() would leave the graph.",
        "对本身只是一个数的张量取元素。请去掉下标；用 .item() 会离开计算图。",
    ),
    _record(
        rf"^iteration over a {_N}-d tensor|^len\(\) of a {_N}-d tensor",
        "treats a tensor that is a single number as if it were a list of them.",
        "把只是一个数的张量当成了一列数。",
    ),
    # Python.
    Record(re.compile(r"^(\w+)\(\): argument '\w+' \(position (?:\d+|#)\) must be Tensor, not ([\w.]+)"), _not_a_tensor),
    _record(
        rf"^expected Tensor as element {_N} in argument {_N}, but got",
        "joins things that are not all tensors; torch.tensor(…) makes a vector of plain numbers.",
        "要拼接的不全是张量；普通的数可用 torch.tensor(…) 组成向量。",
    ),
    _record(
        r"^'(?:Tensor|float|int)' object is not callable",
        "calls a number or a tensor as if it were a function. Is a * missing before a bracket, or has a function's name been given to a number?",
        "把数或张量当成函数来调用。是不是括号前漏了 *，或者把函数的名字用作了变量？",
    ),
    _record(
        r"^can't multiply sequence by non-int|^can only concatenate (?:list|tuple)",
        "computes with a list or a tuple as if it were a vector. torch.tensor(…) makes one of numbers, torch.stack(…) of tensors.",
        "把列表或元组当成向量来运算。数可用 torch.tensor(…) 组成向量，张量可用 torch.stack(…)。",
    ),
    _record(
        r"^maximum recursion depth exceeded",
        "calls a function that calls itself again and again. Does it ever come to an end?",
        "调用的函数一再地调用它自己。它会停下来吗？",
    ),
)  # fmt: skip
