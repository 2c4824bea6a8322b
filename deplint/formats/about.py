"""What is read of each format, in words: `docs/formats.md` is made of this, of the readers' patterns and of the files the tests read.

A reader is described under its name in `deplint.formats.READERS`; a test fails for one that is not. (``artifact`` reads no format: it tells
them apart.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class About:
    """One format, in phrases without a capital at the beginning or a stop at the end; a part that the format does not have is empty.

    `known_by` tells the content from any other's; `library` is what the tests compare the reader with.
    """

    title: str
    known_by: str
    library: str
    operators: str = ""
    tensors: str = ""
    weights: str = ""
    quantization: str = ""
    signatures: str = ""
    metadata: str = ""
    layers: str = ""
    unread: str = ""


PARTS = tuple(field.name for field in fields(About))[3:-1]
"""What there may be to read of a model."""

_GRAPH = "with their attributes, nested graphs and functions"
_SHARDS = "where each begins, in which of the files beside the model; whether that file is there and long enough"
_INPUT_TYPES = "names, dtypes, shapes and symbols of inputs and outputs, and of whatever else has a type"

ABOUT: Mapping[str, About] = {
    "onnx": About(
        "ONNX",
        "the first fields of the protobuf message",
        "onnx",
        operators=f"{_GRAPH}; what exporters note of them (modules, lines of source); training information",
        tensors=_INPUT_TYPES,
        weights="in the file, or outside it in one file or many: where they begin, whether they are there; sparse ones; constants",
        quantization="the operators that quantize, as operators",
        metadata="producer, versions of the format and of operator sets, properties of the model and of its graphs",
        unread="whether operators fit each other is asked of the ONNX checker, in a process of its own, by the rules that need it",
    ),
    "ort": About(
        "ONNX Runtime (ORT format)",
        "the identifier `ORTM` at byte 4",
        "onnxruntime: its own accessors, and the session's inputs and outputs",
        operators=f"as in ONNX, {_GRAPH}, and those only one execution provider has (`com.microsoft.nchwc`)",
        tensors=_INPUT_TYPES,
        weights="in the file, dense and sparse",
        metadata="version of the format, producer, versions of operator sets, properties",
        unread="where optimizations may be undone while loading; weights in a file that the model does not name",
    ),
    "tflite": About(
        "TensorFlow Lite (LiteRT)",
        "the identifier `TFL3` at byte 4",
        "ai-edge-litert: the interpreter and the packaged accessors",
        operators="of every subgraph, with version and options; custom ones, and of TensorFlow (Flex) the attributes they were given",
        tensors="names, dtypes, static shapes and those that may change (`shape_signature`), variable and sparse ones",
        weights="within the flatbuffer, after it in the file (models over 2 GB), or in files beside it",
        quantization="scales and zero points of a tensor or of each slice; of each block, with its size",
        signatures="names and tensors of each",
        metadata="description, `min_runtime_version`, who converted it and how, associated files and TensorFlow Lite's own metadata",
        unread="operators that StableHLO composites are made of are read as subgraphs; what a delegate compiled for one chip stays bytes",
    ),
    "savedmodel": About(
        "TensorFlow SavedModel",
        "the first fields of the protobuf message, or of its text form",
        "tensorflow",
        operators=f"of the MetaGraph that is tagged `serve`, or else the first, and of every function, {_GRAPH}; devices",
        tensors="placeholders, constants and variables",
        weights="constants in the graph; variables by the index of the checkpoint beside it, shards that are missing or short",
        signatures="names, dtypes and shapes of arguments, and the tensors they mean",
        metadata="version of TensorFlow, tags, assets and whether they are there, the fingerprint, what Keras and TensorFlow Hub note",
        unread="other MetaGraphs, but for their tags; how objects refer to each other",
    ),
    "graphdef": About(
        "TensorFlow graph (GraphDef)",
        "the first fields of the protobuf message, or of its text form",
        "tensorflow",
        operators=f"{_GRAPH}; devices",
        tensors="placeholders and constants; outputs are what nothing reads",
        weights="constants",
        quantization="fake quantization, as operators",
    ),
    "metagraph": About(
        "TensorFlow MetaGraph",
        "the first fields of the protobuf message, or of its text form",
        "tensorflow",
        operators=f"{_GRAPH}; devices",
        tensors="placeholders, constants and variables",
        weights="variables by the index of the checkpoint of the same name",
        signatures="if it has some",
        metadata="version of TensorFlow, tags, version of the saver",
    ),
    "tf-checkpoint": About(
        "TensorFlow checkpoint",
        "the footer of a table as LevelDB has it, and what its first keys mean",
        "tensorflow (`CheckpointReader`)",
        tensors="names, dtypes and shapes, slices of partitioned variables",
        weights=_SHARDS,
        metadata="number of shards; of object checkpoints how many objects there are, and what the outermost calls its own",
        unread="checksums; where the values are in a checkpoint from before TensorFlow 0.12",
    ),
    "checkpoint-state": About(
        "State of a folder of checkpoints (`checkpoint`)",
        "the name, and `model_checkpoint_path` in it",
        "tensorflow",
        metadata="paths of the latest checkpoint and of all that are kept",
    ),
    "keras": About(
        "Keras archive",
        "members of a zip archive: `config.json`, `metadata.json`, `model.weights.h5`",
        "keras 3 and tf_keras, which wrote the files, zipfile and h5py",
        tensors="inputs and outputs of the model",
        weights="those of the HDF5 members, where they lie in the archive",
        metadata="version of Keras, class of the model",
        layers="classes, modules, configurations, those of nested models and wrappers, custom ones",
        unread="compressed members over 32 MB; code of Lambda layers stays text",
    ),
    "keras-h5": About(
        "Keras HDF5",
        "the HDF5 signature, at 0 or after a user block, and Keras's attributes",
        "h5py, and keras 3 and tf_keras, which wrote the files",
        tensors="inputs and outputs of the model",
        weights="names, dtypes, shapes and places; optimizer state by its group",
        metadata="version of Keras, backend, whether it is compiled or only weights",
        layers="as of Keras archives",
        unread="other HDF5 files; compressed or chunked weights are known but not read",
    ),
    "tfjs": About(
        "TensorFlow.js",
        "JSON with `modelTopology`, `weightsManifest` or `format`",
        "tensorflowjs, which wrote and reads the files, Keras for layers, protobuf for graphs",
        operators=f"of graph models, {_GRAPH}",
        tensors="inputs, outputs, and all of a graph model's",
        weights=_SHARDS,
        quantization="scale and smallest value of each weight, float16",
        signatures="of graph models",
        metadata="format, converter and its version",
        layers="of layers models, as of Keras archives",
    ),
    "torch": About(
        "PyTorch checkpoint",
        "members of a zip archive; before 1.6 a magic number in the first pickle; before 0.2 members of a tar archive",
        "torch.load, of the version that wrote the file",
        tensors="by the keys that lead to them, views and shared storages among them",
        weights="dtypes, shapes, strides, devices; where their bytes are, if they follow each other in order",
        quantization="of tensors that are quantized, for each tensor or slice",
        metadata="whether it is a state dict, a whole module or something else; top-level keys; devices; version of the archive",
        layers="modules of a whole pickled one, with their settings",
        unread="nothing is unpickled: what a class of the project does with its state is not known",
    ),
    "torchscript": About(
        "TorchScript",
        "members of a zip archive: `data.pkl` and `constants.pkl`",
        "torch.jit.load, and the lite interpreter's list of operators",
        operators="of each method, in the order of the code, with the arguments as written; of Mobile's archives those of the bytecode",
        tensors="arguments of `forward`",
        weights="parameters and buffers, as in checkpoints; packed ones of quantized modules",
        quantization="as in checkpoints",
        metadata="class, versions of archive and bytecode, devices, extra files, paths of the sources",
        layers="modules with their settings",
        unread="who uses whose result",
    ),
    "torch-mobile": About(
        "PyTorch Mobile (flatbuffer)",
        "the identifier `PTMF` at byte 4",
        "torch.jit.load, and the lite interpreter's list of operators",
        operators="of each method, as the bytecode calls them",
        tensors="arguments of `forward`",
        weights="parameters and buffers, and constants of the code",
        quantization="as in checkpoints",
        metadata="class, versions of bytecode and operators, extra files",
        layers="modules with their settings",
        unread="who uses whose result; the TorchScript code that may be stored beside the bytecode",
    ),
    "torch-export": About(
        "PyTorch exported program",
        "members of a zip archive: `models/*.json`, or `serialized_exported_program.json` of PyTorch 2.1 to 2.7",
        "torch.export.load, of the version that wrote the file",
        operators="with overloads, attributes, and the graphs of branches",
        tensors="inputs, outputs and all between, with symbolic sizes",
        weights="parameters, buffers and constants, in the archive",
        signatures="how the module is called",
        metadata="version of PyTorch and of the schema, ranges of symbols",
        unread="compiled packages (AOTInductor) in the archive are named",
    ),
    "executorch": About(
        "ExecuTorch",
        "the identifier `ET12` at byte 4",
        "executorch",
        operators="of each method: kernels with overloads and arguments, calls of delegates with the bytes each was given, jumps and moves",
        tensors="inputs, outputs and all planned ones",
        weights="in the flatbuffer, in segments after it, or in a data file beside it",
        signatures="one for each method",
        metadata="delegates and how often each is used, named data",
        unread="what a delegate compiled stays bytes",
    ),
    "safetensors": About(
        "safetensors",
        "a length that fits into the file, then JSON",
        "safetensors",
        tensors="names, dtypes, shapes",
        weights="where each begins; gaps, overlaps and lengths that contradict the shape are refused, as the library does",
        metadata="`__metadata__`",
    ),
    "weight-index": About(
        "Index of weights in several files (`*.index.json`)",
        "the name, and `weight_map` in the JSON",
        "made by hand after what transformers writes",
        tensors="names, and the file of each",
        metadata="total size",
    ),
    "gguf": About(
        "GGUF",
        "`GGUF` at byte 0",
        "gguf",
        tensors="names, dtypes, shapes",
        weights="where each begins, with the file's alignment, of either byte order",
        quantization="the type of blocks (`Q4_K`)",
        metadata="all keys; of long lists, such as a vocabulary, the length",
        unread="version 1",
    ),
    "openvino": About(
        "OpenVINO IR",
        "the root element `net` with a version",
        "openvino",
        operators="with their attributes, bodies of loops and branches",
        tensors="dtypes, shapes and names of ports",
        weights="constants in the `.bin` beside it: whether it is there and long enough",
        quantization="`FakeQuantize`, as operators",
        metadata="runtime information: versions, what the converter was told",
        unread="which of the outputs before version 10 are meant: those that nothing reads are taken",
    ),
    "tensorrt": About(
        "TensorRT engine",
        "`ftrt` or `ptrt` at byte 0, or after the metadata of Ultralytics",
        "none: what is read is what NVIDIA's and Ultralytics' published sources read",
        metadata="the version of TensorRT, where the layout is known; the metadata of Ultralytics",
        unread="the engine itself, whose layout is not public",
    ),
    "paddle": About(
        "PaddlePaddle",
        "the first fields of the protobuf message, of the JSON, or of the first parameter",
        "paddlepaddle",
        operators="with their attributes, and blocks or regions; where the program wrote them",
        tensors="names, dtypes, shapes",
        weights="in the `.pdiparams` beside it, by the order of their names",
        metadata="the version of Paddle, or of its JSON",
    ),
    "caffe": About(
        "Caffe",
        "the first fields of the protobuf message, or a layer in the text",
        "opencv",
        operators="layers of today and of 2014, as text with their parameters",
        tensors="names of blobs, shapes of inputs",
        weights="in the `.caffemodel`",
        unread="parameters of layers in a `.caffemodel`; weights saved as HDF5",
    ),
    "darknet": About(
        "Darknet",
        "a section `[net]` before one of a layer; the version at the beginning of weights",
        "opencv",
        operators="sections with what they set, and the layers that they read",
        tensors="the shape of the input",
        metadata="size of the input and of a batch; of weights the version, how many numbers there are, and pictures seen in training",
        unread="weights, which have no names",
    ),
    "mxnet": About(
        "MXNet",
        "the first keys of the JSON; `0x112` at byte 0 of arrays",
        "mxnet",
        operators="with their attributes",
        tensors="names; dtypes and shapes of arrays",
        weights="in the `.params` beside the graph",
        metadata="the version of MXNet",
        unread="sparse arrays",
    ),
    "ncnn": About(
        "NCNN and PNNX",
        "`7767517` at byte 0",
        "ncnn",
        operators="with their attributes, those of NCNN by number",
        tensors="names; of PNNX dtypes and shapes",
        unread="weights, whose places are not written down; the binary form of a network",
    ),
    "mnn": About(
        "MNN",
        "operators and named tensors in the flatbuffer",
        "MNN",
        operators="types and names, of subgraphs too",
        tensors="names",
        metadata="versions, what it was converted from",
        unread="parameters and weights of operators",
    ),
    "cntk": About(
        "CNTK",
        "the first entry of the dictionary, or `BCN` in letters of two bytes",
        "none: its package has no wheel for a Python of today; what is read is what its published sources write",
        metadata="what the dictionary says of the network in texts",
        unread="operators and weights",
    ),
    "xgboost": About(
        "XGBoost",
        "the key `learner` in JSON or Universal Binary JSON; `binf` at byte 0",
        "xgboost",
        metadata="version, objective, numbers of features, classes and trees",
        unread="trees",
    ),
    "lightgbm": About(
        "LightGBM",
        "`tree` and `version=v` in the first lines",
        "lightgbm",
        metadata="version of the format, objective, numbers of features, classes and trees",
        unread="trees",
    ),
    "catboost": About(
        "CatBoost",
        "`CBM1` at byte 0",
        "catboost",
        metadata="version, number of trees, what it was trained with",
        unread="trees",
    ),
    "coreml": About(
        "Core ML",
        "the first fields of the protobuf message",
        "coremltools",
        operators="of networks and ML Programs, models of pipelines; a tree ensemble and the like is one operator",
        tensors="features with their types: pictures and their colours, flexible shapes, dictionaries",
        weights="in the file, in half precision or quantized; of ML Programs in the `weight.bin` of the package",
        quantization="of networks, linear and by tables; of ML Programs as operators (`constexpr_...`)",
        signatures="one for each function",
        metadata="author, licence, version, what the converter noted; specification version and operator set",
        unread="nodes of trees, support vectors and the like, which are counted",
    ),
    "mlpackage": About(
        "Core ML package (`Manifest.json`)",
        "the folder's name, or its items in the JSON",
        "coremltools",
        metadata="items, and which is the model; what is missing",
    ),
    "npy": About(
        "NumPy array",
        "`\\x93NUMPY` at byte 0",
        "numpy",
        tensors="dtype, shape, order; of records the size alone",
        weights="where the values begin",
        metadata="whether it is pickled",
    ),
    "npz": About(
        "NumPy archive",
        "members of a zip archive, all `.npy`",
        "numpy",
        tensors="as of single arrays",
        weights="in the archive, compressed or not",
        metadata="which arrays are pickled",
    ),
    "pickle": About(
        "pickle and joblib (scikit-learn)",
        "opcodes of a pickle, perhaps compressed (zlib, gzip, bzip2, xz, LZMA)",
        "scikit-learn, joblib and numpy",
        tensors="arrays by the attributes that lead to them",
        weights="where the values begin, in files that are not compressed",
        metadata="class, versions of scikit-learn",
        layers="estimators and steps of pipelines, with their parameters",
        unread="nothing is unpickled: what objects of other libraries hold is not known",
    ),
    "pickles": About(
        "What unpickling would import",
        "a pickle, alone or in PyTorch's and NumPy's files",
        "pickletools and pickle, on what they load",
        metadata="each name that loading the file would import, and what it would call",
    ),
}
