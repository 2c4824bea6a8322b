"""What a pickle holds that a model is made of: PyTorch tensors and modules, NumPy arrays, by the names that lead to them.

How a tensor is put together is told by the functions its pickle calls: ``torch/_utils.py`` (``_rebuild_*``) and
``torch/_tensor.py`` of PyTorch, ``numpy.core.multiarray._reconstruct`` and ``numpy.core.numeric._frombuffer`` of NumPy,
``NumpyArrayWrapper`` of joblib.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deplint.formats.pickles import DICT, Global, Made, Persistent, Raw
from deplint.formats.wire import DataReader
from deplint.model import BITS, Layer, Quant, Stored, Tensor, Unreadable

VALUES_LIMIT = 1_000_000
"""Values looked at in one pickle."""

NAME_LIMIT, NAMES_LIMIT = 1000, 32 << 20
"""Characters of a tensor's name and of all names: a pickle may be nested as deeply as it likes, and share its parts."""

SCALES_LIMIT = 1 << 16
"""Slices of a quantized tensor whose scales are read."""

CONFIG_LIMIT = 16
"""Elements of a list among a layer's settings."""

VERSION = "_sklearn_version"
"""Where scikit-learn notes its version in everything it pickles."""

Locate = Callable[[Any], tuple[Stored, DataReader | None] | None]
"""Where the storage of a persistent id is, whole; None if it is none."""

STORAGES: Mapping[str, str] = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64", "Int": "int32", "Short": "int16",
    "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64", "ComplexDouble": "complex128", "QInt8": "int8",
    "QUInt8": "uint8", "QInt32": "int32", "QUInt4x2": "uint4", "QUInt2x4": "uint2",
}  # fmt: skip
"""Element types of PyTorch's storages: ``torch.FloatStorage`` and so on."""

_DTYPES: Mapping[str, str] = {
    "double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32", "short": "int16", "cfloat": "complex64",
    "cdouble": "complex128", "qint8": "int8", "quint8": "uint8", "qint32": "int32", "float8e8m0fnu": "float8e8m0",
    "float4e2m1fnx2": "float4e2m1",
}  # fmt: skip
"""Names of ``torch.dtype`` that are not deplint's once their underscores are gone."""

_NUMPY: Mapping[str, str] = {
    "f2": "float16", "f4": "float32", "f8": "float64", "b1": "bool", "c8": "complex64", "c16": "complex128",
    "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
}  # fmt: skip


def torch_dtype(name: str) -> str:
    """deplint's name of a ``torch.dtype``: ``float8_e4m3fn`` is ``float8e4m3fn``; "" if it has none."""
    short = name.replace("_", "")
    short = _DTYPES.get(short, short)
    return short if short in BITS else ""


def numpy_dtype(name: str) -> tuple[str, bool]:
    """deplint's name of a NumPy type string such as ``<f4``, and True if its bytes are big-endian."""
    order, code = (name[0], name[1:]) if name[:1] in ("<", ">", "|", "=") else ("", name)
    return "string" if code[:1] in ("U", "S", "T") else _NUMPY.get(code, ""), order == ">"


def mapping(value: Any) -> list[tuple[Any, Any]] | None:
    """The entries of a pickled dictionary of any class; None if `value` is none."""
    if not isinstance(value, Made):
        return None
    if value.function == DICT or value.items or (isinstance(value.function, Global) and value.function.name in _MAPPINGS):
        pairs = value.args[0] if isinstance(value.args, tuple) and value.args and isinstance(value.args[0], list) else ()
        return [*((pair[0], pair[1]) for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2), *value.items]
    return None


_MAPPINGS = ("OrderedDict", "defaultdict", "dict")


def is_module(value: Any) -> bool:
    """True for a pickled ``torch.nn.Module``: its state has these dictionaries whatever its class."""
    return isinstance(value, Made) and {"_parameters", "_modules"} <= value.attributes().keys()


