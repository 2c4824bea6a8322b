"""Projects side by side in one repository: what one of them has does not excuse another, unless it imports it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint import plugins
from deplint.discover import discover
from deplint.engine import check
from deplint.project import Project

EXPORT = """import torch
{more}
class Net(torch.nn.Module):
    def forward(self, x):
        return torch.median(x)

torch.onnx.export(Net().eval(), (torch.zeros(3),), "net.onnx", dynamo=False, input_names=["x"])
"""
REGISTER = 'import torch\ntorch.onnx.register_custom_op_symbolic("aten::median", None, 17)\n'


def found(folder: Path, files: dict[str, str]) -> bool:
    """Is the export of what has no translation reported?"""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    loaded = plugins.load()
    rules = [rule for rule in loaded.rules if rule.id == "DPL302"]
    files_ = discover([folder]).files
    return bool(check(Project(folder, files_, loaded.readers), files_, rules).findings)


@pytest.mark.parametrize(
    ("more", "other", "reported"),
    [
        ("", "two/register.py", True),
        ("import register", "two/register.py", False),
        ("from ops import all", "lib/python/ops/inner/register.py", False),
        ("from helper import x", "two/register.py", False),
        ("", "one/deep/register.py", False),
        ("import numpy", "numpy/register.py", True),
    ],
)
def test_what_another_project_registers_counts_if_it_is_imported(tmp_path: Path, more: str, other: str, reported: bool) -> None:
    files = {"README.md": "", "one/README.md": "", "one/export.py": EXPORT.format(more=more), other: REGISTER}
    files["one/helper.py"] = "from two import x\n" if "helper" in more else ""
    files["one/weights/README.md"] = "Where to get them.\n"
    assert found(tmp_path, files) is reported


def test_a_folder_of_data_is_no_project_of_its_own(tmp_path: Path) -> None:
    for name in ("README.md", "app/README.md", "app/main.py", "app/models/README.md", "app/models/net.tflite"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    project = Project(tmp_path, discover([tmp_path]).files, [])
    areas = {file.name: project.area(file) for file in project.files if file.name != "README.md"}
    assert areas == {"main.py": tmp_path / "app", "net.tflite": tmp_path / "app"}
