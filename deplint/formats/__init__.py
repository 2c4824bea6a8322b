"""Exported models: one reader a format, chosen by a file's name and by what it holds (`deplint.formats.artifact`)."""

from __future__ import annotations

from deplint.formats.artifact import CLAIMS, detect
from deplint.project import File, Reader


def _model(name: str, names: tuple[str, ...], load: str, holds: str) -> Reader:
    """A reader for files of these names that hold a content of this kind (`artifact.KINDS`)."""
    return Reader(name, names, f"deplint.formats.{load}", lambda file: detect(file) == holds, artifact=True)


_TORCH = ("*.pt", "*.pth", "*.ptl", "*.pt2", "*.bin", "*.ckpt", "*.jit", "*.torchscript")

_PICKLED = ("*.pkl", "*.pickle", "*.joblib", "*.sav", "*.pdparams", "*.pdopt")


def _holds_pickle(file: File) -> bool:
    from deplint.formats.pickle_files import holds_pickle

    return holds_pickle(file)


def _holds_pickles(file: File) -> bool:
    from deplint.formats.pickle_files import holds_pickles

    return holds_pickles(file)


def _names_checkpoints(file: File) -> bool:
    return b"model_checkpoint_path" in file.head


def _is_mlpackage(file: File) -> bool:
    return file.path.parent.suffix.lower() == ".mlpackage" or b'"itemInfoEntries"' in file.head


def _has_caffe_layers(file: File) -> bool:
    from deplint.formats.caffe import is_text

    return is_text(file)


READERS: tuple[Reader, ...] = (
    Reader("artifact", tuple(name for claim in CLAIMS for name in claim.names), "deplint.formats.artifact:read"),
    _model("onnx", ("*.onnx", "*.pb"), "onnx:read", "onnx"),
    _model("tflite", ("*.tflite", "*.lite"), "tflite:read", "tflite"),
    _model("savedmodel", ("saved_model.pb",), "tensorflow:read_saved_model", "savedmodel"),
    _model("savedmodel", ("saved_model.pbtxt",), "tensorflow_text:read_saved_model", "savedmodel-text"),
    _model("graphdef", ("*.pb",), "tensorflow:read_graph_def", "graphdef"),
    _model("graphdef", ("*.pb", "*.pbtxt"), "tensorflow_text:read_graph_def", "graphdef-text"),
    _model("metagraph", ("*.meta",), "tensorflow:read_meta_graph", "metagraph"),
    _model("metagraph", ("*.meta", "*.pbtxt"), "tensorflow_text:read_meta_graph", "metagraph-text"),
    _model("tf-checkpoint", ("*.index",), "checkpoint:read_index", "tf-index"),
    _model("tf-checkpoint", ("*.ckpt", "*.ckpt-[0-9]*"), "checkpoint:read_v1", "tf-checkpoint"),
    Reader("checkpoint-state", ("checkpoint",), "deplint.formats.checkpoint:read_state", _names_checkpoints),
    _model("keras", ("*.keras",), "keras:read", "keras"),
    _model("keras-h5", ("*.h5", "*.hdf5", "*.keras"), "keras:read_h5", "hdf5"),
    _model("torch", _TORCH, "torch:read_zip", "torch-zip"),
    _model("torch", _TORCH, "torch:read_legacy", "torch-legacy"),
    _model("torch", _TORCH, "torch_tar:read", "torch-tar"),
    _model("torchscript", _TORCH, "torchscript:read", "torchscript"),
    _model("torch-mobile", _TORCH, "torch_mobile:read", "torch-flatbuffer"),
    _model("torch-export", _TORCH, "exported:read", "torch-export"),
    _model("safetensors", ("*.safetensors",), "safetensors:read", "safetensors"),
    Reader("weight-index", ("*.safetensors.index.json", "*.bin.index.json"), "deplint.formats.safetensors:read_index"),
    _model("gguf", ("*.gguf",), "gguf:read", "gguf"),
    _model("ort", ("*.ort",), "ort:read", "ort"),
    _model("executorch", ("*.pte",), "executorch:read", "executorch"),
    _model("openvino", ("*.xml",), "openvino:read", "openvino"),
    _model("tensorrt", ("*.engine", "*.trt", "*.plan"), "tensorrt:read", "tensorrt"),
    _model("paddle", ("__model__", "*.pdmodel"), "paddle:read", "paddle"),
    _model("paddle", ("*.json",), "paddle:read_pir", "paddle-json"),
    _model("paddle", ("*.pdiparams",), "paddle:read_parameters", "paddle-params"),
    _model("caffe", ("*.caffemodel",), "caffe:read", "caffe"),
    Reader("caffe", ("*.prototxt",), "deplint.formats.caffe:read_text", _has_caffe_layers, artifact=True),
    _model("darknet", ("*.cfg",), "darknet:read", "darknet"),
    _model("darknet", ("*.weights",), "darknet:read_weights", "darknet-weights"),
    _model("mxnet", ("*.json",), "mxnet:read", "mxnet"),
    _model("mxnet", ("*.params",), "mxnet:read_params", "mxnet-params"),
    _model("ncnn", ("*.param",), "ncnn:read", "ncnn"),
    _model("mnn", ("*.mnn",), "mnn:read", "mnn"),
    _model("cntk", ("*.model", "*.dnn"), "cntk:read", "cntk"),
    _model("xgboost", ("*.json", "*.ubj", "*.model", "*.bin", "*.bst", "*.xgb"), "boosters:read_xgboost", "xgboost"),
    _model("lightgbm", ("*.txt", "*.model", "*.bst", "*.lgb"), "boosters:read_lightgbm", "lightgbm"),
    _model("catboost", ("*.cbm",), "boosters:read_catboost", "catboost"),
    _model("coreml", ("*.mlmodel",), "coreml:read", "coreml"),
    Reader("mlpackage", ("manifest.json",), "deplint.formats.coreml_package:read", _is_mlpackage, artifact=True),
    _model("npy", ("*.npy",), "numpy_files:read", "npy"),
    _model("npz", ("*.npz",), "numpy_files:read", "npz"),
    Reader("pickle", _PICKLED, "deplint.formats.pickle_files:read_model", _holds_pickle),
    Reader("pickles", (*_PICKLED, *_TORCH, "*.npy", "*.npz"), "deplint.formats.pickle_files:read", _holds_pickles),
    _model("tfjs", ("*.json",), "tfjs:read", "tfjs"),
)
