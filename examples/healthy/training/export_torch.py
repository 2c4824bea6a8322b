"""Export the PyTorch models to ONNX for Triton, the API, the phone and the web, and to Core ML."""

from __future__ import annotations

from pathlib import Path

import coremltools as ct
import numpy as np
import onnxruntime as ort
import torch
from settings import Settings
from torch_models import BruiseNet, RipenessNet, load

BATCH = "batch"


def to_onnx(model: torch.nn.Module, example: torch.Tensor, target: Path, entry: str, result: str) -> None:
    """The TorchScript exporter at opset 17, batch left open; compared with the original afterwards."""
    axes = {name: {0: BATCH} for name in (entry, result)}
    names = {"input_names": [entry], "output_names": [result]}
    torch.onnx.export(model, (example,), str(target), dynamic_axes=axes, opset_version=17, dynamo=False, **names)
    compare(model, example, target, entry)


def to_onnx_modern(model: torch.nn.Module, example: torch.Tensor, target: Path, entry: str, result: str) -> None:
    """The new exporter, weights beside the graph in model.onnx.data."""
    options = {"dynamo": True, "external_data": True, "dynamic_shapes": ({0: torch.export.Dim(BATCH, min=1, max=64)},)}
    torch.onnx.export(model, (example,), str(target), input_names=[entry], output_names=[result], **options)
    compare(model, example, target, entry)


def compare(model: torch.nn.Module, example: torch.Tensor, target: Path, entry: str) -> None:
    session = ort.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    batch = example.repeat(3, *[1] * (example.dim() - 1))
    (answer,) = session.run(None, {entry: batch.numpy()})
    np.testing.assert_allclose(answer, model(batch).numpy(), atol=1e-5)


def to_coreml(settings: Settings) -> None:
    bruise = torch.jit.trace(load(BruiseNet), torch.zeros(1, 3, 32, 32))
    crop = ct.ImageType(name="crop", shape=(1, 3, 32, 32), scale=1 / 255.0)
    package = (settings.ios / "Bruise").with_suffix(".mlpackage")
    options = {"minimum_deployment_target": ct.target.iOS15, "classifier_config": ct.ClassifierConfig(["sound", "bruised"])}
    ct.convert(bruise, inputs=[crop], **options).save(str(package))

    ripeness = torch.jit.trace(load(RipenessNet), torch.zeros(1, 6))
    kind = "neuralnetwork"
    colours = [ct.TensorType(name="colours", shape=(1, 6))]
    ct.convert(ripeness, inputs=colours, convert_to=kind).save(str(settings.ios / "Ripeness.mlmodel"))


def main() -> None:
    settings = Settings()
    bruise, crops = load(BruiseNet), torch.rand(2, 3, 32, 32)
    to_onnx(bruise, crops, settings.triton / "bruise" / "1" / "model.onnx", "crop", "bruised")
    to_onnx_modern(bruise, crops, settings.api / "bruise.onnx", "crop", "bruised")
    ripeness, colours = load(RipenessNet), torch.rand(2, 6)
    for target in (settings.assets / "ripeness.onnx", settings.web / "ripeness.onnx"):
        to_onnx(ripeness, colours, target, "colours", "ripeness")
    to_coreml(settings)


if __name__ == "__main__":
    main()
