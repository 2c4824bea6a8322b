"""Targets that run `.tflite` files: verdicts on models of one operator, and on files converters have made, against the real interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.targets import asked
from deplint.targets.known import TARGETS
from deplint.targets.matrix import subjects
from deplint.targets.verdict import Judgement, Verdict

flatbuffers = pytest.importorskip("flatbuffers")
from tools.agreement.build_tflite import Draw, Single, Tensor, several, single  # noqa: E402

MODELS = Path(__file__).parent / "data" / "models" / "tflite"
PAIR = [Tensor("float32", (2, 3))]


def judged(path: Path, model: Single, target: str) -> Judgement:
    path.write_bytes(bytes(model))
    (subject,) = subjects([path])
    return asked(target).judge(subject)


@pytest.mark.parametrize(
    ("target", "model", "verdict", "rule"),
    [
        ("litert", single("RELU", Draw()), Verdict.ok, ""),
        ("litert", single("RELU", Draw("qint8")), Verdict.ok, ""),
        ("litert", single("RELU", Draw("int32")), Verdict.fails, "DPL553"),
        ("litert", single("ADD", Draw("float32", other="int32")), Verdict.fails, "DPL553"),
        ("litert", single("ADD", Draw("string")), Verdict.ok, ""),  # was not measured
        ("litert==2.1.0", single("ADD", Draw(), 6), Verdict.fails, "DPL552"),
        ("litert==9.9", single("ADD", Draw(), 60), Verdict.unknown, "DPL552"),
        ("litert", Single("STABLEHLO_SORT", 1, PAIR, PAIR), Verdict.fails, "DPL551"),
        ("litert", Single("CUSTOM", 1, PAIR, PAIR, custom="MyOperator"), Verdict.fails, "DPL551"),
        ("litert", Single("CUSTOM", 1, PAIR, PAIR, custom="FlexErf"), Verdict.fails, "DPL551"),
        ("litert", Single("CUSTOM", 1, PAIR, PAIR, custom="Mfcc"), Verdict.ok, ""),
        ("tflite", single("ADD", Draw()), Verdict.ok, ""),
        ("tflite", single("ADD", Draw(), 60), Verdict.fails, "DPL552"),
        ("tflite", Single("CUSTOM", 1, PAIR, PAIR, custom="FlexErf"), Verdict.fails, "DPL551"),
        ("tflite-select", Single("CUSTOM", 1, PAIR, PAIR, custom="FlexErf"), Verdict.ok, ""),
        ("tflm", single("ADD", Draw()), Verdict.ok, ""),
        ("tflm", single("GELU", Draw()), Verdict.fails, "DPL551"),
        ("tflm", Single("CUSTOM", 1, PAIR, PAIR, custom="Mfcc"), Verdict.fails, "DPL551"),
        ("tflm", Single("CUSTOM", 1, PAIR, PAIR, custom="ethos-u"), Verdict.ok, ""),
        ("xnnpack", single("SOFTMAX", Draw()), Verdict.ok, ""),
        ("xnnpack", single("TOPK_V2", Draw()), Verdict.degraded, "DPL555"),
        ("nnapi", single("ADD", Draw(), 4), Verdict.degraded, "DPL555"),
        ("tflite-gpu", single("ADD", Draw()), Verdict.ok, ""),
        ("tflite-gpu", single("ADD", Draw("int64")), Verdict.degraded, "DPL555"),
        ("tflite-gpu", single("SLICE", Draw()), Verdict.degraded, "DPL555"),
        ("tflite-gpu", Single("CUSTOM", 1, PAIR, PAIR, custom="FlexErf"), Verdict.fails, "DPL551"),
        ("edgetpu", single("ADD", Draw()), Verdict.fails, "DPL553"),
        ("edgetpu", single("ADD", Draw("qint8")), Verdict.ok, ""),
        ("edgetpu", single("GATHER", Draw("qint8")), Verdict.unknown, "DPL551"),
        ("ethos-u55", single("ADD", Draw("qint8")), Verdict.ok, ""),
        ("ethos-u55", single("ADD", Draw()), Verdict.degraded, "DPL555"),
        ("ethos-u65", single("ADD", Draw("int8")), Verdict.degraded, "DPL555"),
        ("ethos-u55", single("GATHER", Draw("qint8")), Verdict.degraded, "DPL555"),
        ("ethos-u85", single("GATHER", Draw("qint8")), Verdict.ok, ""),
    ],
)
def test_verdicts(tmp_path: Path, target: str, model: Single, verdict: Verdict, rule: str):
    found = judged(tmp_path / "m.tflite", model, target)
    assert found.verdict is verdict, found
    if rule:
        reason = found.reasons[0]
        assert reason.rule == rule and reason.remedy and reason.source
        assert reason.locations or rule == "DPL553"


def test_a_missing_version_names_the_release_that_has_it(tmp_path: Path):
    (reason,) = judged(tmp_path / "m.tflite", single("ADD", Draw(), 6), "litert==1.0.1").reasons
    assert "version 6" in reason.message and reason.remedy.startswith("use LiteRT 2.")
    assert reason.locations == ("main:op[0](ADD)",)


def test_what_converters_made_runs_but_for_select_operators():
    for subject in subjects(sorted(MODELS.glob("*.tflite"))):
        verdict = asked("litert").judge(subject).verdict
        assert verdict is (Verdict.fails if "select_ops" in subject.shown else Verdict.ok), subject.shown


def test_accelerators_take_what_is_quantized_whole():
    whole, floats = subjects([MODELS / "int8.tflite", MODELS / "float.tflite"])
    assert asked("ethos-u55").judge(whole).verdict is Verdict.ok
    assert asked("ethos-u55").judge(floats).verdict is Verdict.degraded
    assert asked("edgetpu").judge(floats).verdict is Verdict.fails


def test_tables_name_operators_the_schema_has():
    from deplint.data import load

    names = set(load("tflite_schema")["enums"]["BuiltinOperator"])
    for target in ("litert", "tflm", "xnnpack", "nnapi", "tflite-gpu", "edgetpu"):
        assert {row["op"] for row in load(f"support/{TARGETS[target].table}")["rows"]} <= names


@pytest.mark.tensorflow
def test_litert_agrees(tmp_path: Path):
    """Models of one operator, many of them broken, in the release that is installed."""
    litert = pytest.importorskip("ai_edge_litert")
    from importlib.metadata import version

    import numpy
    from ai_edge_litert.interpreter import Interpreter

    assert litert
    target = asked(f"litert=={version('ai-edge-litert')}")
    wrong, said, failed = [], 0, 0
    for name, content in several(5, 150):
        if "Detection" in name:  # takes the process down without its options
            continue
        path = tmp_path / name
        path.write_bytes(content)
        try:
            interpreter = Interpreter(str(path))
            interpreter.allocate_tensors()
            inputs = interpreter.get_input_details()
            if all(numpy.dtype(each["dtype"]).kind in "fiubc" for each in inputs):
                for each in inputs:
                    interpreter.set_tensor(each["index"], numpy.ones(each["shape"], each["dtype"]))
                interpreter.invoke()
            works = True
        except Exception:
            works = False
        (subject,) = subjects([path])
        fails = target.judge(subject).verdict is Verdict.fails
        said, failed = said + fails, failed + (not works)
        if fails and works:
            wrong.append(name)
    assert len(wrong) <= 0.03 * said and said >= 0.85 * failed, (wrong, said, failed)


def told(graph: str, target: str) -> Judgement:
    """What is said of a graph of TensorFlow that is written as text."""
    from deplint.model.text import parse_model
    from deplint.targets.subject import Subject

    return asked(target).judge(Subject(Path("m.pb"), "m.pb", "graphdef", parse_model(f"model graphdef\ngraph main\n{graph}")))


FED = "  input x float32[2,3]\n  op Placeholder x () -> (x float32[2,3]) dtype=float32\n"


@pytest.mark.parametrize(
    ("graph", "target", "verdict", "words"),
    [
        (FED + "  op Relu y (x) -> (y float32[2,3]) T=float32\n  output y\n", "tflite", Verdict.ok, ""),
        (FED + "  op AvgPool3D y (x) -> (y float32[2,3]) T=float32\n  output y\n", "tflite", Verdict.fails, "SELECT_TF_OPS"),
        (FED + "  op AvgPool3D y (x) -> (y float32[2,3]) T=float32\n  output y\n", "tflite-select", Verdict.ok, ""),
        (FED + "  op HistogramFixedWidth y (x) -> (y int32[4]) T=float32\n  output y\n", "tflite-select", Verdict.fails, "custom operator"),
        (FED + "  op Round y (x) -> (y) T=int8\n  output y\n", "tflite-select", Verdict.fails, "No OpKernel was registered"),
        (FED + "  op NoSuchOp y (x) -> (y float32[2,3])\n  output y\n", "tflite-select", Verdict.fails, "Op type not registered"),
        (FED + "  op Relu y (z) -> (y float32[2,3]) T=float32\n  output y\n", "tflite", Verdict.fails, "which nothing gives"),
        (FED + "  op Erfc y (x) -> (y float32[2,3]) T=float32\n  output y\n", "tflite-select", Verdict.fails, "Erfc"),
        ("  input t resource[]\n  op Placeholder t () -> (t resource[]) dtype=resource\n  output t\n", "tflite", Verdict.fails, "resource"),
    ],
)
def test_graphs_of_tensorflow(graph: str, target: str, verdict: Verdict, words: str):
    found = told(graph, target)
    assert found.verdict is verdict, found
    assert not words or words in found.reasons[0].message, found


def test_gelu_takes_its_error_function_along():
    gelu = "  op Mul a (x, x) -> (a float32[2,3]) T=float32\n  op Erf e (a) -> (e float32[2,3]) T=float32\n"
    gelu += "  op AddV2 y (e, x) -> (y float32[2,3]) T=float32\n  output y\n"
    assert told(FED + gelu, "tflite").verdict is Verdict.ok


IMAGE = "  input x float32[1,8,8,3]\n  op Placeholder x () -> (x float32[1,8,8,3]) dtype=float32\n"
FILTER = "  op Reshape k (f, s) -> (k float32[1,1,3,3]) T=float32\n  op Conv2D y (x, k) -> (y float32[1,8,8,3]) T=float32\n  output y\n"
FILTERED = "  op Const s () -> (s int32[4]) dtype=int32\n" + FILTER


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (IMAGE + "  op Const f () -> (f float32[9]) dtype=float32\n" + FILTERED, ""),
        (IMAGE + "  op Relu f (x) -> (f float32[9]) T=float32\n" + FILTERED, "a filter that is computed"),
        (IMAGE + "  op Tanh f (x) -> (f float32[9]) T=float32\n" + FILTERED, ""),
        (
            IMAGE + "  op Const n () -> (n int32[1]) dtype=int32\n"
            "  op ReverseSequence y (x, n) -> (y float32[1,8,8,3]) T=float32 Tlen=int32 seq_dim=1 batch_dim=0\n  output y\n",
            "'INT8' is not supported",
        ),
    ],
)
def test_full_integers_ask_more_than_built_in_operators(graph: str, words: str):
    assert told(graph, "tflite").verdict is Verdict.ok
    found = told(graph, "tflite-int8")
    assert found.verdict is (Verdict.fails if words else Verdict.ok), found
    assert not words or words in found.reasons[0].message


@pytest.mark.parametrize(("dtype", "verdict"), [("float32", Verdict.fails), ("int32", Verdict.ok)])
def test_full_integers_take_no_loop_that_collects_numbers(dtype: str, verdict: Verdict):
    from deplint.model.text import parse_model
    from deplint.targets.subject import Subject

    graph = """model graphdef
