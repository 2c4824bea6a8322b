"""Make the PyTorch files among the test data, each with what PyTorch itself reads of it (``.json`` beside it).

Run from this folder, in an environment with torch: ``python build_checkpoints.py``; with an older torch ``python build_checkpoints.py
torch1.13_ states scripts`` (or ``programs``, with one that has these), and what it writes gets this prefix. Names of source files on the
machine are left out.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

OUT = Path("torch")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.25)
        self.head = nn.Linear(4, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(image)))
        return torch.softmax(self.head(self.drop(x.mean((2, 3)))), dim=1)


class Choice(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos() + 1, (x,))


class Sized(nn.Module):
    """Constants, a size that stays symbolic, a list of tensors, an argument that is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.arange(6.0).reshape(2, 3)
        self.weight = nn.Parameter(torch.ones(3))

    def forward(self, weight: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
        both = torch.cat([weight, y, self.table])
        return {"low": both[:, :2].reshape(both.shape[0] * 2), "high": (both * self.weight).to(torch.float16).clamp(max=3)}


class Constant(nn.Module):
    """A tensor that is the code's alone, once it is traced."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.tensor([1.0, 2.5])


class Parts(nn.Module):
    """Quantized tensors, one that does not lie in order, tensors in lists and dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("tensor", torch.quantize_per_tensor(torch.linspace(-1, 1, 6).view(2, 3), 0.1, 3, torch.quint8))
        channel = torch.quantize_per_channel(torch.ones(2, 3), torch.tensor([0.5, 0.25]), torch.tensor([0, 1]), 0, torch.qint8)
        self.register_buffer("channel", channel)
        self.register_buffer("turned", torch.arange(6.0).view(2, 3).t())
        self.table = {"low": torch.arange(3.0), "high": torch.arange(3.0, 6.0)}
        self.pair = [torch.ones(2), torch.zeros(2)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * self.tensor.dequantize() + self.channel.dequantize()) @ self.turned + self.table["low"].sum() + self.pair[0].sum()


def digest(value: torch.Tensor) -> dict[str, Any]:
    """What a reader must agree on; the bytes only where elements follow each other as their indices do."""
    facts: dict[str, Any] = {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape)}
    if value.layout != torch.strided or value.is_meta:
        return facts
    if value.is_quantized:
        if value.qscheme() == torch.per_tensor_affine:
            facts["quant"] = [[value.q_scale()], [value.q_zero_point()], None]
        else:
            facts["quant"] = [value.q_per_channel_scales().tolist(), value.q_per_channel_zero_points().tolist(), value.q_per_channel_axis()]
        value = value.int_repr()
    facts["contiguous"] = value.is_contiguous()
    if value.is_contiguous() and value.numel():
        facts["bytes"] = value.detach().reshape(-1).view(torch.uint8).numpy().tobytes().hex()
    return facts


def tensors(value: Any, name: str = "") -> dict[str, Any]:
    """Every tensor below `value`, by the keys that lead to it."""
    if isinstance(value, torch.Tensor):
        return {name: digest(value)}
    if isinstance(value, nn.Module):
        return {
            ".".join(filter(None, (name, path, key))): digest(tensor)
            for kind in ("_parameters", "_buffers")
            for path, module in value.named_modules(remove_duplicate=False)
            for key, tensor in getattr(module, kind).items()
            if tensor is not None
        }
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, (list, tuple)):
        pairs = list(enumerate(value))
    else:
        return {}
    found: dict[str, Any] = {}
    for key, inner in pairs:
        found |= tensors(inner, f"{name}.{key}" if name else str(key))
    return found


def layers(value: Any) -> list[list[str]]:
    if not isinstance(value, nn.Module):
        return []
    return [[name, type(module).__module__, type(module).__name__] for name, module in value.named_modules(remove_duplicate=False)]


def tell(path: Path, facts: dict[str, Any]) -> None:
    path.with_name(path.name + ".json").write_text(json.dumps(facts, indent=1) + "\n")


def saved(name: str, value: Any, **options: Any) -> None:
    path = OUT / name
    torch.save(value, path, **options)
    loaded = torch.load(path, weights_only=False)
    tell(path, {"tensors": tensors(loaded), "layers": layers(loaded)})


