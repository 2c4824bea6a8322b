"""The readers of NumPy's files and of what scikit-learn pickles, against what NumPy and scikit-learn read of the same files."""

from __future__ import annotations

import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import cuts, flips, survives

from deplint.formats import numpy_files, pickle_files
from deplint.formats.pickled import numpy_dtype
from deplint.formats.pickles import Global
from deplint.model import Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

NUMPY = Path(__file__).parent / "data" / "models" / "numpy"
SKLEARN = NUMPY.parent / "sklearn"
FILES = sorted(path.name.removesuffix(".json") for path in NUMPY.glob("*.json"))
MODELS = sorted(path.name.removesuffix(".json") for path in SKLEARN.glob("*.json"))


def truth(path: Path) -> Any:
    return json.loads(path.with_name(f"{path.name}.json").read_text())


def check(tensor: Tensor, said: Any) -> None:
    dtype = numpy_dtype(said["dtype"])[0]
    assert (tensor.dtype, tensor.shape) == (dtype, tuple(said["shape"]))
    size = len(said["bytes"]) // 2
    assert tensor.stored and not tensor.stored.problem and (tensor.stored.nbytes == size or dtype == "")
    if tensor.data is not None:
        assert tensor.bytes(size).hex() == said["bytes"]


@pytest.mark.parametrize("name", FILES)
def test_agrees_with_numpy(name: str) -> None:
    model, told = numpy_files.read(File(NUMPY / name, name)), truth(NUMPY / name)
    assert list(model.graph.tensors) == list(told)
    for key, said in told.items():
        check(model.graph.tensors[key], said)
    readable = {key for key, tensor in model.graph.tensors.items() if tensor.data is not None}
    assert readable == set(told) - {"fortran", "big"} if "array" not in told else readable <= {"array"}
    text = format_model(model)
    assert format_model(parse_model(text)) == text


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8", "c16", "U3", "S5"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_every_dtype(dtype: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    value = np.zeros(shape, dtype)
    np.save(tmp_path / "a.npy", value)
    tensor = numpy_files.read(File(tmp_path / "a.npy")).graph.tensors["array"]
    assert tensor.dtype == ("string" if dtype[0] in "US" else value.dtype.name)
    assert tensor.shape == shape and tensor.bytes() == value.tobytes()


def test_arrays_of_objects_are_named(tmp_path: Path) -> None:
    assert numpy_files.read(File(NUMPY / "objects.npy")).metadata == {"pickled": "array"}
    np.savez(tmp_path / "a.npz", plain=np.ones(2), odd=np.array([None], object), record=np.zeros(1, [("x", "O")]))
    assert numpy_files.read(File(tmp_path / "a.npz")).metadata == {"pickled": "odd, record"}
    found = pickle_files.read(File(tmp_path / "a.npz"))
    assert [where for where, _ in found.pickles] == ["odd.npy", "record.npy"]
    assert all(pickle.problem == "" for _, pickle in found.pickles)


@pytest.mark.parametrize("name", ["matrix.npy", "plain.npz", "compressed.npz", "objects.npy"])
def test_damaged_arrays(name: str, tmp_path: Path) -> None:
    content = (NUMPY / name).read_bytes()
    for read in (numpy_files.read, pickles_of):
        survives(read, tmp_path / name, cuts(content, 20))
        survives(read, tmp_path / name, flips(content, 60))


