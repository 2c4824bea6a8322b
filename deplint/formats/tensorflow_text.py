"""TensorFlow's models as text: ``saved_model.pbtxt``, MetaGraphs and graphs (``.pbtxt``).

A text is turned into the message that it stands for, and read as such (`deplint.formats.tensorflow`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deplint.formats import savedmodel, tensorflow
from deplint.formats.prototext import DOUBLES, FLOAT, FLOATS, INT, INTS, TEXT, Schema, encoded
from deplint.model import Model
from deplint.project import File


def _message(numbers: type, **codings: str) -> Mapping[str, tuple[int, str]]:
    """The fields of a table of numbers; those without a coding are strings."""
    return {name.lower(): (number, codings.get(name.lower(), TEXT)) for name, number in vars(numbers).items() if name.isupper()}


_TENSOR = {
    "tensor_shape": "Shape", "float_val": FLOATS, "double_val": DOUBLES, "scomplex_val": FLOATS, "dcomplex_val": DOUBLES,
    **dict.fromkeys(("int_val", "int64_val", "bool_val", "half_val", "uint32_val", "uint64_val"), INTS),
}  # fmt: skip

_VALUES = {"s": TEXT, "i": INT, "f": FLOAT, "b": INT, "type": INT, "shape": "Shape", "tensor": "Tensor", "func": "Func"}

SCHEMA: Schema = {
    "SavedModel": _message(tensorflow.SAVED_MODEL, saved_model_schema_version=INT, meta_graphs="MetaGraph"),
    "MetaGraph": _message(
        tensorflow.META_GRAPH, meta_info_def="MetaInfo", graph_def="Graph", saver_def="Saver", collection_def="Nothing",
        signature_def="SignatureEntry", asset_file_def="AssetFile", object_graph_def="Objects",
    ),
    "MetaInfo": _message(
        tensorflow.META_INFO, stripped_op_list="OpList", any_info="Nothing", stripped_default_attrs=INT, function_aliases="Nothing"
    ),
    "Nothing": {},
    "Saver": _message(tensorflow.SAVER, version=INT),
    "AssetFile": _message(tensorflow.ASSET_FILE),
    "SignatureEntry": _message(tensorflow.ENTRY, value="Signature"),
    "Signature": _message(tensorflow.SIGNATURE, inputs="TensorInfoEntry", outputs="TensorInfoEntry"),
    "TensorInfoEntry": _message(tensorflow.ENTRY, value="TensorInfo"),
    "TensorInfo": _message(
        tensorflow.TENSOR_INFO, dtype=INT, tensor_shape="Shape", coo_sparse="CooSparse", composite_tensor="CompositeTensor"
    ),
    "CooSparse": _message(tensorflow.COO_SPARSE),
    "CompositeTensor": _message(tensorflow.COMPOSITE_TENSOR, type_spec="Nothing", components="TensorInfo"),
    "Graph": _message(
        tensorflow.GRAPH, node="Node", library="Library", version=INT, versions="Versions", debug_info="Nothing"
    ),
    "Versions": _message(tensorflow.VERSIONS, producer=INT),
    "Library": _message(tensorflow.LIBRARY, function="Function"),
    "Function": _message(tensorflow.FUNCTION, signature="OpDef", node_def="Node", ret="TextEntry", arg_attr="ArgAttrsEntry"),
    "TextEntry": _message(tensorflow.ENTRY),
    "ArgAttrsEntry": _message(tensorflow.ENTRY, key=INT, value="ArgAttrs"),
    "ArgAttrs": _message(tensorflow.ARG_ATTRS, attr="AttrEntry"),
    "Node": _message(tensorflow.NODE, attr="AttrEntry"),
    "AttrEntry": _message(tensorflow.ENTRY, value="Attr"),
    "Attr": _message(tensorflow.ATTR, list="List", **_VALUES),
    "List": _message(tensorflow.LIST, **{**_VALUES, "i": INTS, "f": FLOATS, "b": INTS, "type": INTS}),
    "Func": _message(tensorflow.FUNC),
    "OpList": _message(tensorflow.OP_LIST, op="OpDef"),
    "OpDef": _message(tensorflow.OP_DEF, input_arg="ArgDef", output_arg="ArgDef", attr="AttrDef"),
    "ArgDef": _message(tensorflow.ARG_DEF, type=INT),
    "AttrDef": _message(tensorflow.ATTR_DEF, default_value="Attr"),
    "Shape": _message(tensorflow.SHAPE, dim="Dim", unknown_rank=INT),
    "Dim": _message(tensorflow.DIM, size=INT),
    "Tensor": _message(tensorflow.TENSOR, dtype=INT, **_TENSOR),
    "Objects": _message(savedmodel.OBJECTS, nodes="Object"),
    "Object": _message(savedmodel.OBJECT, user_object="UserObject"),
    "UserObject": _message(savedmodel.USER_OBJECT),
}  # fmt: skip
"""The messages of `deplint.formats.tensorflow` and of `deplint.formats.savedmodel`."""

NAMES: dict[str, int] = {
    "DT_INVALID": 0, "DT_FLOAT": 1, "DT_DOUBLE": 2, "DT_INT32": 3, "DT_UINT8": 4, "DT_INT16": 5, "DT_INT8": 6, "DT_STRING": 7,
    "DT_COMPLEX64": 8, "DT_INT64": 9, "DT_BOOL": 10, "DT_QINT8": 11, "DT_QUINT8": 12, "DT_QINT32": 13, "DT_BFLOAT16": 14, "DT_QINT16": 15,
    "DT_QUINT16": 16, "DT_UINT16": 17, "DT_COMPLEX128": 18, "DT_HALF": 19, "DT_RESOURCE": 20, "DT_VARIANT": 21, "DT_UINT32": 22,
    "DT_UINT64": 23, "DT_FLOAT8_E5M2": 24, "DT_FLOAT8_E4M3FN": 25, "DT_FLOAT8_E4M3FNUZ": 26, "DT_FLOAT8_E4M3B11FNUZ": 27,
    "DT_FLOAT8_E5M2FNUZ": 28, "DT_INT4": 29, "DT_UINT4": 30, "DT_INT2": 31, "DT_UINT2": 32, "DT_FLOAT4_E2M1FN": 33,
}  # fmt: skip
NAMES |= {f"{name}_REF": number + tensorflow.REFERENCE for name, number in NAMES.items() if number} | {"LEGACY": 0, "V1": 1, "V2": 2}
"""``DataType`` and ``CheckpointFormatVersion`` by the names they have in a text."""


def read_saved_model(file: File) -> Model:
    """As `tensorflow.read_saved_model`."""
    return _read(file, "SavedModel", tensorflow.read_saved_model)


def read_meta_graph(file: File) -> Model:
    """As `tensorflow.read_meta_graph`."""
    return _read(file, "MetaGraph", tensorflow.read_meta_graph)


def read_graph_def(file: File) -> Model:
    """As `tensorflow.read_graph_def`, with the format ``graphdef-text``: a graph as text is there to be looked at, as training leaves it,
    or to be frozen; nothing serves it."""
    model = _read(file, "Graph", tensorflow.read_graph_def)
    model.format = "graphdef-text"
    return model


def _read(file: File, root: str, read: Callable[[File], Model]) -> Model:
    model = read(encoded(file, root, SCHEMA, NAMES))
    model.size = file.size
    return model