def saved_before_0_2(name: str, value: Any) -> None:
    """A tar archive, as PyTorch wrote it before 0.2: nothing writes it any more, but ``torch.load`` still reads it."""
    inside: dict[int, torch.Tensor] = {}

    class Pickler(pickle.Pickler):
        def persistent_id(self, item: Any) -> str | None:
            if not isinstance(item, torch.Tensor):
                return None
            inside[id(item)] = item
            return str(id(item))

    stream = io.BytesIO()
    Pickler(stream, 2).dump(value)
    stored = {tensor.untyped_storage().data_ptr(): tensor for tensor in inside.values()}
    storages = pickle.dumps(len(stored) + 1, 2)
    for key, tensor in stored.items():
        kind = {torch.float32: torch.FloatStorage, torch.int64: torch.LongStorage}[tensor.dtype]
        raw = bytes(tensor.untyped_storage())
        storages += pickle.dumps((key, "cpu", kind), 2) + struct.pack("<q", len(raw) // tensor.element_size()) + raw
    storages += pickle.dumps((1, "cpu", torch.FloatStorage), 2) + struct.pack("<q4f", 4, 1, 2, 3, 4)
    storages += pickle.dumps([(2, 1, 1, 3)], 2)  # a view: its key, that of its storage, where it begins, its elements
    headers = pickle.dumps(len(inside), 2)
    for number, tensor in inside.items():
        key, offset = tensor.untyped_storage().data_ptr(), tensor.storage_offset()
        if tensor.tolist() == [2.0, 3.0, 4.0]:
            key = 2
        sizes = [*tensor.shape, *tensor.stride()]
        headers += pickle.dumps((number, key, None), 2) + struct.pack(f"<ii{len(sizes)}qq", tensor.ndim, 0, *sizes, offset)
    path = OUT / name
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        system = pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2)
        for member, content in (("sys_info", system), ("pickle", stream.getvalue()), ("storages", storages), ("tensors", headers)):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    loaded = torch.load(path, weights_only=False)
    tell(path, {"tensors": tensors(loaded), "layers": []})


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write an archive anew, its members compressed or not as they were; a change to None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in members:
            changed = change(info.filename, content)
            if changed is not None:
                plain = zipfile.ZipInfo(info.filename)
                archive.writestr(plain, changed, info.compress_type)


def without_sources(name: str, content: bytes) -> bytes | None:
    """TorchScript notes beside the code which line of which file it came from; exported programs do so with every node."""
    if name.endswith(".debug_pkl"):
        return None
    if not name.endswith("/models/model.json") and name != "serialized_exported_program.json":
        return content
    program = json.loads(content)
    waiting: list[Any] = [program]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            item.pop("stack_trace", None)
        waiting += item.values() if isinstance(item, dict) else item if isinstance(item, list) else []
    return json.dumps(program).encode()


def kinds(graph: Any) -> list[str]:
    """The operators of a TorchScript graph, nested blocks included."""
    found = []
    for node in graph.nodes():
        found.append(node.kind())
        for block in node.blocks():
            found += kinds(block)
    return found


def scripted(name: str, module: torch.jit.ScriptModule, mobile: bool = False, **options: Any) -> None:
    path = OUT / name
    module._save_for_lite_interpreter(str(path), **options) if mobile else module.save(path, **options)
    if zipfile.is_zipfile(path):
        rewrite(path, without_sources)
    tell_scripted(path, mobile)


def tell_scripted(path: Path, mobile: bool) -> None:
    loaded = torch.jit.load(path)
    facts: dict[str, Any] = {
        "tensors": {key: digest(value) for key, value in [*loaded.named_parameters(), *loaded.named_buffers()]},
        "layers": [[key, inner._c._type().qualified_name()] for key, inner in loaded.named_modules(remove_duplicate=False)],
        "arguments": [argument.name for argument in loaded._c._get_method("forward").schema.arguments][1:],
        "methods": {
            f"{inner._c._type().qualified_name()}.{method}": kinds(inner._c._get_method(method).graph)
            for inner in loaded.modules()
            for method in inner._c._method_names()
        },
    }
    for key in ("table", "pair"):
        facts["tensors"] |= tensors(getattr(loaded, key, None), key)
    if mobile:
        from torch.jit.mobile import _export_operator_list, _load_for_lite_interpreter

        facts["operators"] = sorted(_export_operator_list(_load_for_lite_interpreter(str(path))))
    tell(path, facts)


def exported(name: str, program: torch.export.ExportedProgram) -> None:
    path = OUT / name
    torch.export.save(program, path)
    rewrite(path, without_sources)
    tell_exported(path)


def exported_before(name: str, program: torch.export.ExportedProgram) -> None:
    """As PyTorch 2.1 to 2.7 wrote it, each state a file of its own: no longer written, but still read."""
    from torch._export.serde.serialize import serialize

    path = OUT / name
    parts = serialize(program)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version", f"{json.loads(parts.exported_program)['schema_version']['major']}.1")
        archive.writestr("serialized_exported_program.json", parts.exported_program)
        for part in ("state_dict", "constants", "example_inputs"):
            stream = io.BytesIO()
            torch.save(getattr(program, part), stream)
            archive.writestr(f"serialized_{part}.pt", stream.getvalue())
    rewrite(path, without_sources)
    tell_exported(path)


def tell_exported(path: Path) -> None:
    program = torch.export.load(path)
    meta = {node.name: node.meta.get("val") for node in program.graph.nodes}
    calls = [node for node in program.graph.nodes if node.op == "call_function" and "getitem" not in node.name]
    signature = program.graph_signature
    facts = {
        "tensors": {key: digest(value) for key, value in [*program.state_dict.items(), *program.constants.items()]},
        "ops": [str(node.target) for node in calls],
        "inputs": {key: digest_type(meta[key]) for key in signature.user_inputs},
        "outputs": {key: digest_type(meta[key]) for key in signature.user_outputs},
        "version": torch.__version__,
    }
    tell(path, facts)


