"""R149, R161, R198, R210, R214, DPL427, DPL460, DPL463: which PyTorch calls coremltools cannot convert, how it names and loads its
packages, what it writes for which system."""

from __future__ import annotations

import shutil

import pytest
from shipped import table

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
ct = pytest.importorskip("coremltools")
from coremltools.converters.mil.frontend.milproto.load import load as milproto_load  # noqa: E402

from tools import torch_probe  # noqa: E402  needs the path conftest sets

ROWS = [row for row in table("torch_export")["rows"] if "coreml" in row]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_conversion_for(row):
    assert torch_probe.refused(row["example"], "coreml") == row["coreml"]


@pytest.mark.parametrize(
    "expression", ["torch.linalg.norm(x)", "torch.cumsum(x, 1)", "torch.topk(x, 2)[0]", "torch.log1p(x)", "torch.frac(x)"]
)
def test_converts(expression):
    torch_probe._coreml(*torch_probe.module(expression))


def converted(**settings):
    traced = torch.jit.trace(torch.nn.Linear(4, 2).eval(), torch.rand(1, 4))
    return ct.convert(traced, inputs=[ct.TensorType(shape=(1, 4))], **settings)


PROGRAM = [
    {},
    {"convert_to": "mlprogram"},
    {"minimum_deployment_target": ct.target.iOS15},
    {"minimum_deployment_target": ct.target.macOS12},
]
NETWORK = [
    {"convert_to": "neuralnetwork"},
    {"minimum_deployment_target": ct.target.iOS14},
    {"minimum_deployment_target": ct.target.macOS11},
]


@pytest.mark.parametrize("settings", PROGRAM, ids=str)
def test_ml_program_must_be_an_mlpackage(settings, tmp_path):
    model = converted(**settings)
    assert model.get_spec().WhichOneof("Type") == "mlProgram"
    for name in ("model.mlmodel", "model.foo"):
        with pytest.raises(Exception, match=r"For an ML Program, extension must be \.mlpackage"):
            model.save(str(tmp_path / name))
    model.save(str(tmp_path / "model.mlpackage"))
    model.save(str(tmp_path / "bare"))
    assert {path.name for path in tmp_path.iterdir()} == {"model.mlpackage", "bare.mlpackage"}


@pytest.mark.parametrize("settings", NETWORK, ids=str)
def test_a_neural_network_may_be_an_mlmodel(settings, tmp_path):
    model = converted(**settings)
    assert model.get_spec().WhichOneof("Type") == "neuralNetwork"
    model.save(str(tmp_path / "model.mlmodel"))


def test_a_program_needs_a_new_enough_target():
    with pytest.raises(ValueError, match="When 'convert_to' is mlprogram, the minimum deployment target must be at least iOS15"):
        converted(convert_to="mlprogram", minimum_deployment_target=ct.target.iOS14)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "Net.mlpackage"
    traced = torch.jit.trace(torch.nn.Linear(40, 20).eval(), torch.rand(1, 40))
    ct.convert(traced, inputs=[ct.TensorType("x", shape=(1, 40))], outputs=[ct.TensorType("y")]).save(str(path))
    return path


def copied(package, tmp_path):
    return shutil.copytree(package, tmp_path / "Net.mlpackage")


def loaded(package):
    """The program of a package with its weights, as coremltools reads them."""
    spec = ct.utils.load_spec(str(package))
    folder = package / "Data" / "com.apple.CoreML" / "weights"
    return milproto_load(spec, spec.specificationVersion, str(folder))


def test_a_whole_package(package):
    assert ct.libmodelpackage.ModelPackage(str(package)).getRootModel()
    assert loaded(package) is not None


def test_what_the_manifest_lists_must_be_there(package, tmp_path):
    path = copied(package, tmp_path)
    shutil.rmtree(path / "Data" / "com.apple.CoreML" / "weights")
    with pytest.raises(Exception, match="Item does not exist for identifier"):
        ct.libmodelpackage.ModelPackage(str(path))


@pytest.mark.parametrize("keep", [0, 32, 100, 200])
def test_weights_that_are_cut_short_cannot_be_read(package, tmp_path, keep):
    path = copied(package, tmp_path)
    weights = path / "Data" / "com.apple.CoreML" / "weights" / "weight.bin"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(Exception, match=r"."):
        loaded(path)


def test_a_program_that_reads_what_nothing_gives(package, tmp_path):
    path = copied(package, tmp_path)
    model = path / "Data" / "com.apple.CoreML" / "model.mlmodel"
    spec = ct.utils.load_spec(str(path))
    (block,) = spec.mlProgram.functions["main"].block_specializations.values()
    linear = next(op for op in block.operations if op.type == "linear")
    linear.inputs["x"].arguments[0].name = "renamed"
    model.write_bytes(spec.SerializeToString())
    with pytest.raises(KeyError, match="renamed"):
        loaded(path)


def test_a_weight_of_another_size(package, tmp_path):
    path = copied(package, tmp_path)
    model = path / "Data" / "com.apple.CoreML" / "model.mlmodel"
    spec = ct.utils.load_spec(str(path))
    (block,) = spec.mlProgram.functions["main"].block_specializations.values()
    weight = next(op for op in block.operations if op.type == "const" and op.attributes["val"].WhichOneof("value") == "blobFileValue")
    weight.attributes["val"].type.tensorType.dimensions[0].constant.size += 1
    model.write_bytes(spec.SerializeToString())
    with pytest.raises(ValueError, match="reshape"):
        loaded(path)


def test_versions_and_the_systems_that_read_them():
    """A target's value is the specification version that is written for it."""
    for target in (ct.target.iOS15, ct.target.iOS16, ct.target.iOS17, ct.target.iOS18):
        assert converted(minimum_deployment_target=target).get_spec().specificationVersion == target.value


def test_labels_make_a_classifier():
    traced = torch.jit.trace(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2)).eval(), torch.rand(1, 3, 4, 4))
    image = ct.ImageType("image", shape=(1, 3, 4, 4))
    plain = ct.convert(traced, inputs=[image]).get_spec().description
    labelled = ct.convert(traced, inputs=[image], classifier_config=ct.ClassifierConfig(["a", "b"])).get_spec().description
    assert (plain.predictedFeatureName, labelled.predictedFeatureName) == ("", "classLabel")
    array = ct.convert(traced, inputs=[ct.TensorType("image", shape=(1, 3, 4, 4))]).get_spec().description
    assert [d.input[0].type.WhichOneof("Type") for d in (plain, array)] == ["imageType", "multiArrayType"]
