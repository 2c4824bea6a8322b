"""What PyTorch, ONNX Runtime, OpenVINO, coremltools and transformers do with faults of exporting and loading code."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.torch


def test_an_exported_program_is_no_module() -> None:
    program = torch.export.export(nn.Linear(4, 2).eval(), (torch.zeros(2, 4),))
    with pytest.raises(RuntimeError, match="Unable to call ExportedProgram directly"):
        program(torch.zeros(2, 4))
    for name in ("eval", "train", "to", "cuda", "cpu", "half", "float", "forward", "save"):
        assert not hasattr(program, name)
    assert program.module()(torch.zeros(2, 4)).shape == (2, 2)


def test_a_session_is_no_function(tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    path = _relu(tmp_path)
    session = runtime.InferenceSession(path)
    with pytest.raises(TypeError, match="not callable"):
        session(1)
    for name in ("predict", "forward", "infer", "eval", "to", "cuda"):
        assert not hasattr(session, name)


def test_a_read_model_is_not_compiled(tmp_path: Path) -> None:
    openvino = pytest.importorskip("openvino")
    with pytest.raises(TypeError, match="not callable"):
        openvino.Core().read_model(_relu(tmp_path))(1)


def _relu(folder: Path) -> str:
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", kind, [1, 4])],
        [helper.make_tensor_value_info("y", kind, [1, 4])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(folder / "r.onnx"))
    return str(folder / "r.onnx")


def test_more_output_names_than_outputs() -> None:
    with pytest.raises(RuntimeError, match="number of output names provided"):
        torch.onnx.export(nn.Linear(4, 2).eval(), (torch.zeros(2, 4),), io.BytesIO(), output_names=["a", "b"], dynamo=False)


def test_training_mode_is_refused() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    with pytest.raises(RuntimeError, match="Freezing is currently only implemented for modules in eval mode"):
        torch.jit.freeze(torch.jit.script(net))
    from torch.utils.mobile_optimizer import optimize_for_mobile

    with pytest.raises(RuntimeError):
        optimize_for_mobile(torch.jit.script(net))
    torch.jit.freeze(torch.jit.script(net.eval()))


BODIES = {
    "variable number": "def forward(self, *xs): return xs[0]",
    "variable number ": "def forward(self, x, **options): return x",
    "keyword-only arguments with defaults": "def forward(self, x, *, k: int = 1): return x + k",
    "try blocks": "def forward(self, x):\n  try:\n   return x\n  except ValueError:\n   return x",
    "Lambda": "def forward(self, x):\n  f = lambda t: t\n  return f(x)",
    "function definitions": "def forward(self, x):\n  def f(t): return t\n  return f(x)",
    "class definitions": "def forward(self, x):\n  class A: pass\n  return x",
    "Yield": "def forward(self, x):\n  yield x",
    "global variables": "def forward(self, x):\n  global G\n  return x",
    "import statements": "def forward(self, x):\n  import math\n  return x",
    "Set": "def forward(self, x):\n  s = {1, 2}\n  return x",
    "SetComp": "def forward(self, x):\n  s = {i for i in [1]}\n  return x",
    "NamedExpr": "def forward(self, x):\n  if (n := x.size(0)) > 1:\n   return x + n\n  return x",
    "else branches of for loops": "def forward(self, x):\n  for i in range(2):\n   x = x + i\n  else:\n   x = x\n  return x",
}


@pytest.mark.parametrize("words", BODIES)
def test_torchscript_knows_a_part_of_python(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "scripted_" + str(list(BODIES).index(words))
    body = "\n".join(" " + line for line in BODIES[words].split("\n"))
    (tmp_path / f"{name}.py").write_text(f"from torch import nn\nG = 1\nclass M(nn.Module):\n{body}\n")
    monkeypatch.syspath_prepend(tmp_path)
    module: Any = __import__(name)
    with pytest.raises(Exception, match=words.strip()):
        torch.jit.script(module.M())


def test_safetensors_are_read_by_new_releases_only(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file({"a": torch.zeros(2)}, tmp_path / "a.safetensors")
    newer = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 13)
    if newer:
        assert set(torch.load(tmp_path / "a.safetensors")) == {"a"}
    else:
        with pytest.raises(Exception, match="invalid load key"):
            torch.load(tmp_path / "a.safetensors", weights_only=False)


def test_core_ml_predicts_on_apples_systems_alone(tmp_path: Path) -> None:
    coreml = pytest.importorskip("coremltools")
    traced = torch.jit.trace(nn.Linear(4, 2).eval(), torch.zeros(1, 4))
    model = coreml.convert(traced, inputs=[coreml.TensorType(name="x", shape=(1, 4))])
    if sys.platform != "darwin":
        with pytest.raises(Exception, match="only supported on macOS"):
            model.predict({"x": torch.zeros(1, 4).numpy()})


LATE = {
    "import torch": ("OMP_NUM_THREADS", "1", "torch.get_num_threads() == 1"),
    "import transformers, huggingface_hub.constants as c": ("HF_HOME", "/late", "c.HF_HOME == '/late'"),
    "from transformers import AutoTokenizer; import huggingface_hub.constants as c": ("HF_HUB_OFFLINE", "1", "c.HF_HUB_OFFLINE"),
}


@pytest.mark.parametrize("imports", LATE)
def test_variables_are_read_on_import(imports: str) -> None:
    if "transformers" in imports:
        pytest.importorskip("transformers")
    name, value, asked = LATE[imports]
    late = f"import os\n{imports}\nos.environ[{name!r}] = {value!r}\nprint({asked})"
    early = f"import os\nos.environ[{name!r}] = {value!r}\n{imports}\nprint({asked})"
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for code in (late, early)]
    assert [text.strip().split("\n")[-1] for text in said] == ["False", "True"]


def test_a_tokenizer_has_files_of_its_own(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=30)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    with pytest.raises((OSError, ValueError, TypeError)):
        transformers.AutoTokenizer.from_pretrained(tmp_path)


def test_a_plain_module_is_not_saved_as_a_script(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'save'"):
        torch.jit.save(nn.Linear(2, 2), str(tmp_path / "a.pt"))


def test_a_model_without_a_head_has_no_logits() -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=30)
    assert not hasattr(transformers.BertModel(config)(torch.zeros(1, 4, dtype=torch.long)), "logits")


def test_names_of_a_wrapped_network_have_a_prefix() -> None:
    class Outer(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.model = nn.Linear(2, 2)

    with pytest.raises(RuntimeError, match="Missing key"):
        nn.Linear(2, 2).load_state_dict(Outer().state_dict())