def digest_type(value: Any) -> list[Any]:
    return [str(value.dtype).removeprefix("torch."), [size if isinstance(size, int) else str(size) for size in value.shape]]


def states(prefix: str) -> None:
    net, image = Net(), torch.zeros(1, 3, 8, 8)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(image).sum().backward()
    optimizer.step()

    saved(f"{prefix}state_dict.pt", net.state_dict())
    saved(f"{prefix}module.pt", net)
    saved(f"{prefix}checkpoint.ckpt", {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "note": "it's a note"})
    saved(f"{prefix}protocol4.pt", OrderedDict(net.state_dict()), pickle_protocol=4)
    net.eval()
    shared = torch.arange(24.0)
    tied = nn.Linear(3, 3)
    names = (
        "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool", "complex64", "uint16", "uint32",
        "float8_e4m3fn", "float8_e5m2",
    )  # fmt: skip
    dtypes = {name: torch.ones(2, 3).to(getattr(torch, name)) for name in names if hasattr(torch, name)}
    layouts = {
        "view": shared[4:10].view(2, 3), "transposed": shared.view(4, 6).t(), "strided": shared[::2], "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 3), "one": shared[5:6].view(1, 1), "parameter": nn.Parameter(torch.ones(2)), "tied": tied.weight,
        "tied again": tied.weight, "list": [torch.zeros(1), {"deep": torch.ones(1)}], "meta": torch.empty(2, 2, device="meta"),
    }  # fmt: skip
    quantized = {
        "tensor": torch.quantize_per_tensor(torch.linspace(-1, 1, 6).view(2, 3), 0.1, 3, torch.quint8),
        "channel": torch.quantize_per_channel(torch.ones(2, 3), torch.tensor([0.5, 0.25]), torch.tensor([0, 1]), 0, torch.qint8),
    }
    saved(f"{prefix}tensors.pt", {"dtypes": dtypes, "layouts": layouts, "quantized": quantized})
    saved(f"{prefix}legacy.pth", {**net.state_dict(), **layouts}, _use_new_zipfile_serialization=False)
    torch.serialization.get_source_lines_and_file = lambda kind: ([f"class {kind.__name__}: ...\n"], 1, "model.py")
    saved(f"{prefix}legacy_module.pth", net, _use_new_zipfile_serialization=False)
    saved(f"{prefix}arrays.pt", {"weights": net.state_dict(), "statistics": np.arange(6, dtype="<f4").reshape(2, 3)})


def scripts(prefix: str) -> None:
    net, image = Net().eval(), torch.zeros(1, 3, 8, 8)
    scripted(f"{prefix}scripted.pt", torch.jit.script(net), _extra_files={"labels.txt": "cat\ndog\n", "data.bin": b"\0\1"})
    scripted(f"{prefix}traced.pt", torch.jit.trace(net, image))
    scripted(f"{prefix}mobile.ptl", torch.jit.script(net), mobile=True)
    extra = {"labels.txt": "cat\ndog\n"}
    scripted(f"{prefix}flatbuffer.ptl", torch.jit.script(net), mobile=True, _use_flatbuffer=True, _extra_files=extra)
    scripted(f"{prefix}parts.ptl", torch.jit.script(Parts()), mobile=True, _use_flatbuffer=True)
    scripted(f"{prefix}constant.ptl", torch.jit.trace(Constant(), torch.ones(2)), mobile=True, _use_flatbuffer=True)


def programs(prefix: str) -> None:
    batch = torch.export.Dim("batch", min=2, max=64)
    net, images = Net().eval(), torch.zeros(2, 3, 8, 8)
    exported(f"{prefix}exported.pt2", torch.export.export(net, (images,), dynamic_shapes=({0: batch},)))
    exported(f"{prefix}cond.pt2", torch.export.export(Choice(), (torch.ones(3),)))
    exported(f"{prefix}sized.pt2", torch.export.export(Sized(), (torch.ones(2, 3), torch.ones(1, 3))))


def build(prefix: str = "", *parts: str) -> None:
    torch.manual_seed(0)
    OUT.mkdir(exist_ok=True)
    for part in (states, scripts, programs):
        if not parts or part.__name__ in parts:
            part(prefix)
    if not prefix:
        exported_before("exported_2_7.pt2", torch.export.export(Net().eval(), (torch.zeros(1, 3, 8, 8),)))
        ones = torch.arange(12.0).view(3, 4)
        both = {"weight": ones, "turned": ones.t(), "part": ones[1:], "count": torch.tensor([7], dtype=torch.long)}
        saved_before_0_2("before_0_2.pth", {"epoch": 3, "model": OrderedDict(both), "view": torch.tensor([2.0, 3.0, 4.0])})


if __name__ == "__main__":
    build(*sys.argv[1:])