graph main
  input x float32[2,3]
  op Placeholder x () -> (x float32[2,3]) dtype=float32
  op Const i () -> (i int32[]) dtype=int32
  op Const shape () -> (shape int32[2]) dtype=int32
  op TensorListFromTensor list (x, shape) -> (list variant[]) element_dtype=DTYPE
  op StatelessWhile while (i, list) -> (while, while:1) cond=cond body=body
  output while
function cond
  input a int32[]
  input b variant[]
  op Less y (a, a) -> (y bool[]) T=int32
  output y
function body
  input a int32[]
  input b variant[]
  op Const s () -> (s int32[2]) dtype=int32
  op TensorListGetItem item (b, a, s) -> (item DTYPE[3]) element_dtype=DTYPE
  op TensorListSetItem after (b, a, item) -> (after variant[]) element_dtype=DTYPE
  op AddV2 next (a, a) -> (next int32[]) T=int32
  output next
  output after
""".replace("DTYPE", dtype)
    model = parse_model(graph)
    subject = Subject(Path("m.pb"), "m.pb", "graphdef", model)
    assert asked("tflite").judge(subject).verdict is Verdict.ok
    found = asked("tflite-int8").judge(subject)
    assert found.verdict is verdict, found
    assert verdict is Verdict.ok or "segmentation fault" in found.reasons[0].message


@pytest.mark.parametrize(("shape", "alpha", "verdict"), [("1,4,4,4,2", "4,4,4,2", Verdict.fails), ("1,4,4,2", "4,4,2", Verdict.ok)])
def test_prelu_has_four_dimensions(shape: str, alpha: str, verdict: Verdict):
    graph = f"  input x float32[{shape}]\n  op Placeholder x () -> (x float32[{shape}]) dtype=float32\n"
    graph += f"  op Const alpha () -> (alpha float32[{alpha}]) dtype=float32\n"
    for op, name, inputs in (("Relu", "a", "x"), ("Neg", "b", "x"), ("Relu", "c", "b"), ("Mul", "d", "alpha, c"), ("AddV2", "y", "a, d")):
        graph += f"  op {op} {name} ({inputs}) -> ({name} float32[{shape}]) T=float32\n"
    for target in ("tflite", "tflite-select", "tflite-int8"):
        assert told(graph + "  output y\n", target).verdict is verdict


@pytest.mark.parametrize(
    "model",
    [
        Single("ADD", 1, [Tensor("float32", (2, 3))], PAIR),
        Single("RELU", 1, [*PAIR, *PAIR], PAIR),
        Single("SVDF", 1, PAIR, PAIR),
        single("RANDOM_UNIFORM", Draw("int32", result="int16")),
    ],
)
def test_kernels_that_do_not_prepare(tmp_path: Path, model: Single):
    assert judged(tmp_path / "m.tflite", model, "litert").verdict is Verdict.fails


@pytest.mark.parametrize(("scaled", "verdict"), [(True, Verdict.ok), (False, Verdict.fails)])
def test_int32_with_a_scale_was_not_tried(scaled: bool, verdict: Verdict):
    from deplint.model.text import parse_model
    from deplint.targets.subject import Subject

    scale = " quant(0.5, 0)" if scaled else ""
    model = parse_model(
        f"model tflite\ngraph main\n  input x int16[2] quant(0.5, 0)\n  op QUANTIZE@1 y (x) -> (y int32[2]{scale})\n  output y\n"
    )
    found = asked("litert==2.1.0").judge(Subject(Path("m.tflite"), "m.tflite", "tflite", model))
    assert found.verdict is verdict, found


def keras_archive(path: Path, layer: dict[str, object]) -> Path:
    import json
    import zipfile

    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [layer]}, "registered_name": None}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("model.weights.npz", b"weights, one hundred of them")
    return path


def test_archives_of_keras(tmp_path: Path):
    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 2}, "registered_name": None}
    whole = keras_archive(tmp_path / "m.keras", dense)
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(whole.read_bytes().replace(b"one hundred", b"two hundred"))
    own = keras_archive(tmp_path / "own.keras", {**dense, "class_name": "Mine", "module": "my.layers", "registered_name": "Mine"})
    pooled = keras_archive(
        tmp_path / "pooled.keras",
        {**dense, "class_name": "LSTM", "config": {"name": "l", "units": 2, "time_major": True}},
    )
    verdicts = [
        [asked(target).judge(subject).verdict for subject in subjects([whole, damaged, own, pooled])] for target in ("keras3", "tflite")
    ]
    assert verdicts == [[Verdict.ok, Verdict.fails, Verdict.fails, Verdict.fails]] * 2


@pytest.mark.parametrize(("layer", "unrolled", "verdict"), [("GRU", False, Verdict.fails), ("GRU", True, Verdict.ok)])
def test_full_integers_take_no_layer_that_loops(tmp_path: Path, layer: str, unrolled: bool, verdict: Verdict):
    config = {"name": "g", "units": 2, "unroll": unrolled}
    path = keras_archive(tmp_path / "m.keras", {"module": "keras.layers", "class_name": layer, "config": config, "registered_name": None})
    (subject,) = subjects([path])
    assert asked("tflite").judge(subject).verdict is Verdict.ok
    assert asked("tflite-int8").judge(subject).verdict is verdict


@pytest.mark.parametrize(("mode", "verdict"), [("dot", Verdict.fails), ("concat", Verdict.ok)])
def test_attention_in_hdf5(tmp_path: Path, mode: str, verdict: Verdict):
    import json

    h5py = pytest.importorskip("h5py")
    layer = {"module": "keras.layers", "class_name": "Attention", "config": {"name": "a", "score_mode": mode}, "registered_name": None}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "3.15.1"
        file.create_group("model_weights").attrs["layer_names"] = []
    (subject,) = subjects([tmp_path / "m.h5"])
    found = asked("keras3").judge(subject)
    assert found.verdict is verdict, found
