"""The targets deplint knows, by name."""

from __future__ import annotations

from collections.abc import Mapping

from deplint.targets import Target

ONNX = ("onnx", "ort")
TENSORFLOW = ("savedmodel", "graphdef", "keras", "keras-h5")
TORCH = ("torch-export", "torchscript")
TFLITE = ("tflite",)
TRITON = ("onnx", "savedmodel", "graphdef", "torchscript", "openvino")

_TENSORFLOW = ("tensorflow",)
_LITERT = ("ai-edge-litert", "com.google.ai.edge.litert:litert")
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
    Target("onnx", "ONNX through tf2onnx", (*TFLITE, *TENSORFLOW), "tf2onnx:judge", "tf2onnx", ("tf2onnx",)),
    Target("torch-onnx-dynamo", "torch.onnx.export(dynamo=True)", TORCH, "torch_onnx:dynamo", "torch-onnx-dynamo", ("torch",)),
    Target("torch-onnx-legacy", "torch.onnx.export(dynamo=False)", TORCH, "torch_onnx:legacy", "torch-onnx-legacy", ("torch",)),
    Target(
        "litert-torch", "TensorFlow Lite through litert-torch", ("torch-export",), "litert_torch:judge", "litert-torch", ("litert-torch",)
    ),
    Target("onnxruntime-cpu", "ONNX Runtime, CPU", ONNX, "onnxruntime:cpu", "onnxruntime-cpu", _ORT, ("onnx",)),
    Target("onnxruntime-web-wasm", "ONNX Runtime Web, WebAssembly", ONNX, "onnxruntime_web:wasm", "onnxruntime-cpu", _ORT_WEB, ("onnx",)),
    Target("onnxruntime-cuda", "ONNX Runtime, CUDA", ONNX, "onnxruntime_providers:cuda", "onnxruntime-cuda", ("onnxruntime-gpu",)),
    Target("onnxruntime-web-webgl", "ONNX Runtime Web, WebGL", ONNX, "onnxruntime_providers:webgl", "onnxruntime-web-webgl", _ORT_WEB),
    Target("onnxruntime-web-webgpu", "ONNX Runtime Web, WebGPU", ONNX, "onnxruntime_providers:web", "onnxruntime-web-webgpu", _ORT_WEB),
    Target("onnxruntime-web-webnn", "ONNX Runtime Web, WebNN", ONNX, "onnxruntime_providers:web", "onnxruntime-web-webnn", _ORT_WEB),
    Target(
        "onnxruntime-mobile-nnapi", "ONNX Runtime, NNAPI", ONNX, "onnxruntime_providers:mobile", "onnxruntime-mobile-nnapi", _ORT_MOBILE
    ),
    Target(
        "onnxruntime-mobile-coreml", "ONNX Runtime, Core ML", ONNX, "onnxruntime_providers:mobile", "onnxruntime-mobile-coreml", _ORT_MOBILE
    ),
    Target(
        "onnxruntime-mobile-xnnpack",
        "ONNX Runtime, XNNPACK",
        ONNX,
        "onnxruntime_providers:mobile",
        "onnxruntime-mobile-xnnpack",
        _ORT_MOBILE,
    ),
    Target(
        "openvino",
        "OpenVINO, CPU",
        ("onnx", *TFLITE, "savedmodel", "graphdef", "openvino"),
        "openvino:judge",
        "openvino",
        ("openvino",),
        perhaps="what may be a protocol buffer",
    ),
    Target("litert", "LiteRT's interpreter", TFLITE, "litert:interpreter", "litert", _LITERT),
    Target("tflite-gpu", "TensorFlow Lite's GPU delegate", TFLITE, "delegates:judge", "tflite-gpu"),
    Target("tflm", "TensorFlow Lite for Microcontrollers", TFLITE, "litert:micro", "tflm", ("tflite-micro",)),
    Target("xnnpack", "TensorFlow Lite's XNNPACK delegate", TFLITE, "delegates:judge", "xnnpack"),
    Target("nnapi", "TensorFlow Lite's NNAPI delegate", TFLITE, "delegates:judge", "nnapi"),
    Target("edgetpu", "Coral Edge TPU", TFLITE, "accelerators:edgetpu", "edgetpu"),
    Target("ethos-u55", "Arm Ethos-U55", TFLITE, "accelerators:ethos", "ethos-u55", ("ethos-u-vela",)),
    Target("ethos-u65", "Arm Ethos-U65", TFLITE, "accelerators:ethos", "ethos-u65", ("ethos-u-vela",)),
    Target("ethos-u85", "Arm Ethos-U85", TFLITE, "accelerators:ethos", "ethos-u85", ("ethos-u-vela",)),
    Target("tensorrt", "TensorRT's ONNX parser", ("onnx",), "tensorrt:judge", "tensorrt", ("tensorrt",)),
    Target("opencv-dnn", "OpenCV, dnn module", ("onnx",), "opencv:judge", "opencv-dnn", ("opencv-python", "opencv-python-headless")),
    Target("tfjs-graph", "TensorFlow.js graph models", (*TENSORFLOW, "tfjs-graph"), "tfjs:graph", "tfjs-graph", _TFJS, ("tfjs-graph",)),
    Target(
        "tfjs-layers",
        "TensorFlow.js layers models",
        ("keras", "keras-h5", "tfjs-layers"),
        "tfjs_layers:layers",
        "tfjs-layers",
        _TFJS,
        ("tfjs-layers",),
    ),
    *(
        Target(f"tfjs-{name}", f"TensorFlow.js, {title}", (*TENSORFLOW, "tfjs-graph"), "tfjs_backends:backend", f"tfjs-{name}", packages)
        for name, title, packages in (
            ("cpu", "CPU", ()),
            ("wasm", "WebAssembly", ("@tensorflow/tfjs-backend-wasm",)),
            ("webgl", "WebGL", ()),
            ("webgpu", "WebGPU", ("@tensorflow/tfjs-backend-webgpu",)),
        )
    ),
    Target("coreml-mlprogram", "Core ML, ML Program", ("coreml", *TORCH, *TENSORFLOW), "coreml:mlprogram", "coreml", ("coremltools",)),
    Target("coreml-neuralnetwork", "Core ML, neural network", ("coreml", *TORCH, *TENSORFLOW), "coreml:mlprogram", "coreml-neuralnetwork"),
    Target("keras3", "Keras 3", ("keras", "keras-h5"), "keras:keras3", "keras3", ("keras",)),
    Target("keras2", "Keras 2 (tf_keras)", ("keras", "keras-h5"), "keras:keras2", "keras2", ("tf-keras",)),
    Target("tfserving", "TensorFlow Serving", ("savedmodel",), "serving:tfserving", "tfserving", ("tensorflow-serving",)),
    Target("triton", "Triton Inference Server", TRITON, "serving:triton", "triton", ("tritonserver",)),
    Target(
        "executorch-xnnpack",
        "ExecuTorch with XNNPACK",
        ("torch-export", "executorch"),
        "executorch:judge",
        "executorch-xnnpack",
        ("executorch",),
    ),
)

TARGETS: Mapping[str, Target] = {target.name: target for target in _ALL}
