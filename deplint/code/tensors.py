"""What is known of a PyTorch tensor where it is used: its device, whether gradients are recorded for it, whether it is bfloat16.

    if device(call.receiver) == CUDA: ...

Each follows what a tensor was made of, back to a module's call or to a function that makes one; what it cannot follow is unknown, empty.
"""

from __future__ import annotations

import ast
import re

from deplint.code.facts import Call, Value
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.code.pytorch import holds_parameters
from deplint.code.uses import TAKEN_OUT
from deplint.code.values import Truth

CUDA, CPU, MAYBE = "cuda", "cpu", "cuda if there is one"
"""Devices; `MAYBE` is what ``"cuda" if torch.cuda.is_available() else "cpu"`` chooses."""
MODULES = (
    "torch.nn.Module()", "torch.jit.load()", "torchvision.models.**()", "timm.create_model()", "torch.hub.load()",
    "transformers.{AutoModel*,*For*,*Model}.from_pretrained()",
)  # fmt: skip
CALLS = tuple(pattern + "{,.forward,.generate}" for pattern in MODULES)
_CALLS = matcher(*CALLS)
_MADE = matcher(
    "torch.{tensor,zeros,ones,rand,randn,randint,empty,full,arange,linspace,as_tensor,from_numpy,FloatTensor,LongTensor,Tensor}",
)
_OF_FIRST = re.compile(
    r"torch\.(?:nn\.functional\.\w+|softmax|sigmoid|tanh|relu|squeeze|unsqueeze|flatten|clamp|exp|log|argmax|topk|mean|sum|max|sqrt|abs)"
)
_JOINS = matcher("torch.{stack,cat,vstack,hstack}")
_TO_TENSOR = re.compile(r"transforms\.(?:v2\.)?(?:ToTensor|PILToTensor|ToImage)\(\)")
_COMPOSED = "torchvision.transforms.{,v2.}Compose()"
TOKENS = "transformers.{*Tokenizer*,AutoProcessor,AutoImageProcessor}.from_pretrained()"
"""Calls that make a network's inputs of texts or pictures, on the CPU."""
_TOKENS = matcher(TOKENS)
_MOVING = ("to", "cuda", "cpu")
_INTEGERS = frozenset({"argmax", "argmin", "argsort", "topk", "sort", "long", "int", "bool", "max", "min", "eq", "gt", "lt"})
"""Methods whose results, or some of them, are integers, for which no gradients are recorded."""
DEPTH = 24


def named(value: Value) -> str:
    """The device that a string or `torch.device` names."""
    options = value.options
    if len(options) > 1:
        kinds = {named(option) for option in options}
        return MAYBE if kinds == {CUDA, CPU} else kinds.pop() if len(kinds) == 1 else ""
    made = value.origin
    if made is not None and made.name == "torch.device":
        return named(made.argument("device", 0))
    text = value.text or ""
    return CUDA if re.fullmatch(r"cuda(:\d+)?", text) else CPU if text == "cpu" else ""


def device(value: Value, depth: int = 0) -> str:
    """The device of a tensor."""
    if depth > DEPTH or len(value.options) != 1:
        return ""
    inner = part_of(value)
    if inner is not None:
        return device(inner, depth + 1)
    if (operation := value.operation) is not None:
        sides = {device(side, depth + 1) for side in operation[1:] if not isinstance(side.python(), (int, float))}
        return sides.pop() if len(sides) == 1 else ""
    made = value.origin
    if made is None or made.open:
        return ""
    moved = _moved(value)
    if moved is not None:
        return moved
    name, method = made.name, made.name.rpartition(".")[2]
    if _CALLS(name):
        return device_of_module(made.receiver)
    if _TOKENS(name):
        return CPU if made.argument("return_tensors").text == "pt" else ""
    if "(" not in name:
        if _MADE(name):
            return CPU if made.argument("device").missing else named(made.argument("device"))
        if _JOINS(name):
            kinds = {device(item, depth + 1) for item in (made.arguments[0].items or () if made.arguments else ())}
            return kinds.pop() if len(kinds) == 1 else ""
        return device(made.arguments[0], depth + 1) if _OF_FIRST.fullmatch(name) and made.arguments else ""
    if matcher(_COMPOSED)(name):
        listed = made.receiver.origin
        steps = (listed.arguments[0].items or () if listed is not None and listed.arguments else ()) if listed is not None else ()
        of_picture = made.arguments and made.arguments[0].name.startswith("PIL.Image")
        return CPU if of_picture and any(_TO_TENSOR.search(step.name) for step in steps) else ""
    if method in _MOVING:
        return _target(made)
    return device(made.receiver, depth + 1) if re.fullmatch(r"[a-z]\w*", method) and method not in TAKEN_OUT else ""


def _moved(value: Value) -> str | None:
    """Where a module, or what a module's function gave, was moved by its own methods; None if it was not."""
    calls = [call for method in _MOVING for call in value.calls_of(method)]
    if not calls:
        return None if all(value.called(method) is not Truth.yes for method in _MOVING) else ""
    kinds = {_target(call) for call in calls if not (call.name.endswith(".to") and _of_kind(call))}
    if not kinds:
        return None
    sure = any(value.certainly_called(method) for method in _MOVING)
    return kinds.pop() if len(kinds) == 1 and sure else ""


def _target(call: Call) -> str:
    method = call.name.rpartition(".")[2]
    if method in (CUDA, CPU):
        return method
    to = call.argument("device", 0)
    return named(to) if not to.missing else ""


