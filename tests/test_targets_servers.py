"""The converter to ONNX, Keras 2, TensorFlow Serving and Triton: verdicts on models written as text, and against the real thing."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from deplint.model.text import parse_model
from deplint.targets import asked
from deplint.targets.known import TARGETS
from deplint.targets.matrix import subjects
from deplint.targets.releases import choose
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Judgement, Verdict
from deplint.verify import Asking

DATA = Path(__file__).parent / "data" / "models"


def judged(text: str, target: str, path: Path = Path("model")) -> Judgement:
    model = parse_model(text)
    return asked(target).judge(Subject(path, "model", model.format, model))


def saved(op: str, inputs: str = "x float32[2,3]", more: str = "", attributes: str = "", head: str = "tags=[serve]") -> str:
    """A SavedModel of one operator. `more` are operators in front of it."""
    names = ", ".join(each.split()[0] for each in inputs.split("; "))
    placed = [f"  op Placeholder {each.split()[0]} () -> ({each})" for each in inputs.split("; ") if each.split()[0] not in more]
    body = [*placed, *(more.splitlines() if more else ()), f"  op {op} y ({names}) -> (y float32[2,3]) {attributes}".rstrip(), "  output y"]
    return "\n".join(
        [f"model savedmodel {head}", "signature serving_default (x=x float32[2,3]) -> (y=y float32[2,3])", "graph main", *body]
    )


RESERVED = "  op TensorListReserve reserved () -> (list variant[])"
AXIS = "  op Const axis () -> (axis int32[]) value=int32[]{0}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (saved("Relu"), ""),
        (saved("Igamma", "x float32[2,3]; a float32[2,3]"), "DPL551"),
        (saved("BitwiseAnd", "x int32[2]; a int32[2]"), "DPL552"),  # from operator set 18 on
        (saved("Cos", "x complex64[2]"), "DPL553"),
        (saved("AddN", "x int32[2]; a int32[2]"), "DPL553"),
        (saved("UnsortedSegmentSum", "x float32[2,3]; ids int32[2,3]; n int32[]"), "DPL554"),
        (saved("UnsortedSegmentSum", "x float32[2,3]; ids int32[2]; n int32[]"), ""),
        (saved("Transpose", "x float32[2,3]; perm int32[2]"), "DPL554"),
        (saved("GatherV2", "x float32[2,3]; i int32[2]; axis int32[]", AXIS), ""),
        (saved("FFT", "x complex64[8]"), "DPL554"),
        (saved("FusedBatchNormV3", "x float32[1,4,4,2]; s float32[2]"), ""),
        (saved("FusedBatchNormV3", "x float32[1,4,4,2]; s float32[2]").replace("-> (y float32[2,3])", "-> (z, y float32[2,3])"), "DPL554"),
        (saved("FusedBatchNormV3", "x float32[1,4,4,2]; s float32[2]", attributes="is_training=false"), ""),
        (saved("OneHot", "x int64[2,3]; d int32[]; on uint8[]; off uint8[]"), "DPL554"),
        (saved("OneHot", "x int64[2,3]; d int32[]; on float32[]; off float32[]"), ""),
        (saved("Exit"), "DPL551"),
        (saved("AsString", "x int32[2]"), "DPL551"),
        (saved("LookupTableFindV2", "x int32[2]; s string[2]", "  op AsString t (x) -> (s string[2])").replace("(x, s)", "(s)"), ""),
        (saved("TensorListStack", "x variant[]"), ""),
        (saved("StatelessWhile", "x float32[2]; list variant[]", RESERVED), ""),
        (saved("StatelessWhile", "x float32[2]; list variant[]", RESERVED.replace("Reserve", "SetItem")), "DPL554"),
        ("model tflite\ngraph main\n  input x int16[2] quant(0.5, 0)\n  op ABS (x) -> (y int16[2])\n  output y", "DPL553"),
        ("model keras-h5\nmetadata class_name=Sequential\nlayer a Dense module=keras.layers {units: 4, activation: gelu}", "DPL551"),
        ("model keras-h5\nmetadata class_name=Sequential\nlayer a Dense module=keras.layers {units: 4, activation: relu}", ""),
        ("model tflite\ngraph main\n  input x float32[2]\n  op ABS (x) -> (y float32[2])\n  output y", ""),
        ("model tflite\ngraph main\n  input x float32[2]\n  op STABLEHLO_SORT (x) -> (y float32[2])\n  output y", "DPL551"),
        ("model tflite\ngraph main\n  input x float32[2]\n  op custom.Mfcc (x) -> (y float32[2])\n  output y", "DPL551"),
    ],
)
def test_tf2onnx(text: str, rule: str):
    judgement = judged(text, "onnx")
    assert [reason.rule for reason in judgement.reasons] == ([rule] if rule else []), judgement
    assert judgement.verdict is (Verdict.fails if rule else Verdict.ok)
    assert all(reason.remedy and reason.source for reason in judgement.reasons)


KERAS_2 = 'model keras\nmetadata module="tf_keras"\nmetadata class_name=Sequential\nmetadata weights=model.weights.h5\n'
KERAS_3 = 'model keras\nmetadata module="keras"\nmetadata class_name=Sequential\nmetadata weights=model.weights.h5\n'
INPUT_2 = "layer image InputLayer {batch_input_shape: [none,4]}\n"
INPUT_3 = "layer image InputLayer module=keras.layers {batch_shape: [none,4]}\n"


@pytest.mark.parametrize(
    ("text", "two", "three"),
    [
        (KERAS_2 + INPUT_2 + "layer dense Dense {units: 4, activation: relu}", [], ["DPL550"]),
        (KERAS_3 + INPUT_3 + "layer dense Dense module=keras.layers {units: 4, activation: relu}", ["DPL550"], []),
        (KERAS_3 + 'layer d Dense module=keras.layers {units: 4, dtype: {module: keras, class_name: "DTypePolicy"}}', ["DPL550"], []),
        ("model keras-h5\nmetadata class_name=Sequential\n" + INPUT_2 + "layer mine Mine {}", ["DPL551"], ["DPL551"]),
        (
            "model keras-h5\nmetadata class_name=Sequential\n" + INPUT_2 + "layer a LSTM {units: 4, time_major: false}",
            [],
            ["DPL554"],
        ),
        (
            'model keras-h5\nmetadata class_name=Sequential\nlayer twice Lambda {function: ["4wEAA", none, none], function_type: lambda}',
            [],
            ["DPL551"],
        ),
        ("model keras-h5\ngraph net\n  weight dense/kernel float32[2,2]", ["DPL550"], ["DPL550"]),
        (
            "model keras\nmetadata module=tf_keras\nmetadata class_name=Sequential\nlayer dense Dense {units: 4}",
            ["DPL550"],
            ["DPL550", "DPL550"],
        ),
    ],
)
def test_generations_of_keras(text: str, two: list[str], three: list[str], tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    assert [reason.rule for reason in judged(text, "keras2", tmp_path / "model.keras").reasons] == two
    assert [reason.rule for reason in judged(text, "keras3", tmp_path / "model.keras").reasons] == three


@pytest.mark.parametrize(
    ("text", "target", "rule"),
    [
        (saved("Relu"), "tfserving==2.0", ""),
        (saved("DecodeWebP"), "tfserving==2.21.1", ""),
        (saved("DecodeWebP"), "tfserving==2.14", "DPL552"),
        (saved("MyOwnOp"), "tfserving", "DPL551"),
        (saved("SentencepieceOp"), "tfserving==2.8", ""),  # TensorFlow Text is linked
        (saved("Relu", head="tags=[train]"), "tfserving", "DPL550"),
        (saved("Relu", head="tags=[serve, gpu]") + '\nmetadata tag_sets="gpu serve"', "tfserving", "DPL550"),
        (saved("Relu", head="tags=[serve, gpu]") + '\nmetadata tag_sets="serve; gpu serve"', "tfserving", ""),
        ("model savedmodel tags=[serve]\ngraph main\n  op NoOp () -> ()", "tfserving", "DPL550"),
        (saved("Relu"), "triton==25.02", ""),
        (saved("Relu"), "triton==25.03", "DPL550"),
        (saved("Relu", head="tags=[train]"), "triton==24.05", "DPL550"),
    ],
)
def test_servers(text: str, target: str, rule: str):
    judgement = judged(text, target)
    assert [reason.rule for reason in judgement.reasons] == ([rule] if rule else []), judgement
    assert judgement.verdict is (Verdict.fails if rule else Verdict.ok)


def test_triton_runs_onnx_as_the_runtime_of_its_image_does():
    text = 'model onnx ir=10 opset={{"": {}}}\ngraph g\n  input x {}[2]\n  op {} (x) -> (y {}[2])\n  output y {}[2]'

    def verdict(target: str, opset: int = 17, op: str = "Relu", dtype: str = "float32") -> Verdict:
        return judged(text.format(opset, dtype, op, dtype, dtype), target).verdict

    assert verdict("triton==24.05") is Verdict.ok  # ONNX Runtime 1.18
    assert verdict("triton==24.05", 22) is Verdict.fails and verdict("triton==25.08", 22) is Verdict.ok
    assert verdict("triton", op="NoSuchOp") is Verdict.fails
    assert verdict("triton==22.05") is Verdict.unknown  # ONNX Runtime 1.11
    assert verdict("triton==24.05", op="Acosh", dtype="float64") is Verdict.fails
    # What CUDA has a kernel for runs, though the CPU has none.
    assert verdict("onnxruntime-cpu==1.18", op="Celu", dtype="float64") is verdict("triton==24.05", op="Celu", dtype="float64")


def test_other_backends_of_triton_are_not_judged():
    assert judged("model torchscript\ngraph main\n  op aten.relu (x) -> (y)", "triton").verdict is Verdict.unknown


def test_images_of_triton_are_those_of_its_releases():
    """Spot checks of the table against build.py as it is at the tags, read by eye."""
    releases = TARGETS["triton"].releases
    versions = {release: {op: row[0].more.get("version", "") for (_, op), row in rows("triton", release).items()} for release in releases}
    assert versions["24.01"] == {"onnxruntime": "1.16.3", "openvino": "2023.0.0", "pytorch": "", "tensorflow": ""}
    assert versions["25.02"] == {"onnxruntime": "1.20.1", "openvino": "2025.0.0", "pytorch": "", "tensorflow": ""}
    assert versions["26.07"] == {"onnxruntime": "1.27.0", "openvino": "2026.2.0", "pytorch": ""}
    assert choose(releases, "==24.05").releases == ("24.05",)


@pytest.mark.tensorflow
def test_keras_2_agrees():
    pytest.importorskip("tf_keras")
    paths = [path for path in sorted((DATA / "keras").iterdir()) if path.suffix in (".h5", ".keras")]
    wrong = []
    with Asking() as asking:
        for path in paths:
            (subject,) = subjects([path])
            answer, verdict = asking.ask(path, "keras2"), asked("keras2").judge(subject).verdict
            if answer.works != (verdict is not Verdict.fails):
                wrong.append((path.name, answer, verdict))
    assert len(paths) > 20 and not wrong


@pytest.mark.tensorflow
def test_tf2onnx_and_serving_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("tf2onnx")
    build_tensorflow = pytest.importorskip("tools.agreement.build_tensorflow")
    build_serving = pytest.importorskip("tools.agreement.build_serving")
    monkeypatch.setattr(build_serving, "OPERATORS", ("MyOwnOp",))  # newer ones are there, and take other inputs
    rng = random.Random(11)
    known = build_tensorflow.operators()
    made = 0
    while made < 30:
        made += build_tensorflow.save_graph(tmp_path / f"{made}", build_tensorflow.single(rng.choice(known), rng))
    fails, said = 0, 0
    with Asking() as asking:
        for number in range(made):
            folder = tmp_path / str(number)
            (subject,) = subjects([folder])
            answer, verdict = asking.ask(folder, "onnx"), asked("onnx").judge(subject).verdict
            assert not (answer.works and verdict is Verdict.fails), (subject.shown, answer)
            fails, said = fails + (not answer.works), said + (verdict is Verdict.fails)
            file = folder / "saved_model.pb"
            file.write_bytes(build_serving.changed(file.read_bytes(), rng.choice(("operator", "tag", "tags", "signature")), rng))
            (subject,) = subjects([folder])
            answer, verdict = asking.ask(folder, "tfserving"), asked("tfserving").judge(subject).verdict
            assert answer.works == (verdict is not Verdict.fails), (subject.shown, answer, verdict)
    assert said >= 0.9 * fails > 0


@pytest.mark.tensorflow
def test_numbers_of_tensorflow_and_onnx_runtime_are_compared(tmp_path: Path):
    pytest.importorskip("tf2onnx")
    tf = pytest.importorskip("tensorflow")
    module = tf.Module()
    module.scale = tf.Variable([1.0, 2.0, 3.0])
    module.call = tf.function(lambda x: {"y": tf.tanh(x) * module.scale}, input_signature=[tf.TensorSpec([None, 3], tf.float32, "x")])
    tf.saved_model.save(module, str(tmp_path / "saved"), module.call)
    with Asking() as asking:
        answer = asking.ask(tmp_path / "saved", "onnx", numeric=True)
    assert answer.works and answer.differs is False, answer
