"""Make the safetensors, GGUF, NumPy and scikit-learn files among the test data, each with what its own library reads (``.json`` beside it).

Run from this folder, in an environment with torch, safetensors, gguf, joblib and scikit-learn: ``python build_arrays.py``. With older
packages and no torch ``python build_arrays.py safetensors0.3_ gguf0.6_ numpy1.24_ sklearn1.2_``, and what is written gets these prefixes;
after that ``python build_arrays.py --truth`` with the first, since older packages do not read all that they write.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import gguf
import joblib
import numpy as np
import safetensors.numpy
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

try:
    import safetensors.torch
    import torch
except (ImportError, AttributeError):  # without PyTorch, the folder of its files beside this passes for a package
    torch = None

SAFETENSORS, GGUF, NUMPY, SKLEARN = (Path(name) for name in ("safetensors", "gguf", "numpy", "sklearn"))


def tell(path: Path, facts: Any) -> None:
    path.with_name(path.name + ".json").write_text(json.dumps(facts, indent=1) + "\n")


def array(value: np.ndarray) -> dict[str, Any]:
    return {"dtype": value.dtype.str, "shape": list(value.shape), "bytes": value.tobytes().hex()}


def tensor(value: torch.Tensor) -> dict[str, Any]:
    raw = value.reshape(-1).view(torch.uint8).numpy().tobytes().hex() if value.numel() else ""
    return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "bytes": raw}


def build_safetensors(prefix: str) -> None:
    SAFETENSORS.mkdir(exist_ok=True)
    if torch is not None:
        layers = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.zeros(2), "empty": torch.zeros(0, 3), "scalar": torch.tensor(7)}
        kinds = [torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.uint8, torch.int16, torch.int32, torch.bool, torch.uint16,
                 torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.complex64]  # fmt: skip
        files: dict[str, tuple[dict[str, torch.Tensor], dict[str, str] | None]] = {
            "layers": (layers, {"format": "pt", "author": "a name"}),
            "dtypes": ({str(kind).removeprefix("torch."): torch.ones(2, 3).to(kind) for kind in kinds}, None),
            "none": ({}, None),
        }
        for name, (tensors, metadata) in files.items():
            safetensors.torch.save_file(tensors, SAFETENSORS / f"{prefix}{name}.safetensors", metadata)
    arrays = {"a": np.arange(4, dtype="<i8"), "b": np.eye(2, dtype="<f2"), "c": np.ones((2, 1, 3), "<f4"), "d": np.array(True)}
    safetensors.numpy.save_file(arrays, SAFETENSORS / f"{prefix}numpy.safetensors", {"format": "np", "license": "none"})


def tell_safetensors() -> None:
    for path in SAFETENSORS.glob("*.safetensors"):
        with safetensors.safe_open(path, "pt") as opened:
            tell(path, {"tensors": {key: tensor(opened.get_tensor(key)) for key in opened.keys()}, "metadata": opened.metadata()})  # noqa: SIM118


def build_gguf(prefix: str) -> None:
    GGUF.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for name, endian, alignment in (
        ("model", gguf.GGUFEndian.LITTLE, 32),
        ("aligned", gguf.GGUFEndian.LITTLE, 64),
        ("big_endian", gguf.GGUFEndian.BIG, 32),
    ):
        writer = gguf.GGUFWriter(GGUF / f"{prefix}{name}.gguf", "llama", endianess=endian)
        if alignment != 32:
            writer.add_custom_alignment(alignment)
        writer.add_name("a tiny one")
        writer.add_context_length(128)
        writer.add_bool("general.flag", True)
        writer.add_float64("general.ratio", 0.125)
        writer.add_file_type(7)  # MOSTLY_Q8_0
        writer.add_token_list([f"token {number}" for number in range(40)])
        writer.add_token_scores([float(number) for number in range(40)])
        writer.add_array("general.tags", ["small", "test"])
        writer.add_array("nested.sizes", [1, 2, 3])
        writer.add_tensor("embedding.weight", rng.normal(size=(4, 32)).astype(np.float32))
        writer.add_tensor("norm.weight", np.ones(32, np.float16))
        if endian is gguf.GGUFEndian.LITTLE and hasattr(gguf, "quantize"):
            for kind in (gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_0, gguf.GGMLQuantizationType.Q4_K):
                values = rng.normal(size=(2, 256)).astype(np.float32)
                packed = np.zeros((2, 144), np.uint8) if kind.name == "Q4_K" else gguf.quantize(values, kind)
                writer.add_tensor(f"{kind.name}.weight", packed, raw_dtype=kind)
            writer.add_tensor("counts", np.arange(3, dtype=np.int32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def tell_gguf() -> None:
    for path in GGUF.glob("*.gguf"):
        reader = gguf.GGUFReader(path)
        facts: dict[str, Any] = {"version": int(reader.fields["GGUF.version"].contents()), "tensors": {}, "metadata": {}}
        for found in reader.tensors:
            facts["tensors"][found.name] = {
                "type": found.tensor_type.name,
                "shape": [int(size) for size in reversed(found.shape)],
                "offset": int(found.data_offset),
                "nbytes": int(found.n_bytes),
                "bytes": found.data.tobytes().hex(),
            }
        for key, field in reader.fields.items():
            if not key.startswith("GGUF."):
                facts["metadata"][key] = field.contents()
        tell(path, facts)


def build_numpy(prefix: str) -> None:
    NUMPY.mkdir(exist_ok=True)
    arrays = {
        "matrix": np.arange(6, dtype="<f4").reshape(2, 3), "fortran": np.asfortranarray(np.arange(6, dtype="<f8").reshape(2, 3)),
        "big": np.arange(3, dtype=">i4"), "scalar": np.float16(1.5), "names": np.array(["cat", "dog"]), "flags": np.array([True, False]),
        "empty": np.zeros((0, 3), "u1"), "complex": np.ones(2, "c8"), "record": np.zeros(2, [("a", "<i4"), ("b", "<f8")]),
    }  # fmt: skip
    for name in ("matrix", "fortran", "big", "record"):
        path = NUMPY / f"{prefix}{name}.npy"
        np.save(path, arrays[name])
        tell(path, {"array": array(np.load(path))})
    np.save(NUMPY / f"{prefix}objects.npy", np.array([{"a": 1}, None], object), allow_pickle=True)
    path = NUMPY / f"{prefix}version_2.npy"
    with open(path, "wb") as stream:
        np.lib.format.write_array(stream, arrays["matrix"], version=(2, 0))
    tell(path, {"array": array(arrays["matrix"])})
    for name, save in (("plain", np.savez), ("compressed", np.savez_compressed)):
        path = NUMPY / f"{prefix}{name}.npz"
        save(path, **arrays)
        loaded = np.load(path)
        tell(path, {key: array(loaded[key]) for key in loaded.files})


def build_sklearn(prefix: str) -> None:
    SKLEARN.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(features, labels)
    forest = RandomForestClassifier(3, max_depth=2, random_state=0).fit(features, labels)
    named = np.array(["cat", "dog", None], object)
    for protocol in (2, 5):
        path = SKLEARN / f"{prefix}pipeline_{protocol}.pkl"
        path.write_bytes(pickle.dumps(pipeline, protocol))
        tell(path, facts(pipeline))
    joblib.dump(pipeline, SKLEARN / f"{prefix}pipeline.joblib")
    tell(SKLEARN / f"{prefix}pipeline.joblib", facts(pipeline))
    joblib.dump(forest, SKLEARN / f"{prefix}forest.joblib")
    tell(SKLEARN / f"{prefix}forest.joblib", facts(forest))
    for suffix, how in (("zlib", 3), ("gz", ("gzip", 3)), ("bz2", ("bz2", 3)), ("xz", ("xz", 3))):
        joblib.dump(pipeline, SKLEARN / f"{prefix}{suffix}.joblib", compress=how)
        tell(SKLEARN / f"{prefix}{suffix}.joblib", facts(pipeline))
    joblib.dump({"model": pipeline, "classes": named, "after": np.arange(3, dtype="<i4")}, SKLEARN / f"{prefix}objects.joblib")


def facts(model: Any) -> dict[str, Any]:
    """Class and version, and the arrays fitted, by the attributes and steps that lead to them."""
    steps = dict(model.steps) if hasattr(model, "steps") else {"": model}
    arrays = {
        f"{step}.{key}" if step else key: array(value)
        for step, inner in steps.items()
        for key, value in vars(inner).items()
        if isinstance(value, np.ndarray)
    }
    kind = type(model)
    return {"class": f"{kind.__module__}.{kind.__name__}", "steps": list(steps), "version": sklearn.__version__, "arrays": arrays}


def build(*prefixes: str) -> None:
    if prefixes != ("--truth",):
        for write, prefix in zip((build_safetensors, build_gguf, build_numpy, build_sklearn), prefixes or ("",) * 4, strict=True):
            write(prefix)
    if torch is not None:
        tell_safetensors()
        tell_gguf()


if __name__ == "__main__":
    build(*sys.argv[1:])
