"""What is known of libraries: other spellings of a name, who keeps their hands off what they are given, what makes modules and records."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Mapping
from functools import lru_cache

from deplint.code.values import UNKNOWN, Name, Part, Raw, Ref

NAME_LIMIT = 240


ITEMS_LIMIT = 256


STRING_LIMIT = 4096


BUILTINS = frozenset(dir(builtins))


FRAMEWORKS = frozenset(
    """
    tensorflow keras tf_keras torch torchvision torchaudio onnx onnxruntime onnxscript coremltools tflite_runtime ai_edge_litert
    ai_edge_torch litert_torch tensorflowjs tensorflow_hub tensorflow_serving tensorflow_probability tensorflow_datasets
    tensorflow_model_optimization tensorflow_addons tf2onnx onnxmltools onnxconverter_common skl2onnx onnxsim openvino tensorrt
    tritonclient torchao executorch timm transformers optimum diffusers safetensors ultralytics numpy scipy pandas PIL cv2 skimage sklearn
    xgboost lightgbm matplotlib seaborn tqdm requests httpx aiohttp grpc flask fastapi starlette uvicorn pydantic pydantic_settings attr
    attrs typing_extensions joblib h5py yaml google absl jax flax mlflow bentoml sagemaker boto3 kserve ray gradio streamlit psutil
    tabulate termcolor colorama rich click wandb
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""Libraries that are never a module of the project, and that do not set attributes of, or call methods on, what they are given in ways
a rule asks about."""


USUAL = {
    **{name: name for name in (*FRAMEWORKS, "base64", "csv", "io", "json", "nltk", "os", "pickle", "spacy", "sys", "time", "urllib")},
    "tf": "tensorflow",
    "K": "tensorflow.keras.backend",
    "layers": "tensorflow.keras.layers",
    "Sequential": "tensorflow.keras.Sequential",
    "load_model": "tensorflow.keras.models.load_model",
    "ImageDataGenerator": "tensorflow.keras.preprocessing.image.ImageDataGenerator",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "transforms": "torchvision.transforms",
    "np": "numpy",
    "pd": "pandas",
    "ort": "onnxruntime",
    "rt": "onnxruntime",
    "ct": "coremltools",
    "tfjs": "tensorflowjs",
    "hub": "tensorflow_hub",
    "Image": "PIL.Image",
    "Flask": "flask.Flask",
    "request": "flask.request",
    "jsonify": "flask.jsonify",
    "runtime": "boto3.client()",
    "FastAPI": "fastapi.FastAPI",
    "build_signature_def": "tensorflow.saved_model.signature_def_utils.build_signature_def",
    "predict_signature_def": "tensorflow.saved_model.signature_def_utils.predict_signature_def",
    "signature_def_utils": "tensorflow.saved_model.signature_def_utils",
    "signature_constants": "tensorflow.saved_model.signature_constants",
    "tag_constants": "tensorflow.saved_model.tag_constants",
    "saved_model_builder": "tensorflow.saved_model.builder",
    "predict_pb2": "tensorflow_serving.apis.predict_pb2",
    "classification_pb2": "tensorflow_serving.apis.classification_pb2",
    "get_model_metadata_pb2": "tensorflow_serving.apis.get_model_metadata_pb2",
    "model_service_pb2_grpc": "tensorflow_serving.apis.model_service_pb2_grpc",
    "prediction_service_pb2": "tensorflow_serving.apis.prediction_service_pb2",
    "prediction_service_pb2_grpc": "tensorflow_serving.apis.prediction_service_pb2_grpc",
}
"""What a name nearly always means in a fragment that does not import it."""


SAFE_ROOTS = FRAMEWORKS | frozenset(sys.stdlib_module_names) | {"builtins"} | BUILTINS


_HANDS_ON = re.compile(
    r"(importlib|pickle|shelve|yaml|joblib|ray|queue|multiprocessing|concurrent|asyncio|threading|types|collections|functools|operator|"
    r"argparse\.Namespace)\b.*[(\[]"
)
"""Things made by these may be the project's own code, or hand on what they are given to such."""


