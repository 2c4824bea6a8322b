"""What a file with a model's name holds, told from its first bytes and, for an archive, its directory.

Facts only: rules say what is wrong. `KINDS` names every content this module can tell; `CLAIMS` says which names promise which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import import_module

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import HEAD, File

KINDS: Mapping[str, str] = {
    "onnx": "an ONNX model",
    "ort": "an ONNX Runtime (ORT format) model",
    "tflite": "a TensorFlow Lite model",
    "savedmodel": "a SavedModel",
    "graphdef": "a TensorFlow graph (GraphDef)",
    "metagraph": "a TensorFlow graph with its checkpoint's description (MetaGraph)",
    "savedmodel-text": "a SavedModel as text",
    "graphdef-text": "a TensorFlow graph (GraphDef) as text",
    "metagraph-text": "a TensorFlow graph with its checkpoint's description (MetaGraph) as text",
    "tf-index": "the index of a TensorFlow checkpoint",
    "tf-checkpoint": "a TensorFlow checkpoint of before 0.12",
    "table": "a LevelDB table",
    "keras": "a Keras 3 archive",
    "hdf5": "an HDF5 file",
    "tfjs": "a TensorFlow.js model",
    "torch-zip": "a PyTorch checkpoint",
    "torch-legacy": "a PyTorch checkpoint in the format from before 1.6",
    "torch-tar": "a PyTorch checkpoint in the format from before 0.2",
    "torch-export": "a PyTorch exported program",
    "torchscript": "a TorchScript archive",
    "torch-flatbuffer": "a PyTorch Mobile flatbuffer",
    "executorch": "an ExecuTorch program",
    "coreml": "a Core ML model",
    "coreml-compiled": "a part of a compiled Core ML model (.mlmodelc)",
    "openvino": "an OpenVINO model",
    "xgboost": "an XGBoost model",
    "lightgbm": "a LightGBM model",
    "catboost": "a CatBoost model",
    "ncnn": "an NCNN network",
    "ncnn-binary": "an NCNN network in binary form",
    "mnn": "an MNN model",
    "paddle": "a PaddlePaddle program",
    "paddle-json": "a PaddlePaddle program as JSON",
    "paddle-params": "the parameters of a PaddlePaddle program",
    "caffe": "a trained Caffe network",
    "darknet": "a Darknet network",
    "darknet-weights": "the weights of a Darknet network",
    "mxnet": "an MXNet graph",
    "mxnet-params": "the arrays of an MXNet graph",
    "cntk": "a CNTK model",
    "tensorrt": "a TensorRT engine",
    "safetensors": "a safetensors file",
    "gguf": "a GGUF file",
    "npy": "a NumPy array",
    "npz": "a NumPy archive",
    "pickle": "a Python pickle",
    "protobuf": "what may be a protocol buffer",
    "zip": "a zip archive",
    "encrypted-zip": "an encrypted zip archive",
    "broken-zip": "a zip archive that is cut short or damaged: it has no readable directory at its end",
    "encrypted": "encrypted data",
    "tar": "a tar archive",
    "gzip": "gzip-compressed data",
    "bzip2": "bzip2-compressed data",
    "xz": "xz-compressed data",
    "lzma": "LZMA-compressed data",
    "zstd": "zstd-compressed data",
    "lz4": "lz4-compressed data",
    "zlib": "zlib-compressed data",
    "7z": "a 7-Zip archive",
    "rar": "a RAR archive",
    "git-lfs-pointer": "a Git LFS pointer, not the file it stands for",
    "git-annex-pointer": "a git-annex pointer, not the file it stands for",
    "html": "an HTML page",
    "xml": "XML text",
    "json": "JSON text",
    "text": "text",
    "zeros": "nothing but zero bytes",
    "empty": "nothing: it is empty",
    "unknown": "content of no known kind",
}
"""Every content that can be told, in words that follow "the file holds"."""

_MARKUP = rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--((?!-->).)*-->\s*)*"
"""What may stand before the root of an XML or HTML text."""

_MAGIC: tuple[tuple[str, bytes], ...] = (
    # Flatbuffers carry a four-letter identifier after the root offset.
    ("tflite", rb".{4}TFL3"),
    ("ort", rb".{4}ORTM"),
    ("torch-flatbuffer", rb".{4}PTMF"),
    ("executorch", rb".{4}ET\d\d"),
    ("hdf5", rb"(.{512}|.{1024}|.{2048})?\x89HDF\r\n\x1a\n"),
    ("gguf", rb"GGUF"),
    ("npy", rb"\x93NUMPY"),
    ("tensorrt", rb"([\x01-\xff].{2}\0\{.*)?[pf]trt"),  # Ultralytics puts its JSON metadata, with its length, before the engine
    ("xgboost", rb"\{L\0{7}\x07learner\{|binf.{7}\0"),  # Universal Binary JSON; the binary form, with its number of features
    ("catboost", rb"CBM1.{4}[\x04-\xff]\0{3}"),
    ("mxnet-params", rb"\x12\x01\0{14}"),
    ("paddle-params", rb"\0{16}[\x02-\x7f]\0{3}\x08.[\x10\x12]"),
    ("ncnn-binary", rb"\xdd\x85\x76\0"),
    ("cntk", rb"B\0C\0N\0\0\0"),
    ("torch-legacy", rb"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\."),  # the pickled torch.serialization.MAGIC_NUMBER
    ("pickle", rb"\x80[\x02-\x05][(\]})\x80-\x95cBCGIJKMNTUVX]"),
    ("zip", rb"PK(\x03\x04|\x05\x06|\x07\x08)"),
    ("encrypted", rb"Salted__.{8}|-----BEGIN PGP MESSAGE-----|age-encryption\.org/v1\n|\$ANSIBLE_VAULT;"),  # OpenSSL, PGP, age, Ansible
    ("tar", rb".{257}ustar"),
    ("gzip", rb"\x1f\x8b\x08"),
    ("bzip2", rb"BZh[1-9]1AY&SY"),
    ("xz", rb"\xfd7zXZ\0"),
    ("lzma", rb"\x5d\0\0..(\xff{8}|.{5}\0{3})\0"),  # the default parameters, a dictionary of at least 64 kB; the size may be told
    ("zstd", rb"\x28\xb5\x2f\xfd"),
    ("lz4", rb"\x04\x22\x4d\x18"),
    ("zlib", rb"\x78[\x01\x5e\x9c\xda].*[\0-\x08\x80-\xff]"),
    ("7z", rb"7z\xbc\xaf\x27\x1c"),
    ("rar", rb"Rar!\x1a\x07"),
    ("git-lfs-pointer", rb"version https://(git-lfs\.github|hawser\.github)\.com/spec/v\d\r?\n"),
    ("git-annex-pointer", rb"/annex/objects/\S+\s*\Z"),
    ("zeros", rb"\0+\Z"),
    ("html", rb"(?i)" + _MARKUP + rb"<(!doctype\s+html|html|head|body)\b"),
)
"""How the first bytes of each kind look, tried in this order."""

_REMARKS = rb"(\s|\#[^\n]*\n)*"

_TEXTS: tuple[tuple[str, bytes], ...] = (
    ("ncnn", rb"7767517\s+\d+\s+\d+\s"),
    ("lightgbm", rb"tree\r?\nversion=v\d"),
    ("darknet", rb"([ \t\r]*([#;][^\n]*)?\n)*[ \t]*\[net(work)?\](?=.*\n[ \t]*\[(convolutional|connected|crop|crnn|rnn|lstm|gru|local)\])"),
    ("xgboost", rb"\{\s*\"learner\"\s*:\s*\{\s*\"(attributes|feature_names|feature_types|gradient_booster)\""),
    ("mxnet", rb"\{\s*\"nodes\"\s*:\s*\[\s*\{\s*\"op\"\s*:\s*\"[^\"]*\",\s*\"(name|attrs?|param)\""),
    ("paddle-json", rb"\{\s*\"base_code\"\s*:\s*\{\s*\"magic\"\s*:\s*\"pir\""),
    ("openvino", _MARKUP + rb"<net\s[^<>]*\bversion\s*=\s*[\"']\d"),
    ("coreml-compiled", rb"program\(\d+\.\d+\)\s*[\[{]"),
    ("savedmodel-text", _REMARKS + rb"saved_model_schema_version\s*:\s*\d+\s*meta_graphs\s*:?\s*\{"),
    ("metagraph-text", _REMARKS + rb"meta_info_def\s*:?\s*\{"),
    ("graphdef-text", _REMARKS + rb"node\s*:?\s*\{\s*name\s*:\s*(\"[^\"\n]*\"|'[^'\n]*')\s*op\s*:\s*[\"'][A-Za-z_]"),
    ("xml", rb"(\xef\xbb\xbf)?\s*<(\?xml|\w[\w:-]*[\s>])"),
    ("json", rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[\]{\"\d-])"),
)
"""Kinds of text, tried on content that is all text."""

_TFJS = rb"\"(modelTopology|weightsManifest)\"\s*:|\"format\"\s*:\s*\"(graph|layers)-model\""

_MEMBERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("keras", (r"config\.json", r"metadata\.json|model\.weights\.(h5|npz|json)")),
    ("torchscript", (r"[^/]+/data\.pkl", r"[^/]+/constants\.pkl")),
    ("torch-zip", (r"[^/]+/data\.pkl", r"[^/]+/version")),
    ("torch-export", (r"serialized_exported_program\.json|[^/]+/models/[^/]+\.json", r"version|[^/]+/archive_version")),
    ("npz", (r".+\.npy",)),
)
"""Members that an archive of each kind has, tried in this order."""

_SNIFFED: Mapping[str, str] = {
    "onnx": "onnx:sniff",
    "savedmodel": "tensorflow:sniff_saved_model",
    "graphdef": "tensorflow:sniff_graph_def",
    "metagraph": "tensorflow:sniff_meta_graph",
    "coreml": "coreml:sniff",
    "paddle": "paddle:sniff",
    "caffe": "caffe:sniff",
    "cntk": "cntk:sniff",
    "mnn": "mnn:sniff",
    "darknet-weights": "darknet:sniff_weights",
}
"""Kinds without magic bytes, most of them protobufs, and the function of `deplint.formats` that knows them by their first fields."""

_POINTERS = frozenset({"git-lfs-pointer", "git-annex-pointer"})
_ANYTHING = frozenset(KINDS) - {"empty", "html"}
_SHARED = frozenset(KINDS)
_TORCH = frozenset({"torch-zip", "torch-legacy", "torch-tar", "torchscript", "torch-flatbuffer", "torch-export", "pickle", "tar"})
_MAYBE_TORCH = frozenset({"zip", "text", "protobuf", "gzip", "zlib", "unknown"})


@dataclass(frozen=True)
class Claim:
    """What a file's name promises: `holds` are contents that keep the promise, `perhaps` those that may; any other breaks it.

    `kinds` are kinds without magic bytes to look for, in the order to try.
    """

    format: str
    names: tuple[str, ...]
    holds: frozenset[str]
    perhaps: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()


CLAIMS: tuple[Claim, ...] = (
    Claim("savedmodel", ("saved_model.pb",), frozenset({"savedmodel"}), frozenset({"protobuf", "unknown"}), ("savedmodel",)),
    Claim("savedmodel", ("saved_model.pbtxt",), frozenset({"savedmodel-text"}), frozenset({"text"})),
    Claim("protobuf-text", ("*.pbtxt",), frozenset({"graphdef-text", "savedmodel-text", "metagraph-text"}), _ANYTHING | {"empty"}),
    Claim("onnx", ("*.onnx",), frozenset({"onnx"}), frozenset({"protobuf"}), ("onnx", "coreml")),
    Claim("onnx-data", ("*.onnx.data", "*.onnx_data"), frozenset(), _ANYTHING),
    Claim("ort", ("*.ort",), frozenset({"ort"}), frozenset({"text"})),
    Claim("tflite", ("*.tflite",), frozenset({"tflite"})),
    Claim("tflite", ("*.lite",), frozenset({"tflite"}), _ANYTHING),
    # Nothing at all is a valid message of any kind.
    Claim("protobuf", ("*.pb",), frozenset({"graphdef", "savedmodel", "onnx"}), _ANYTHING | {"empty"}, ("graphdef", "savedmodel", "onnx")),
    Claim("tf-variables", ("*.data-?????-of-?????",), frozenset(), _ANYTHING | {"empty"}),
    # Others have an index and a description of their own: FAISS, Unity.
    Claim("tf-index", ("*.index",), frozenset({"tf-index"}), _ANYTHING | {"empty", "html"}),
    Claim("metagraph", ("*.meta",), frozenset({"metagraph"}), _ANYTHING | {"empty", "html"}, ("metagraph",)),
    Claim("keras", ("*.keras",), frozenset({"keras", "hdf5"})),
    Claim("hdf5", ("*.h5", "*.hdf5"), frozenset({"hdf5"})),
    Claim("tfjs", ("model.json",), frozenset({"tfjs"}), frozenset({"json", "text", "empty"})),
    Claim("weights", ("group*-shard*of*", "*.weights.bin"), frozenset(), _ANYTHING | {"empty"}),
    Claim("torch", ("*.pt",), _TORCH, _MAYBE_TORCH | {"html", "xml", "json"}),
    Claim("torch", ("*.pth", "*.ptl", "pytorch_model*.bin"), _TORCH, _MAYBE_TORCH),
    Claim("torch-export", ("*.pt2",), frozenset({"torch-export"}), frozenset({"zip", "torchscript", "torch-zip"})),
    Claim("executorch", ("*.pte",), frozenset({"executorch"}), frozenset({"text"})),
    Claim("checkpoint", ("*.ckpt", "*.ckpt-[0-9]*"), _TORCH | {"hdf5", "tf-checkpoint"}, _ANYTHING),
    Claim("coreml", ("*.mlmodel",), frozenset({"coreml"}), frozenset({"protobuf", "text"}), ("coreml", "onnx", "graphdef", "savedmodel")),
    Claim("coreml-compiled", ("coremldata.bin", "model.mil"), frozenset({"coreml-compiled"}), _ANYTHING),
    Claim("safetensors", ("*.safetensors",), frozenset({"safetensors"})),
    Claim("gguf", ("*.gguf",), frozenset({"gguf"})),
    Claim("paddle", ("__model__", "*.pdmodel"), frozenset({"paddle"}), frozenset({"protobuf"}), ("paddle",)),
    Claim("paddle-params", ("*.pdiparams",), frozenset({"paddle-params"}), _ANYTHING),
    Claim("pickle", ("*.pdparams", "*.pdopt"), frozenset({"pickle"}), _ANYTHING),
    Claim("caffe", ("*.caffemodel",), frozenset({"caffe"}), frozenset({"protobuf", "hdf5"}), ("caffe",)),
    Claim("mnn", ("*.mnn",), frozenset({"mnn"}), _ANYTHING, ("mnn",)),
    Claim("catboost", ("*.cbm",), frozenset({"catboost"}), _ANYTHING),
    Claim("cntk", ("*.dnn",), frozenset({"cntk"}), _SHARED, ("cntk",)),
    # Suffixes that many have.
    Claim("xgboost", ("*.ubj",), frozenset({"xgboost"}), _SHARED),
    Claim("ncnn", ("*.param",), frozenset({"ncnn", "ncnn-binary"}), _SHARED),
    Claim("mxnet-params", ("*.params",), frozenset({"mxnet-params"}), _SHARED),
    Claim("darknet-weights", ("*.weights",), frozenset({"darknet-weights"}), _SHARED, ("darknet-weights",)),
    Claim("model", ("*.model",), frozenset({"xgboost", "lightgbm", "cntk"}), _SHARED, ("cntk",)),
    Claim("pickle", ("*.pkl", "*.pickle", "*.joblib"), frozenset({"pickle"}), _ANYTHING),
    Claim("npy", ("*.npy",), frozenset({"npy", "npz"}), _ANYTHING),  # numpy.load goes by what a file holds
    Claim("npz", ("*.npz",), frozenset({"npy", "npz"}), frozenset({"zip"})),
    Claim("tensorrt", ("*.engine", "*.trt", "*.plan"), frozenset({"tensorrt"}), _ANYTHING),
)
"""First match holds. A `.pb` is any protocol buffer, a `.pth` may list paths for Python, a `.pt` may be a page template, and `.keras`
was HDF5 before Keras 3."""


@dataclass(frozen=True)
class Artifact:
    """A file with a model's name. `claimed` is what the name promises (`Claim.format`), `found` what it holds (a name in `KINDS`).

    `fits` is True if it holds what it promises, False if it certainly does not, None if that cannot be told. `lfs_size` and `lfs_oid`
    are the bytes and the hash of the file a Git LFS pointer stands for; `head` is the first 64 bytes.
    """

    place: Place
    claimed: str
    found: str
    fits: bool | None
    size: int
    lfs_size: int | None = None
    lfs_oid: str = ""
    head: bytes = field(default=b"", repr=False)

    @property
    def holds(self) -> str:
        """What the file holds, in words: ``an HTML page``."""
        return KINDS[self.found]


def claim(name: str) -> Claim | None:
    """What a file of this name promises, if anything."""
    name = name.lower()
    return next((claim for claim in CLAIMS if any(fnmatchcase(name, pattern) for pattern in claim.names)), None)


def read(file: File) -> Artifact:
    """The facts about a file whose name is in `CLAIMS`."""
    claimed = claim(file.name)
    assert claimed is not None
    found = detect(file)
    fits: bool | None = False
    if found in claimed.holds:
        fits = True
    elif found in claimed.perhaps - _POINTERS:
        fits = None
    size, oid = None, ""
    if found == "git-lfs-pointer":
        if match := re.search(rb"^size (\d{1,18})\r?$", file.head, re.MULTILINE):
            size = int(match[1])
        if match := re.search(rb"^oid (\S+:[0-9a-f]+)\r?$", file.head, re.MULTILINE):
            oid = match[1].decode()
    return Artifact(file.place, claimed.format, found, fits, file.size, size, oid, file.head[:64])


@lru_cache(maxsize=16)
def detect(file: File) -> str:
    """What the file holds: a name in `KINDS`."""
    head = file.head
    if not head:
        return "empty" if file.path.is_file() else "unknown"
    for kind, pattern in _MAGIC:
        if re.match(pattern, head, re.DOTALL) and not (kind in ("git-lfs-pointer", "zeros") and file.size > len(head)):
            return _archive(file) if kind == "zip" else _tar(file) if kind == "tar" else kind
    if _is_text(head):
        kind = next((kind for kind, pattern in _TEXTS if re.match(pattern, head, re.DOTALL)), "text")
        return "tfjs" if kind == "json" and re.search(_TFJS, head) else kind
    if _is_safetensors(head):
        return "safetensors"
    if table := _table(file):
        return table
    claimed = claim(file.name)
    for kind in claimed.kinds if claimed else ():
        module, _, function = _SNIFFED[kind].partition(":")
        if getattr(import_module(f"deplint.formats.{module}"), function)(file):
            return kind
    if claimed is not None and claimed.format == "coreml-compiled":
        return claimed.format  # what it holds is Apple's secret, its name nobody else's
    if _is_protobuf(head, file.size):
        return "protobuf"
    return "hdf5" if _has_late_hdf5(file) else "unknown"


def _archive(file: File) -> str:
    """The kind of a zip archive."""
    from deplint.formats.archive import open_zip

    try:
        with open_zip(file) as archive:
            if any(info.flag_bits & 1 for info in archive.infolist()):
                return "encrypted-zip"
            return _by_members(archive.namelist())
    except Unreadable:
        return "broken-zip"


def _tar(file: File) -> str:
    """The kind of a tar archive."""
    from deplint.formats.torch_tar import sniff

    return "torch-tar" if sniff(file) else "tar"


def _by_members(names: Iterable[str]) -> str:
    listing = list(names)
    for kind, patterns in _MEMBERS:
        if all(any(re.fullmatch(pattern, name) for name in listing) for pattern in patterns):
            return kind
    return "zip"


def _is_text(head: bytes) -> bool:
    """True if the bytes are UTF-8 (perhaps cut within a character) without control characters other than white space."""
    if re.search(rb"[\0-\x08\x0e-\x1f\x7f]", head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= HEAD - 3
    return True


def _is_safetensors(head: bytes) -> bool:
    """True for the length of a header, at most 100 MB, then JSON, as the format's documentation lays it out. The file may break off."""
    return 2 <= int.from_bytes(head[:8], "little") <= 100_000_000 and re.match(rb'.{8}\{\s*("|\})', head, re.DOTALL) is not None


def _is_protobuf(head: bytes, size: int) -> bool:
    """True if the bytes can begin a protocol buffer of `size` bytes: field numbers, codings and lengths make sense."""
    from deplint.formats.wire import fields

    try:
        return all(tag >> 3 for tag, _, _ in fields(head, 0, size))
    except IndexError:  # the head ends within the message
        return True
    except Unreadable:
        return False


def _table(file: File) -> str:
    """The kind of a LevelDB table; nothing for anything else. Its mark is at its end."""
    with open(file.path, "rb") as stream:
        stream.seek(max(0, file.size - 8))
        if stream.read() != b"\x57\xfb\x80\x8b\x24\x75\x47\xdb":
            return ""
    from deplint.formats.checkpoint import kind

    return kind(file)


def _has_late_hdf5(file: File) -> bool:
    """True if an HDF5 signature follows a user block of up to 1 MiB (a power of two, 512 bytes at least)."""
    with open(file.path, "rb") as stream:
        for power in range(12, 21):
            stream.seek(1 << power)
            if stream.read(8) == b"\x89HDF\r\n\x1a\n":
                return True
    return False