def _of_kind(call: Call) -> bool:
    """``to(torch.float32)`` moves nothing."""
    first = call.argument("dtype", 0)
    return first.name.startswith("torch.") and first.origin is None


def device_of_module(model: Value) -> str:
    """The device that a module's weights are on."""
    made = model.origin
    if len(model.options) != 1 or made is None or model.is_(*MODULES) is not Truth.yes:
        return ""
    node = model.project_class
    if node is not None and (re.search(r"\.(?:to|cuda|cpu|numpy)\(|device", ast.unparse(node)) or _given_parts(node)):
        return ""
    moved = _moved(model)
    if moved is not None:
        return moved
    if made.name == "torch.jit.load":
        place = made.argument("map_location", 1)
        return "" if place.missing else named(place)
    if made.name.startswith("transformers") and not made.argument("device_map").missing:
        return named(made.argument("device_map"))
    if node is not None and not holds_parameters(node):
        return ""
    return "" if made.open or model.escaped is not Truth.no or made.name == "torch.hub.load" else CPU


def _given_parts(node: ast.ClassDef) -> bool:
    """The class keeps what its constructor is given: perhaps modules that were moved elsewhere."""
    starts = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
    names = {argument.arg for f in starts for argument in (*f.args.args[1:], *f.args.kwonlyargs)}
    stored = [n.value for f in starts for n in ast.walk(f) if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Attribute)]
    return any(isinstance(value, ast.Name) and value.id in names for value in stored)


def part_of(value: Value) -> Value | None:
    """What a tensor is an element, a slice or an attribute of: ``out.logits[:, 0]``."""
    operation, holder = value.operation, value.holder
    if operation is not None and operation[0] == "[]":
        return operation[1]
    return holder


def recorded(value: Value, depth: int = 0) -> Call | None:
    """The call of a module that gradients of a tensor are certainly recorded for; None if they are not, or nobody can tell."""
    if depth > DEPTH or len(value.options) != 1:
        return None
    inner = part_of(value)
    if inner is not None:
        return recorded(inner, depth + 1)
    if (operation := value.operation) is not None:
        return next((found for side in operation[1:] if (found := recorded(side, depth + 1)) is not None), None)
    made = value.origin
    if made is None or any(re.search(r"no_grad|inference_mode|set_grad_enabled", name) for name in made.contexts):
        return None
    if value.called("detach") is not Truth.no or value.called("requires_grad_") is not Truth.no:
        return None
    name, method = made.name, made.name.rpartition(".")[2]
    if _CALLS(name) and not name.endswith(".generate"):
        return made if _learns(made.receiver) else None
    if "(" not in name:
        first = made.arguments[0] if _OF_FIRST.fullmatch(name) and made.arguments else None
        return recorded(first, depth + 1) if first is not None and name.rpartition(".")[2] not in _INTEGERS else None
    keeps = re.fullmatch(r"[a-z]\w*", method) and method not in TAKEN_OUT | _INTEGERS | {"detach", "detach_", "data"}
    return recorded(made.receiver, depth + 1) if keeps else None


def _learns(model: Value) -> bool:
    """The module certainly has weights that are trained."""
    if len(model.options) != 1 or model.is_(*MODULES) is not Truth.yes or model.is_("torch.{jit,hub}.load()") is Truth.yes:
        return False
    node = model.project_class
    if node is None:
        return True
    text = ast.unparse(node)
    return re.search(r"\b(?:Linear|Conv[123]d|LSTM|GRU|Embedding)\(", text) is not None and not re.search(
        r"no_grad|inference_mode|detach|requires_grad|argmax", text
    )


def brain_float(value: Value, depth: int = 0) -> bool:
    """The tensor is certainly bfloat16: what a module of such weights gave."""
    if depth > DEPTH or len(value.options) != 1:
        return False
    inner = part_of(value)
    if inner is not None:
        return brain_float(inner, depth + 1)
    made = value.origin
    if made is None or any(value.called(method) is not Truth.no for method in ("float", "half", "double", "type")):
        return False
    if any(_of_kind(call) for call in value.calls_of("to")):
        return False
    name, method = made.name, made.name.rpartition(".")[2]
    if _CALLS(name):
        return _brain(made.receiver) and not name.endswith(".generate")
    if "(" not in name:
        return bool(made.arguments) and _OF_FIRST.fullmatch(name) is not None and brain_float(made.arguments[0], depth + 1)
    if method in TAKEN_OUT | _INTEGERS | {"float", "half", "double", "type", "item"} or (method == "to" and _of_kind(made)):
        return False
    return re.fullmatch(r"[a-z]\w*", method) is not None and brain_float(made.receiver, depth + 1)


def _brain(model: Value) -> bool:
    made = model.origin
    if made is None or not made.name.startswith("transformers"):
        return False
    kinds = [made.argument(name) for name in ("torch_dtype", "dtype")]
    asked = any((kind.text or kind.name) in ("torch.bfloat16", "bfloat16") and kind.certain for kind in kinds)
    return (
        asked
        and not any(model.called(method) is not Truth.no for method in ("float", "half", "double"))
        and not any(map(_of_kind, model.calls_of("to")))
    )


def defaults_set(file: PythonFile) -> bool:
    """The code sets another device for what is made without one, or records no gradients at all."""
    return file.mentions(r"set_default_device|set_default_tensor_type|set_grad_enabled\(False", importers=True)