def pickles_of(file: File) -> list[Model]:
    pickle_files.read(file)
    return []


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387903, 4), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 5000 + b",), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"(" * 5000,
        b"{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,)}",
        b"",
    ],
    ids=range(6),
)
def test_hostile_headers(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    assert survives(numpy_files.read, path, [b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + b"\0" * 64]) == 1


def test_a_bomb(tmp_path: Path) -> None:
    """An archive of 2 GB of zeros, in 2 MB: nothing of it is decompressed to tell what it holds, and the beginning is read soon."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.npy", "w", force_zip64=True) as stream:
        stream.write(b"\x93NUMPY\1\0\x76\0" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (2000000000,), }".ljust(117) + b"\n")
        for _ in range(100):
            stream.write(bytes(1 << 20))
    with pytest.raises(Unreadable, match="it was cut short"):
        numpy_files.read(File(path))


# scikit-learn


@pytest.mark.parametrize("name", MODELS)
def test_agrees_with_scikit_learn(name: str) -> None:
    (model,), told = pickle_files.read_model(File(SKLEARN / name, name)), truth(SKLEARN / name)
    assert (model.format, model.producer_version, model.metadata["class"]) == ("sklearn", told["version"], told["class"])
    layers = [layer.name for layer in model.layers]
    assert all(f"steps.{step}" in layers for step in told["steps"] if step)
    for key, said in told["arrays"].items():
        step = key.split(".")[0] in told["steps"]
        tensor = model.graph.tensors[f"steps.{key}" if step else key]
        assert (tensor.dtype, tensor.shape) == (numpy_dtype(said["dtype"])[0], tuple(said["shape"]))
        if tensor.data is not None:
            assert tensor.bytes(1 << 20).hex() == said["bytes"]
    plain = name.endswith(("pipeline.joblib", "pipeline_5.pkl", "forest.joblib"))  # neither compressed nor escaped
    assert any(tensor.data is not None for tensor in model.graph.tensors.values()) == plain


def test_lzma_of_before_xz(tmp_path: Path) -> None:
    """joblib's ``compress="lzma"``; a header that asks for 4 GB to decompress into gets none."""
    content = lzma.compress((SKLEARN / "pipeline.joblib").read_bytes(), lzma.FORMAT_ALONE)
    (tmp_path / "a.joblib").write_bytes(content)
    (model,) = pickle_files.read_model(File(tmp_path / "a.joblib"))
    (plain,) = pickle_files.read_model(File(SKLEARN / "pipeline.joblib"))
    found, expected = ([(t.name, t.dtype, t.shape) for t in each.graph.tensors.values()] for each in (model, plain))
    assert found == expected and len(found) > 5
    (tmp_path / "b.joblib").write_bytes(content[:1] + b"\0\0\0\xff" + content[5:])
    assert not pickle_files.holds_pickle(File(tmp_path / "b.joblib"))


def test_settings_of_estimators() -> None:
    (model,) = pickle_files.read_model(File(SKLEARN / "pipeline.joblib"))
    layers = {layer.class_name: layer for layer in model.layers}
    assert layers["LogisticRegression"].config["C"] == 0.5
    assert layers["LogisticRegression"].module == "sklearn.linear_model._logistic"


def test_what_follows_an_array_of_objects() -> None:
    """joblib puts a pickle of its own into the stream for it."""
    (model,) = pickle_files.read_model(File(SKLEARN / "objects.joblib"))
    after = model.graph.tensors["after"]
    assert (after.dtype, after.shape, after.bytes()) == ("int32", (3,), np.arange(3, dtype="<i4").tobytes())


@pytest.mark.parametrize("name", ["pipeline.joblib", "objects.joblib", "zlib.joblib", "pipeline_2.pkl", "xz.joblib"])
def test_damaged_estimators(name: str, tmp_path: Path) -> None:
    content = (SKLEARN / name).read_bytes()
    for read in (pickle_files.read_model, pickles_of):
        survives(read, tmp_path / name, cuts(content, 20))
        survives(read, tmp_path / name, flips(content, 50))


def test_which_files_are_pickles(tmp_path: Path) -> None:
    contents = {
        "text.pkl": b"cat\ndog\n", "words.pkl": b"cos\nsystem\neval\n", "config.pkl": b"copy: this\nto: there\n",
        "long.pkl": b"cat\ndog\nhorse\n" * 9999,
        "zero.pkl": b"cos\nsystem\n(S'ls'\ntR.", "list.pkl": b"(lp0\nI1\na.", "broken.pkl": b"cos\nsystem\n(S'ls'\ntR\xff",
        "five.pkl": b"\x80\5\x95\0\0\0\0\0\0\0\0K\1.", "html.pkl": b"<html>", "empty.pkl": b"",
    }  # fmt: skip
    found = set()
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        if pickle_files.holds_pickles(File(tmp_path / name)):
            found.add(name)
    assert found == {"zero.pkl", "list.pkl", "broken.pkl", "five.pkl"}


def test_imports_are_seen_wherever_the_pickle_is(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> Any:
            return open, (str(tmp_path / "ran"), "w")

    array = np.array([Payload()], object)
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    np.savez(tmp_path / "b.npz", inner=array)
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    for name in ("a.npy", "b.npz"):
        pickles = [pickle for _, pickle in pickle_files.read(File(tmp_path / name)).pickles]
        assert Global("io", "open") in pickles[0].imports or Global("_io", "open") in pickles[0].imports
    assert not (tmp_path / "ran").exists()
