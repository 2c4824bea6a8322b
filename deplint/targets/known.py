"""The targets deplint knows, by name."""

from __future__ import annotations

from collections.abc import Mapping

from deplint.targets import Target

ONNX = ("onnx", "ort")
TENSORFLOW = ("savedmodel", "graphdef", "keras", "keras-h5")
TORCH = ("torch-export", "torchscript")
TFLITE = ("tflite",)

_TENSORFLOW = ("tensorflow",)
_LITERT = ("ai-edge-litert", "tflite-runtime", "com.google.ai.edge.litert:litert", "org.tensorflow:tensorflow-lite")
_ORT = ("onnxruntime",)
_ORT_WEB = ("npm:onnxruntime-web",)
_ORT_MOBILE = ("com.microsoft.onnxruntime:onnxruntime-android", "cocoapods:onnxruntime-objc", "cocoapods:onnxruntime-c")
_TFJS = ("@tensorflow/tfjs", "@tensorflow/tfjs-converter")

_ALL = (
    Target(
        "tflite",
        "TensorFlow Lite, built-in operators",
        (*TFLITE, *TENSORFLOW),
        "tensorflow_lite:builtins",
        "tflite-conversion",
        _TENSORFLOW,
    ),
    Target(
        "tflite-select",
        "TensorFlow Lite with select operators",
        (*TFLITE, *TENSORFLOW),
        "tensorflow_lite:select",
        "tflite-conversion",
        _TENSORFLOW,
    ),
    Target(
        "tflite-int8", "TensorFlow Lite, full integer", (*TFLITE, *TENSORFLOW), "tensorflow_lite:int8", "tflite-conversion", _TENSORFLOW
    ),
    Target("torch-onnx-dynamo", "torch.onnx.export(dynamo=True)", TORCH, "torch_onnx:dynamo", "torch-onnx-dynamo", ("torch",)),
    Target("torch-onnx-legacy", "torch.onnx.export(dynamo=False)", TORCH, "torch_onnx:legacy", "torch-onnx-legacy", ("torch",)),
    Target("onnxruntime-cpu", "ONNX Runtime, CPU", ONNX, "onnxruntime:cpu", "onnxruntime-cpu", _ORT, ("onnx",)),
    Target("onnxruntime-web-wasm", "ONNX Runtime Web, WebAssembly", ONNX, "onnxruntime_web:wasm", "onnxruntime-cpu", _ORT_WEB, ("onnx",)),
    Target("openvino", "OpenVINO, CPU", ("onnx", *TFLITE, "savedmodel", "graphdef"), "openvino:judge", "openvino", ("openvino",)),
    Target("tfjs-graph", "TensorFlow.js graph models", (*TENSORFLOW, "tfjs-graph"), "tfjs:graph", "tfjs-graph", _TFJS, ("tfjs-graph",)),
    Target("coreml-mlprogram", "Core ML, ML Program", ("coreml", *TORCH, *TENSORFLOW), "coreml:mlprogram", "coreml", ("coremltools",)),
    Target("coreml-neuralnetwork", "Core ML, neural network", ("coreml", *TORCH, *TENSORFLOW), "coreml:neuralnetwork", "coreml"),
    Target("keras3", "Keras 3", ("keras", "keras-h5"), "keras:keras3", "keras3", ("keras",)),
)

TARGETS: Mapping[str, Target] = {target.name: target for target in _ALL}
