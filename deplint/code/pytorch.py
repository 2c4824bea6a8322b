"""What a PyTorch module does when it runs: the functions, tensor methods and layers it certainly calls.

for operation in operations(call.argument("model", 0)):
    if operation.name == "torch.median" ...
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from deplint.code.facts import Call, Value
from deplint.code.patterns import matcher
from deplint.code.uses import kept
from deplint.code.values import Truth
from deplint.finding import Place

MODULE = "torch.nn.Module()"
SEQUENTIAL = "torch.nn.Sequential()"
STATE_DICT = "**.state_dict()"
DEPTH = 8
"""Modules within each other that are looked into."""

_METHOD = re.compile(r"(?P<of><(?:parameter|operation)>.*|torch\..*)\.(?P<name>[a-z]\w*)")
_INSTANCE = re.compile(r"(?:.*\.)?[A-Z]\w*\(\)")


@dataclass(frozen=True)
class Operation:
    """`name` is that of a function or layer (``torch.median``, ``torch.nn.CELU``), or of a tensor's method after a dot (``.median``).
    `given` says that it works on what the module is given, not on weights or constants alone."""

    name: str
    place: Place
    given: bool


def operations(model: Value, depth: int = 0) -> Iterator[Operation]:
    """What running the module certainly does, modules it holds included, as far as that can be seen. Results that are thrown away or
    only looked at by Python are left out: nothing of them is in a trace."""
    if depth > DEPTH or not model.certain:
        return
    if model.is_(SEQUENTIAL) is Truth.yes and model.project_class is None:
        for part in _parts(model) if model.escaped is Truth.no else ():
            yield from operations(part, depth + 1)
    elif model.project_class is not None:
        if model.is_(MODULE) is Truth.yes:
            for call in model.inside("forward"):
                if call.certain and not call.guarded and kept(call):
                    yield from _made(call, depth)
    elif model.origin is not None and _INSTANCE.fullmatch(model.name):
        yield Operation(model.name.removesuffix("()"), model.origin.place, True)


def _parts(sequential: Value) -> list[Value]:
    """The modules of a `Sequential`; none if they are not known."""
    made = sequential.origin
    if made is None or made.open:
        return []
    given = list(made.arguments)
    if len(given) == 1 and given[0].entries is not None:
        given = [value for _, value in given[0].entries]
    return given


def _made(call: Call, depth: int) -> Iterator[Operation]:
    """What one call of a `forward` does."""
    called = call.receiver
    given = call.name.startswith("<parameter>") or called.given or any(value.given for value in (*call.arguments, *call.keywords.values()))
    if call.name.endswith("()"):
        if called.project_class is not None or called.is_(SEQUENTIAL) is Truth.yes:
            yield from operations(called, depth + 1)
        else:
            yield Operation(call.name.removesuffix("()"), call.place, given)
        return
    method = _METHOD.fullmatch(call.name)
    if method is not None and ("(" in call.name or call.name.startswith("<")):
        # ``nn.Linear(...).double()`` is about the layer, not about a tensor.
        if not _INSTANCE.fullmatch(method["of"]):
            yield Operation("." + method["name"], call.place, given)
    elif not call.name.rpartition(".")[2][:1].isupper():
        yield Operation(call.name, call.place, given)


# -- training mode

DROPOUT = ("torch.nn.{Dropout,Dropout1d,Dropout2d,Dropout3d,AlphaDropout,FeatureAlphaDropout}()",)
BATCH = ("torch.nn.{BatchNorm1d,BatchNorm2d,BatchNorm3d,SyncBatchNorm}()",)
FUNCTIONS = "torch.nn.functional.{dropout,dropout1d,dropout2d,dropout3d,alpha_dropout,feature_alpha_dropout}"
DROPPING = ("torchvision.models.{alexnet,vgg*,mobilenet_v2,mobilenet_v3_*,efficientnet_*,googlenet,inception_v3,mnasnet*,squeezenet*}()",)
NORMALISING = (
    "torchvision.models.{resnet*,resnext*,wide_resnet*,vgg*_bn,densenet*,mobilenet_*,efficientnet_*,googlenet,inception_v3}()",
    "torchvision.models.{shufflenet_*,mnasnet*,regnet_*}()",
)
"""Constructors whose networks hold dropout, or batch normalisation, as they are made by default (torchvision 0.28)."""

CONTAINERS = "torch.nn.{Sequential,ModuleList,ModuleDict}()"
PARTS = 5
"""Modules within each other that `holds` looks into."""


def in_training(model: Value) -> bool:
    """Nobody can have called `eval()`, or `train()` was called last."""
    if model.origin is None or not model.certain:
        return False
    return model.never("training") or (model.certainly("training") and model.value("training").python() is True)


def drops(model: Value) -> str:
    """The function by which the module itself, not one that it holds, certainly drops as long as it is training; else empty."""
    if model.project_class is None or model.is_("torch.nn.Module()") is not Truth.yes:
        return ""
    own = {id(node) for node in ast.walk(model.project_class)}
    for call in model.inside("forward"):
        if id(call.node) in own and call.certain and not call.guarded and matcher(FUNCTIONS)(call.name):
            rate, training = call.argument("p", 1), call.argument("training", 2).node
            some = rate.missing or (isinstance(rate.python(), float) and rate.python() > 0)
            if some and isinstance(training, ast.Attribute) and training.attr == "training":
                return call.name.rpartition(".")[2]
    return ""


def holds(model: Value, kinds: tuple[str, ...], depth: int = 0) -> str:
    """The name of a part of the module that certainly is one of these, and in training mode; empty if there is none."""
    if depth > PARTS or not model.certain:
        return ""
    if model.is_(*kinds) is Truth.yes:
        training = model.never("training") or model.value("training").python() is True
        return model.name.rpartition(".")[2].removesuffix("()") if training and not _harmless(model) else ""
    parts: list[Value] = []
    if model.items is not None:
        parts = model.items
    elif model.is_(CONTAINERS) is Truth.yes and model.origin is not None:
        parts = list(model.origin.arguments)
    elif model.project_class is not None and model.is_("torch.nn.Module()") is Truth.yes:
        parts = [value for name in model.attributes() if model.certainly(name) for value in model.values(name)]
    return next(filter(None, (holds(part, kinds, depth + 1) for part in parts)), "")


def _harmless(layer: Value) -> bool:
    """Dropout that drops nothing, or of which nobody knows how much."""
    made = layer.origin
    if made is None or layer.is_(*DROPOUT) is not Truth.yes:
        return False
    rate = made.argument("p", 0)
    return not rate.missing and not (isinstance(rate.python(), float) and rate.python() > 0)


_HOLDS = re.compile(
    r"\b(Linear|Conv\w*|Embedding\w*|LSTM|GRU|RNN|Transformer\w*|\w+Norm\w*|PReLU|Bilinear|MultiheadAttention|Parameter\w*)\(|"
    r"from_pretrained|create_model|load_state_dict|state_dict|\bmodels\.|hub\.load|torch\.load|\.parameters\("
)
"""What tells that a module of the project's own has parameters."""


def holds_parameters(module: ast.ClassDef, *texts: str) -> bool:
    """Does a module of the project's own, or code that uses it, show that it has parameters? A loss often has none."""
    return any(map(_HOLDS.search, (ast.unparse(module), *texts)))