def is_scripted(value: Any) -> bool:
    """True for an object of a class that TorchScript compiled."""
    return isinstance(value, Made) and isinstance(value.function, Global) and value.function.module.split(".")[0] == "__torch__"


def class_of(made: Made) -> Global:
    """The class of an object; a ``Global`` without names if that cannot be told."""
    found = made.function
    if isinstance(found, Global) and found.module in ("copy_reg", "copyreg") and isinstance(made.args, tuple) and made.args:
        found = made.args[0]
    if isinstance(found, Persistent) and isinstance(found.id, tuple) and len(found.id) == 4:
        found = found.id[1]  # ("module", class, its file, its source): how modules were saved before 1.6
    return found if isinstance(found, Global) else Global("", "")


@dataclass(frozen=True)
class Shifted:
    """Reads from `start` of what `reader` reads."""

    reader: DataReader
    start: int

    def __call__(self, offset: int, size: int) -> bytes:
        return self.reader(self.start + offset, size)


class Contents:
    """Tensors and layers by name, found by `visit`. `payload` tells where a payload of the pickle itself lies in the file.

    Layers are modules of PyTorch, or with `objects` whatever has attributes. `kept` are tensors that the pickle names and does not make.
    """

    def __init__(
        self,
        locate: Locate,
        payload: Callable[[Raw], tuple[Stored, DataReader | None] | None],
        objects: bool = False,
        kept: Mapping[str, Made] | None = None,
    ) -> None:
        self.locate, self.payload, self.objects, self.kept = locate, payload, objects, kept or {}
        self.tensors: dict[str, Tensor] = {}
        self.layers: list[Layer] = []
        self.devices: set[str] = set()
        self._seen: set[int] = set()
        self._values, self._characters = VALUES_LIMIT, NAMES_LIMIT

    def visit(self, value: Any, name: str = "") -> None:
        """Note every tensor and layer below `value`.

        Raises:
            Unreadable: there is too much of it, or a tensor contradicts itself.
        """
        waiting = [iter([(name, value)])]
        while waiting:
            name, value = next(waiting[-1], _END)
            if name is None:
                waiting.pop()
                continue
            self._spend(name)
            tensor = self.tensor(value, name)
            if tensor is not None:
                self.tensors.setdefault(name, tensor)
            elif isinstance(value, (Made, list, tuple)) and id(value) not in self._seen:
                self._seen.add(id(value))
                waiting.append(self._named(name, value))

    def _spend(self, name: str) -> None:
        self._values -= 1
        self._characters -= len(name)
        if self._values < 0 or self._characters < 0 or len(name) > NAME_LIMIT:
            raise Unreadable("a pickle of more values, or values more deeply nested, than a model has")

    def _named(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        for key, inner in self._below(value, name):
            yield _join(name, key), inner

    def _below(self, value: Any, name: str) -> Iterable[tuple[Any, Any]]:
        if isinstance(value, (list, tuple)):
            return (_keyed(key, inner) for key, inner in enumerate(value))
        if is_module(value) or is_scripted(value) or (self.objects and value.attributes()):
            return self._module(value, name)
        items = mapping(value)
        if items is None:
            items = [*enumerate(value.args if isinstance(value.args, tuple) else ()), *enumerate(value.elements)]
        state = value.state
        if isinstance(state, Made):
            items = [*items, *(mapping(state) or ())]
        elif isinstance(state, (list, tuple)):
            items = [*items, ("", state)]
        return items

    def _module(self, module: Made, name: str) -> Iterator[tuple[Any, Any]]:
        facts = module.attributes()
        kind = class_of(module)
        config = {key: plain for key, value in facts.items() if key[:1] != "_" or key == VERSION for plain in _plain(value)}
        self.layers.append(Layer(name, kind.name, kind.module, config))
        for key in ("_parameters", "_buffers", "_modules"):
            yield from mapping(facts.get(key)) or ()
        if not is_scripted(module):
            facts = {key: value for key, value in facts.items() if key[:1] != "_"}
        elif not facts:
            facts = {"state": module.state}  # of a class with a state of its own, such as packed parameters
        yield from facts.items()

    def tensor(self, value: Any, name: str) -> Tensor | None:
        """The tensor that `value` is, if it is one."""
        for _ in range(8):  # a parameter in a subclass in ...
            if isinstance(value, Persistent) and isinstance(value.id, str):
                value = self.kept.get(value.id)
            function = value.function if isinstance(value, Made) else None
            args = value.args if isinstance(value, Made) else None
            if not isinstance(function, Global) or not isinstance(args, tuple):
                return None
            if function.name in _WRAPPED and function.module.startswith("torch"):
                if len(args) <= _WRAPPED[function.name]:
                    return None
                value = args[_WRAPPED[function.name]]
            elif function.name in ("_rebuild_from_type_v2", "_rebuild_from_type") and len(args) > 2:
                value = Made(args[0], args[2])
            else:
                break
        assert isinstance(value, Made) and isinstance(function, Global) and isinstance(args, tuple)
        if function.module in ("torch._utils", "torch._tensor"):
            return self._torch(function.name, args, name)
        if function.name in _ARRAYS:
            return self._array(function, value, name)
        return None

    def _torch(self, function: str, args: tuple[Any, ...], name: str) -> Tensor | None:
        if function in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor") and len(args) >= 4:
            storage, offset, size, stride = args[:4]
            dtype = _torch_dtype(args[6]) if function == "_rebuild_tensor_v3" and len(args) > 6 else ""
            tensor = self._view(name, storage, offset, size, stride, dtype)
            if function == "_rebuild_qtensor" and len(args) > 4:
                tensor.quant = self._quant(args[4])
            return tensor
        if function == "_rebuild_meta_tensor_no_storage" and len(args) >= 2:
            return Tensor(name, _torch_dtype(args[0]), _sizes(args[1]))
        if function == "_rebuild_wrapper_subclass" and len(args) >= 3:
            return Tensor(name, _torch_dtype(args[1]), _sizes(args[2]))
        return None

    def _view(self, name: str, storage: Any, offset: Any, size: Any, stride: Any, dtype: str) -> Tensor:
        """A tensor that begins at element `offset` of a storage."""
        key: Any = storage.id if isinstance(storage, Persistent) else None
        found = self.locate(key) if isinstance(key, tuple) and len(key) >= 5 else None
        if found is None or not isinstance(offset, int) or not 0 <= offset < 1 << 62:
            raise Unreadable(f"tensor {name!r} has no storage")
        match key[5:]:
            case ((str(), int() as first, int()),):  # a view of another storage, in the format from before 1.6
                offset += first
        if not dtype and isinstance(key[1], Global):
            dtype = STORAGES.get(key[1].name.removesuffix("Storage"), "")
        if isinstance(key[3], str):
            self.devices.add(key[3])
        shape, strides = _sizes(size), _sizes(stride)
        if len(shape) != len(strides):
            raise Unreadable(f"tensor {name!r} has {len(shape)} sizes and {len(strides)} strides")
        tensor = Tensor(name, dtype, shape)
        whole, reader = found
        bits = BITS.get(dtype, 0)
        elements = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        start, nbytes = offset * bits // 8, (elements * bits + 7) // 8
        problem = whole.problem
        if not problem and start + nbytes > whole.nbytes:
            problem = f"its storage is too short: {whole.nbytes:,} bytes, the tensor ends at {start + nbytes:,}"
        tensor.stored = Stored(whole.path, whole.offset + start, nbytes, problem=problem)
        if reader and not problem and _contiguous(shape, strides):
            tensor.data = Shifted(reader, start) if start else reader
        return tensor

    def _quant(self, params: Any) -> Quant | None:
        """``(scheme, scale, zero point)``, or ``(scheme, scales, zero points, axis)`` with tensors."""
        match params:
            case (Global(), (int() | float()) as scale, int() as zero):
                return Quant((float(scale),), (zero,))
            case (Global(), scales, zeros, int() as axis):
                each = self._numbers(scales, "float64", "d")
                return Quant(each, self._numbers(zeros, "int64", "q"), axis) if each else None
        return None

    def _numbers(self, value: Any, dtype: str, code: str) -> tuple[Any, ...]:
        tensor = self.tensor(value, "quantization parameters")
        if tensor is None or tensor.dtype != dtype or not tensor.elements or tensor.elements > SCALES_LIMIT:
            return ()
        raw = tensor.bytes(tensor.elements * 8)
        return struct.unpack(f"<{tensor.elements}{code}", raw) if len(raw) == tensor.elements * 8 else ()

    def _array(self, function: Global, made: Made, name: str) -> Tensor | None:
        """A NumPy array."""
        fortran, payload = False, made.payload
        shape: Any
        if function.name == "NumpyArrayWrapper":
            facts = made.attributes()
            shape, dtype, fortran = facts.get("shape"), facts.get("dtype"), facts.get("order") == "F"
        elif function.name == "_frombuffer" and len(made.args) == 4:
            payload, dtype, shape, order = made.args
            fortran = order == "F"
        elif isinstance(made.state, tuple) and len(made.state) == 5:
            _, shape, dtype, fortran, payload = made.state
        else:
            return None
        if not isinstance(dtype, Made) or not isinstance(dtype.args, tuple) or not dtype.args or not isinstance(dtype.args[0], str):
            return None
        tensor = Tensor(name, numpy_dtype(dtype.args[0])[0], _sizes(shape))
        if isinstance(payload, Raw) and (place := self.payload(payload)):
            stored, reader = place
            big = isinstance(dtype.state, tuple) and ">" in dtype.state[1:2]
            tensor.stored = stored
            tensor.data = None if big or (fortran and len(tensor.shape or ()) > 1) else reader
        return tensor


_END: Any = (None, None)

_WRAPPED: Mapping[str, int] = {
    "_rebuild_parameter": 0,
    "_rebuild_parameter_with_state": 0,
    "_rebuild_device_tensor_from_numpy": 0,
    "_rebuild_device_tensor_from_cpu_tensor": 0,
}
"""Functions around a tensor, and which argument it is."""

_ARRAYS = ("_reconstruct", "_frombuffer", "NumpyArrayWrapper")


def _join(name: str, key: Any) -> str:
    key = str(key) if isinstance(key, (str, int, float)) else type(key).__name__
    return f"{name}.{key}" if name and key else name or key


def _keyed(index: int, value: Any) -> tuple[Any, Any]:
    """An element of a list by its number; a pair of a name and something by that name, as the steps of a pipeline are."""
    match value:
        case (str() as name, Made() as inner) if name and len(name) < NAME_LIMIT:
            return name, inner
    return index, value


def _plain(value: Any) -> Iterator[Any]:
    """`value` if it is a number, a short text, or a short list or tuple of those."""
    if value is None or isinstance(value, (bool, int, float, str)):
        yield value
    elif isinstance(value, (list, tuple)) and len(value) <= CONFIG_LIMIT and all(isinstance(v, (bool, int, float, str)) for v in value):
        yield list(value)


def _torch_dtype(value: Any) -> str:
    return torch_dtype(value.name) if isinstance(value, Global) and value.module == "torch" else ""


def _sizes(value: Any) -> tuple[int, ...]:
    """Sizes or strides."""
    if isinstance(value, Made) and isinstance(value.args, tuple) and value.args:  # torch.Size((1, 2))
        value = value.args[0]
    if not isinstance(value, (tuple, list)) or len(value) > 64 or not all(isinstance(n, int) and 0 <= n < 1 << 62 for n in value):
        raise Unreadable("a tensor whose sizes are not sizes")
    return tuple(value)


def _contiguous(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """True if elements follow each other in the order of their indices, the last one fastest."""
    expected = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size != 1 and stride != expected:
            return 0 in shape
        expected *= size
    return True
