"""R002, R007, R066, R130, R131: what servers, SageMaker's toolkit, the model archiver and ONNX Runtime do. Each needs a small package."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest


def test_uvicorn_listens_on_loopback():
    uvicorn = pytest.importorskip("uvicorn")
    assert uvicorn.Config("x").host == "127.0.0.1"


def test_flask_run_listens_on_loopback():
    cli = pytest.importorskip("flask.cli")
    assert [option.default for option in cli.run_command.params if option.name == "host"] == ["127.0.0.1"]


def test_hypercorn_listens_on_loopback():
    config = pytest.importorskip("hypercorn.config")
    assert config.Config()._bind == ["127.0.0.1:8000"]


def test_gunicorn_listens_on_loopback_unless_there_is_a_port_in_the_environment():
    pytest.importorskip("gunicorn.config")
    code = "from gunicorn.config import Config; print(Config().bind[0])"
    for env, bound in (({}, "127.0.0.1:8000"), ({"PORT": "9000"}, "0.0.0.0:9000")):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
        assert run.stdout.strip() == bound


def test_waitress_and_bentoml_listen_everywhere():
    assert pytest.importorskip("waitress.adjustments").Adjustments.host == "0.0.0.0"


def test_the_reloader_imports_the_program_twice(tmp_path: Path):
    pytest.importorskip("flask")
    (tmp_path / "app.py").write_text(
        "import os\nfrom flask import Flask\nopen('loaded', 'a').write('x')\napp = Flask(__name__)\n"
        "if os.environ.get('WERKZEUG_RUN_MAIN'):\n    os._exit(0)\napp.run(debug=True, port=0)\n"
    )
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (tmp_path / "loaded").read_text() == "xx"


@pytest.fixture
def transformer():
    return pytest.importorskip("sagemaker_inference.transformer").Transformer()


@pytest.mark.parametrize(
    ("function", "given", "fits"),
    [
        (lambda body: body, (1, 2), False),
        (lambda body, content_type: body, (1, 2), True),
        (lambda body, content_type="a": body, (1, 2), True),
        (lambda body, content_type, context: body, (1, 2), True),
        (lambda body, content_type, **rest: body, (1, 2), False),  # the context is given by position
        (lambda prediction, accept, content_type, context: prediction, (1, 2), False),
        (lambda model_dir, context=None: model_dir, (1,), True),
    ],
)
def test_sagemaker_counts_parameters(transformer, function, given, fits):
    if fits:
        assert transformer._run_handler_function(function, *given) == 1
    else:
        with pytest.raises(TypeError):
            transformer._run_handler_function(function, *given)


def test_sagemaker_wants_one_way(transformer, tmp_path, monkeypatch):
    (tmp_path / "both_ways.py").write_text("def transform_fn(a, b, c, d): ...\ndef predict_fn(a, b): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    transformer._environment = type("Environment", (), {"module_name": "both_ways"})()
    with pytest.raises(ValueError, match="Cannot use transform_fn implementation in conjunction"):
        transformer._validate_user_module_and_set_functions()


@pytest.mark.parametrize(
    ("words", "fails"),
    [
        ("--model-name a --version 1 --handler image_classifier", False),
        ("--model-name a -v 1 --handler image_classifier", False),
        ("--model-name a --handler image_classifier", True),
        ("--version 1 --handler image_classifier", True),
        ("--model-name a --version 1", True),
    ],
)
def test_the_model_archiver_needs_a_name_a_version_and_a_handler(words, fails, monkeypatch):
    parser = pytest.importorskip("model_archiver.arg_parser").ArgParser
    monkeypatch.setattr(sys, "argv", ["torch-model-archiver", *words.split()])
    if fails:
        with pytest.raises(SystemExit):
            parser.export_model_args_parser()
    else:
        parser.export_model_args_parser()


def test_numbers_in_wrappers_are_messages():
    """TensorFlow Serving's BatchingParameters wraps its numbers in google.protobuf.Int64Value."""
    pytest.importorskip("google.protobuf")
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2

    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(name="b.proto", syntax="proto3", dependency=["google/protobuf/wrappers.proto"])
    field = file.message_type.add(name="Batching").field.add(name="max_batch_size", number=1, type=11, label=1)
    field.type_name = ".google.protobuf.Int64Value"
    pool.Add(file)
    batching = message_factory.GetMessageClass(pool.FindMessageTypeByName("Batching"))
    assert text_format.Parse("max_batch_size { value: 32 }", batching()).max_batch_size.value == 32
    for wrong in ("max_batch_size: 32", "max_batch { value: 32 }"):
        with pytest.raises(text_format.ParseError):
            text_format.Parse(wrong, batching())


@pytest.mark.parametrize("provider", ["CUDAExecutionProvider", "TensorRTExecutionProvider"])
def test_a_provider_that_is_not_there_is_left_out_with_a_warning(provider):
    onnx, ort = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    if provider in ort.get_available_providers():
        pytest.skip("this package has it")
    tensors = [onnx.helper.make_tensor_value_info(name, 1, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", tensors[:1], tensors[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        session = ort.InferenceSession(model.SerializeToString(), providers=[provider, "CPUExecutionProvider"])
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert any("not in available provider names" in str(warning.message) for warning in said)