_CANONICAL = (
    ("tensorflow.compat.v2.", "tensorflow."),
    ("tensorflow._api.v2.", "tensorflow."),
    ("tensorflow.python.keras.", "tensorflow.keras."),
    ("tensorflow.lite.python.interpreter.", "tensorflow.lite."),
    ("builtins.", ""),
)
"""Other spellings of the same thing, by the start of the dotted name."""


FLUENT = frozenset({"eval", "train", "to", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "share_memory", "xpu"})
"""Methods of a `torch.nn.Module` that return the module itself."""


MODULES = re.compile(
    r"(torch\.(load|compile|nn\.|hub\.load|jit\.(load|trace|script)|quantization|ao\.)|torchvision\.models|timm\.|transformers\.|"
    r"segmentation_models_pytorch\.)"
)
"""Calls that give a `torch.nn.Module`, by the start of their dotted name."""


LITE = "{tensorflow.lite,tflite_runtime.interpreter,ai_edge_litert.interpreter}.Interpreter"
"""The interpreter of TensorFlow Lite, by each of the names it is imported under."""

OPENS_FILE: Mapping[str, tuple[str, int]] = {
    "onnxruntime.InferenceSession": ("path_or_bytes", 0), "torch.{load,jit.load}": ("f", 0), "joblib.load": ("filename", 0),
    "{tensorflow.keras,keras,tf_keras}.**.load_model": ("filepath", 0),
    LITE: ("model_path", 0),
}  # fmt: skip
"""What opens the file of a model -> the argument that names it."""


HOLDS = {
    ("torch.nn.DataParallel()", "module"): "module", ("torch.nn.parallel.DistributedDataParallel()", "module"): "module",
    ("torch.compile()", "_orig_mod"): "model",
}  # fmt: skip
"""Attributes that are the argument of that name (or the first) to the call that made the object."""


LISTS = frozenset({"torch.nn.ModuleList()", "torch.nn.ParameterList()", "torch.nn.Sequential()"})
"""Objects that iterate over, and are indexed like, the list they were made from."""


PROPERTIES = frozenset({"property", "functools.cached_property", "abc.abstractproperty"})


RECORDS = re.compile(r"dataclasses\.dataclass|attr\.(s|attrs|define|frozen|mutable|dataclass)\b|attrs\.")
"""Class decorators that write ``__init__`` from the annotated names."""


RECORD_BASES = frozenset({"typing.NamedTuple", "pydantic.BaseModel", "pydantic_settings.BaseSettings", "pydantic.BaseSettings"})
"""Base classes that do so."""


CACHES = frozenset(
    f"{name}{called}"
    for name in ("functools.cache", "functools.lru_cache", "streamlit.cache_resource", "streamlit.experimental_singleton")
    for called in ("", "()")
)
"""Decorators of functions that run once for what they are given: the next caller gets the same object."""


ROOT_BASES = re.compile(r"object$|abc\.ABC$|typing\.|typing_extensions\.|enum\.|pydantic")
"""Base classes that do not say what an instance is."""


@lru_cache(maxsize=8192)
def canonical(dotted: str) -> str:
    """The one spelling of a library's dotted name."""
    for start, replacement in _CANONICAL:
        if dotted.startswith(start):
            return replacement + dotted[len(start) :]
    return dotted


def name_of(dotted: str) -> Raw:
    return Name(canonical(dotted)) if len(dotted) <= NAME_LIMIT else UNKNOWN


def dotted_of(value: Raw) -> str:
    """The dotted name of a library thing or of the call that made an object; empty for anything else."""
    if isinstance(value, (Name, Part)):
        return value.dotted
    return value.name if isinstance(value, Ref) else ""


@lru_cache(maxsize=8192)
def safe(dotted: str) -> bool:
    """Does a library's function of that name keep its hands off what it is given?"""
    return re.split(r"[.(\[]", dotted, maxsplit=1)[0] in SAFE_ROOTS and not _HANDS_ON.match(dotted)
