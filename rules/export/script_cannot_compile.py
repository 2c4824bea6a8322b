"""Python that TorchScript does not compile, in a module that is scripted.

`torch.jit.script` compiles `forward` and what it calls from the source, and knows a part of Python only: ``NotSupportedError: Compiled
functions can't take variable number of arguments``, ``UnsupportedNodeError: try blocks aren't supported``, ``Lambda aren't supported``.

```python bad path=export.py
import torch
from net import Net

net = Net().eval()
scripted = torch.jit.script(net)  # <-
scripted.save("net.pt")
```

```python + path=net.py
import torch
from torch import nn

class Concat(nn.Module):
    def forward(self, *xs):
        return torch.cat(xs, 1)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
        self.cat = Concat()

    def forward(self, x):
        return self.cat(self.a(x), self.a(x))
```

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x):
        scale = lambda t: t * 2
        for layer in self.layers:
            x = scale(layer(x))
        return x

class Guarded(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x):
        try:
            return self.inner(x)
        except RuntimeError:
            return x

torch.jit.script(Net())  # <-
torch.jit.script(nn.Sequential(nn.ReLU(), Guarded()))  # <-
```

What TorchScript is told to leave out, does not look into, or cannot see is not compiled.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    @torch.jit.unused
    def debug(self, *xs):
        print(xs)

    @torch.jit.ignore
    def log(self, x):
        try:
            print(x.shape)
        except RuntimeError:
            pass

    def extra(self, **options):
        return lambda: options

    def forward(self, x):
        if not torch.jit.is_scripting():
            self.extra(a=lambda: 1)
        with torch.no_grad():
            assert x.dim() == 2, f"bad {x.dim()}"
        return self.inner(x) if x.size(0) > 1 else x

class Traced(nn.Module):
    def forward(self, *xs):
        return torch.cat(xs, 1)

torch.jit.script(Net())
torch.jit.trace(Traced(), (torch.zeros(1, 2), torch.zeros(1, 2)))
try:
    torch.jit.script(Traced())
except Exception:
    pass
```

References: executed with torch 2.13 (`tests/claims/test_export_families.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import CONTAINERS
from deplint.code.values import Truth

DEPTH = 5
"""Modules within each other that are looked into."""
MARKS = ("unused", "ignore", "is_scripting", "script_if_tracing", "overload", "script_method")
"""Names by which code tells TorchScript what to leave out; a class that uses them is left alone."""
REFUSED = {
    ast.Try: "a try block",
    ast.Lambda: "a lambda",
    ast.FunctionDef: "a function of its own",
    ast.ClassDef: "a class of its own",
    ast.Yield: "a yield",
    ast.Global: "a global statement",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Set: "a set",
    ast.SetComp: "a set comprehension",
    ast.NamedExpr: "an assignment expression",
}
"""What the compiler stops at wherever it stands."""


@rule(
    "DPL973",
    severity="error",
    leaves=["S.2.2", "M.2.5", "M.2.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/jit_language_reference.html",
        "https://docs.pytorch.org/docs/stable/jit_unsupported.html",
    ],
)
def script_cannot_compile(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("torch.jit.script"):
        given = call.argument("obj", 0)
        found = _stops(given) if call.file is file and not call.guarded and given.certain else None
        if found is not None:
            name, what = found
            yield Finding(
                call,
                f"forward of {name} has {what}, and TorchScript does not compile that: it raises",
                help="write it without, mark it with @torch.jit.ignore where it is not needed, or trace the module",
            )


def _stops(module: Value, depth: int = 0) -> tuple[str, str] | None:
    """The first class among the module and its certain parts whose `forward` cannot be compiled, and why."""
    if depth > DEPTH or not module.certain:
        return None
    kind = module.project_class
    if kind is None:
        parts = module.items or (list(module.origin.arguments) if module.is_(CONTAINERS) is Truth.yes and module.origin else [])
        return next(filter(None, (_stops(part, depth + 1) for part in parts)), None)
    if module.is_("torch.nn.Module()") is not Truth.yes or any(mark in ast.unparse(kind) for mark in MARKS):
        return None
    forward = next((node for node in kind.body if isinstance(node, ast.FunctionDef) and node.name == "forward"), None)
    if forward is None:
        return None
    what = _refused(forward)
    if what:
        return kind.name, what
    called = {_of_self(node.func) for node in ast.walk(forward) if isinstance(node, ast.Call)}
    called |= {_of_self(node.iter) for node in ast.walk(forward) if isinstance(node, ast.For)}
    parts = [value for name in sorted(called - {""}) if module.certainly(name) for value in module.values(name)]
    return next(filter(None, (_stops(part, depth + 1) for part in parts)), None)


def _of_self(node: ast.expr) -> str:
    """The name of an attribute of ``self``; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self" else ""


def _refused(forward: ast.FunctionDef) -> str:
    if forward.decorator_list:
        return ""
    if forward.args.vararg or forward.args.kwarg or any(default is not None for default in forward.args.kw_defaults):
        return "a variable number of arguments" if forward.args.vararg or forward.args.kwarg else "a default for an argument by name only"
    for statement in forward.body:
        for node in ast.walk(statement):
            what = REFUSED.get(type(node), "")
            if what:
                return what
            if isinstance(node, (ast.For, ast.While)) and node.orelse:
                return "a loop with else"
    return ""
