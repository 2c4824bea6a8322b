"""R160, R161: what deplint says of a module's code is what the exporters do with the module.

Every module below is exported for real. Where deplint names an operation, the exporter must refuse; the comment says where it must.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import warnings

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("coremltools")
from deplint import code  # noqa: E402
from deplint.code.python import PythonFile  # noqa: E402
from deplint.code.pytorch import operations  # noqa: E402
from deplint.data import load  # noqa: E402
from deplint.project import File, Project  # noqa: E402
from tools import torch_probe  # noqa: E402

HEAD = """
import torch
from torch import nn

class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.eye(4) * 2)
        self.register_buffer("table", torch.eye(4) * 3)
        self.head = nn.Linear(4, 4)

class Model(Base):
"""

SOURCES = {  # the body of a class, and the exporters in which deplint must find something
    "function": ("def forward(self, x): return x - torch.median(x)", {"torchscript", "dynamo", "coreml"}),
    "method": ("def forward(self, x): return self.head(x).kthvalue(2)[0]", {"torchscript", "dynamo", "coreml"}),
    "element": ("def forward(self, x): return x[:, 0].median()", {"torchscript", "dynamo", "coreml"}),
    "helper": (
        "def forward(self, x): return self.scale(x) * 2\n    def scale(self, t): return torch.digamma(t)",
        {"torchscript", "dynamo", "coreml"},
    ),
    "weights": ("def forward(self, x): return x @ torch.linalg.svd(self.weight)[0]", {"dynamo", "coreml"}),
    "buffer": ("def forward(self, x): return x @ torch.linalg.svd(self.table)[0]", {"dynamo", "coreml"}),
    "constants": ("def forward(self, x): return x @ torch.linalg.svd(torch.eye(4))[0]", {"dynamo", "coreml"}),
    "thrown away": ("def forward(self, x):\n        torch.median(x)\n        return x + 1", set()),
    "unused": ("def forward(self, x):\n        m = torch.median(x)\n        return x + 1", set()),
    "python number": ("def forward(self, x): return x * float(torch.median(x))", set()),
    "item": ("def forward(self, x):\n        m = torch.linalg.svdvals(x)\n        return x * m[0].item()", set()),
    "asked": ("def forward(self, x):\n        if torch.median(x) > 5:\n            return x\n        return x + 1", set()),
    "only in training": ("def forward(self, x):\n        if self.training:\n            x = torch.median(x)\n        return x + 1", set()),
    "in a dictionary": ("def forward(self, x): return {'m': torch.mode(x)[0]}", {"torchscript", "dynamo", "coreml"}),
    "without gradient": (
        "def forward(self, x):\n        with torch.no_grad():\n            m = torch.median(x)\n        return x + m.detach()",
        {"torchscript", "dynamo", "coreml"},
    ),
    "written into": (
        "def forward(self, x):\n        out = torch.zeros_like(x)\n        out[0] = torch.lgamma(x[0])\n        return out",
        {"torchscript", "dynamo", "coreml"},
    ),
    "sequential": ("def forward(self, x): return nn.Sequential(nn.Linear(4, 4), nn.CELU())(x)", {"coreml"}),
    "only old": ("def forward(self, x): return torch.fft.rfft(x).abs()", {"torchscript"}),
    "fine": ("def forward(self, x): return torch.sort(self.head(x))[0].cumsum(1)", set()),
}


def seen(path, exporter: str) -> list[str]:
    """The operations deplint reports for an exporter."""
    project = Project(path.parent, [File(path, path.name)], code.READERS)
    [facts] = project.facts(project.files[0], PythonFile)
    [call] = facts.calls("torch.onnx.export")
    rows = {row["name"]: row for row in load("torch_export")["rows"] if exporter in row}
    methods = {"." + name.rpartition(".")[2]: name for name, row in rows.items() if row.get("method")}
    found = [op for op in operations(call.argument("model", 0)) if op.given or exporter != "torchscript"]
    return [name for op in found if (name := methods.get(op.name, op.name)) in rows]


def refuses(path, exporter: str) -> bool:
    spec = importlib.util.spec_from_file_location("probed", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            torch_probe._EXPORT[exporter](module.Model().eval(), (torch.rand(4, 4),))
        except Exception:
            return True
    return False


@pytest.mark.parametrize("exporter", ["torchscript", "dynamo", "coreml"])
@pytest.mark.parametrize("name", SOURCES)
def test_what_deplint_reports_is_refused(tmp_path, name, exporter):
    body, wanted = SOURCES[name]
    path = tmp_path / "main.py"
    path.write_text(HEAD + f"    {body}\n\nif __name__ == '__main__':\n    torch.onnx.export(Model().eval(), torch.rand(4, 4))\n")
    reported = seen(path, exporter)
    assert bool(reported) is (exporter in wanted)
    if reported:
        assert refuses(path, exporter)
