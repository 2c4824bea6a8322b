"""Apps that are in order, and the same with one thing changed: every change is reported by the rule for it, and nothing else is.

The apps are in ``tests/data/apps``, their models in text form.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deplint import plugins
from deplint.discover import discover
from deplint.engine import check
from deplint.project import Project, Reader

APPS = Path(__file__).with_name("data") / "apps"
LOADED = plugins.load()
MODELS = ("*.tflite", "*.ptl")
READERS = [Reader("text", MODELS, "deplint.cases:read_graph"), *(r for r in LOADED.readers if not set(r.names) & set(MODELS))]
RULES = [rule for rule in LOADED.rules if rule.category == "android"]

Change = Callable[[Path], None]
LEAF, DETECT, TORCH = "leaf", "detect", "torch"
NET, MAIN = "app/src/main/java/com/example/leaf/LeafClassifier.kt", "app/src/main/java/com/example/leaf/MainActivity.kt"
GRADLE, MANIFEST, ASSETS = "app/build.gradle", "app/src/main/AndroidManifest.xml", "app/src/main/assets"
DETECTOR, ACTIVITY = "app/src/main/java/org/demo/TFLiteDetector.java", "app/src/main/java/org/demo/DetectorActivity.java"
MODULE = "app/src/main/java/org/demo/TorchActivity.java"


def write(path: str, *changes: tuple[str, str]) -> Change:
    """Other words in a file, each of which must be there."""

    def change(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (root / path).write_text(text, "utf-8")

    return change


def move(old: str, new: str) -> Change:
    def change(root: Path) -> None:
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / old).rename(root / new)

    return change


def both(*changes: Change) -> Change:
    def change(root: Path) -> None:
        for each in changes:
            each(root)

    return change


MODEL = f"{ASSETS}/leaf.tflite"
ON_GPU = write(NET, ("options.setNumThreads(4)", "options.addDelegate(org.tensorflow.lite.gpu.GpuDelegate())"))
UNDER_WAY = "executor.execute {\n            classifier = LeafClassifier(this)\n            classifier.setup()\n        }"
PARTS = "".join(
    f"    implementation 'org.tensorflow:tensorflow-lite{end}'\n" for end in (":2.14.0", "-gpu:2.14.0", "-gpu-api:2.14.0", "-support:0.4.4")
)

MATRIX: list[tuple[str, str, Change | None, set[str]]] = [
    ("as it is", LEAF, None, set()),
    ("another number of classes", LEAF, write(NET, ("NUM_CLASSES = 5", "NUM_CLASSES = 4")), {"DPL707"}),
    ("another rank", LEAF, write(NET, ("Array(1) { FloatArray(NUM_CLASSES) }", "FloatArray(NUM_CLASSES)")), {"DPL707"}),
    ("bytes for floats", LEAF, write(NET, ("FloatArray(NUM_CLASSES)", "ByteArray(NUM_CLASSES)")), {"DPL707"}),
    ("a quantized model", LEAF, write(MODEL, ("image float32", "image uint8")), {"DPL705", "DPL724"}),
    ("a quantized output", LEAF, write(MODEL, ("scores float32", "scores uint8")), {"DPL707"}),
    ("a size of another model", LEAF, write(NET, ("INPUT_SIZE = 96", "INPUT_SIZE = 224")), {"DPL704", "DPL705"}),
    ("a larger model", LEAF, write(MODEL, ("96,96", "224,224")), {"DPL704", "DPL705"}),
    ("one channel", LEAF, write(MODEL, ("96,96,3", "96,96,1")), {"DPL705"}),
    ("big-endian floats", LEAF, write(NET, ("        imgData.order(ByteOrder.nativeOrder())\n", "")), {"DPL722"}),
    ("never rewound", LEAF, write(NET, ("        imgData.rewind()\n", "")), {"DPL723"}),
    ("one byte a float", LEAF, write(NET, ("* 3 * 4)", "* 3)")), {"DPL705"}),
    ("labels of another model", LEAF, write(f"{ASSETS}/labels.txt", ("d\ne\n", "")), {"DPL729"}),
    ("other pixels than trained on", LEAF, write(MODEL, ("3]\n", "3] traits(color=RGB, mean=[127.5], std=[127.5])\n")), {"DPL730"}),
    ("the pixels trained on", LEAF, write(MODEL, ("3]\n", "3] traits(color=RGB, mean=[0.0], std=[255.0])\n")), set()),
    ("another name", LEAF, move(MODEL, f"{ASSETS}/leaf_v2.tflite"), {"DPL720"}),
    ("another case", LEAF, move(MODEL, f"{ASSETS}/Leaf.tflite"), {"DPL720"}),
    ("among the resources", LEAF, move(MODEL, "app/src/main/res/raw/leaf.tflite"), {"DPL720"}),
    ("a folder too much", LEAF, write(NET, ('"leaf.tflite"', '"assets/leaf.tflite"')), {"DPL720"}),
    ("in a folder", LEAF, both(move(MODEL, f"{ASSETS}/m/leaf.tflite"), write(NET, ('"leaf.tflite"', '"m/leaf.tflite"'))), set()),
    (
        "a folder of its own",
        LEAF,
        both(
            move(MODEL, "models/leaf.tflite"),
            write(GRADLE, ("    namespace", "    sourceSets { main.assets.srcDirs += '../models' }\n    namespace")),
        ),
        set(),
    ),
    (
        "opened as a file",
        LEAF,
        write(NET, ("loadModelFile(MODEL_FILE), o", 'java.io.File("file:///android_asset/leaf.tflite"), o')),
        {"DPL721"},
    ),
    ("the image kept", LEAF, write(MAIN, ("            image.close()\n", "")), {"DPL714"}),
    ("the image used", LEAF, write(MAIN, ("            image.close()\n", "            image.use { }\n")), set()),
    (
        "the rotation left out",
        LEAF,
        write(MAIN, ("rotate(image.toBitmap(), image.imageInfo.rotationDegrees)", "image.toBitmap()")),
        {"DPL738"},
    ),
    ("no permission", LEAF, write(MANIFEST, ('<uses-permission android:name="android.permission.CAMERA" />', "")), {"DPL715"}),
    ("32 bits alone", LEAF, write(GRADLE, ("'armeabi-v7a', 'arm64-v8a'", "'armeabi-v7a'")), {"DPL713"}),
    ("64 bits alone", LEAF, write(GRADLE, ("'armeabi-v7a', 'arm64-v8a'", "'arm64-v8a'")), set()),
    (
        "half a delegate",
        LEAF,
        both(ON_GPU, write(GRADLE, ("    implementation 'org.tensorflow:tensorflow-lite-gpu-api:2.14.0'\n", ""))),
        {"DPL712"},
    ),
    ("on the GPU", LEAF, ON_GPU, set()),
    ("parts of two releases", LEAF, write(GRADLE, ("tensorflow-lite-gpu:2.14.0", "tensorflow-lite-gpu:2.9.0")), {"DPL709"}),
    ("any version", LEAF, write(GRADLE, ("tensorflow-lite:2.14.0", "tensorflow-lite:+")), {"DPL708"}),
    ("no runtime", LEAF, write(GRADLE, (PARTS, "    implementation 'androidx.core:core-ktx:1.12.0'\n")), {"DPL736"}),
    ("an older runtime", LEAF, write(MODEL, ("graph main", 'metadata min_runtime_version="2.17.0"\ngraph main')), {"DPL731"}),
    (
        "made for each frame",
        LEAF,
        write(NET, ("interpreter.run(imgData", "Interpreter(loadModelFile(MODEL_FILE)).run(imgData")),
        {"DPL716"},
    ),
    ("on the main thread", LEAF, write(MAIN, ("setAnalyzer(executor", "setAnalyzer(ContextCompat.getMainExecutor(this)")), {"DPL717"}),
    (
        "made on another thread",
        LEAF,
        both(ON_GPU, write(MAIN, (UNDER_WAY, "classifier = LeafClassifier(this)\n        classifier.setup()"))),
        {"DPL718"},
    ),
    (
        "an output too many",
        LEAF,
        write(NET, ("run(imgData, result)", "runForMultipleInputsOutputs(arrayOf(imgData), mapOf(1 to result))")),
        {"DPL725"},
    ),
    ("two inputs", LEAF, write(MODEL, ("  op CONV", "  input size float32[1,2]\n  op CONV")), {"DPL725"}),
    ("a factory, as it is", DETECT, None, set()),
    ("a dimension left out", DETECT, write(DETECTOR, ("new float[1][NUM_RESULTS][1][4]", "new float[1][NUM_RESULTS][4]")), {"DPL707"}),
    ("classes of another model", DETECT, write(DETECTOR, ("NUM_CLASSES = 3", "NUM_CLASSES = 91")), {"DPL707"}),
    ("results of another model", DETECT, write(DETECTOR, ("NUM_RESULTS = 10", "NUM_RESULTS = 1917")), {"DPL707"}),
    (
        "outputs of another model",
        DETECT,
        write(DETECTOR, ("outputs.put(0,", "outputs.put(3, numDetections);\n    outputs.put(0,")),
        {"DPL725"},
    ),
    ("outputs swapped", DETECT, write(DETECTOR, ("put(1, b", "put(0, b"), ("put(0, c", "put(1, c")), {"DPL707"}),
    ("a wrong flag", DETECT, write(ACTIVITY, ("IS_QUANTIZED = false", "IS_QUANTIZED = true")), {"DPL706"}),
    ("a wrong size", DETECT, write(ACTIVITY, ("INPUT_SIZE = 64", "INPUT_SIZE = 300")), {"DPL704"}),
    ("objects for numbers", DETECT, write(DETECTOR, ("classes = new float", "classes = new Float")), {"DPL707"}),
    ("a factory, big-endian", DETECT, write(DETECTOR, ("    made.pixels.order(ByteOrder.nativeOrder());\n", "")), {"DPL722"}),
    ("a factory, never rewound", DETECT, write(DETECTOR, ("    pixels.rewind();\n", "")), {"DPL723"}),
    ("a name elsewhere", DETECT, write(ACTIVITY, ('"detect.tflite"', '"detect_quant.tflite"')), {"DPL720"}),
    ("an address for a name", DETECT, write(ACTIVITY, ('"detect.tflite"', '"file:///android_asset/detect.tflite"')), {"DPL720"}),
    ("a runnable on the main thread", DETECT, write(ACTIVITY, ("runInBackground(", "runOnUiThread(")), {"DPL717"}),
    ("a retired runtime", TORCH, None, {"DPL710"}),
    ("no bytecode", TORCH, write(f"{ASSETS}/yolo.ptl", ("metadata kind=mobile\n", "")), {"DPL710", "DPL727"}),
    ("the other loader", TORCH, write(MODULE, ("LiteModuleLoader.load(", "Module.load(")), {"DPL710", "DPL727"}),
    ("another file", TORCH, write(MODULE, ('"yolo.ptl"', '"best.ptl"')), {"DPL710", "DPL720"}),
    (
        "classes shrunk away",
        TORCH,
        write(GRADLE, ("    aapt", "    buildTypes { release { minifyEnabled true } }\n    aapt")),
        {"DPL710", "DPL711"},
    ),
]


@pytest.mark.parametrize(("app", "change", "wanted"), [row[1:] for row in MATRIX], ids=[f"{row[1]}-{row[0]}" for row in MATRIX])
def test_one_change_one_rule(tmp_path: Path, app: str, change: Change | None, wanted: set[str]) -> None:
    root = tmp_path / app
    shutil.copytree(APPS / app, root)
    if change is not None:
        change(root)
    files = discover([root]).files
    report = check(Project(root, files, READERS), files, RULES)
    assert report.crashes == []
    assert {finding.rule for finding in report.findings} == wanted, [finding.message for finding in report.findings]
