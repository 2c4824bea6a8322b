"""What the rules about pickles say was seen: these pickles run code, and these cannot be loaded elsewhere."""

from __future__ import annotations

import enum
import functools
import operator
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from deplint.formats.pickle_files import holds_pickles, read, read_model
from deplint.project import File
from deplint.rules.security.pickle_runs_code import pickle_runs_code
from deplint.rules.serving.torch_load_refuses_pickle import _refused

LOAD = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"


def load(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LOAD, str(path)], capture_output=True, text=True, timeout=60, cwd=path.parent)


@pytest.mark.parametrize(
    "content",
    [
        "cos\nsystem\n(S'echo > ran'\ntR.",
        "cposix\nsystem\n(S'echo > ran'\ntR\xff and then it breaks",
        'c__builtin__\neval\n(S\'open("ran", "w")\'\ntR.',
        "\x80\4\x8c\x07runpy.\x8c\x06_noneR.",
        "(S'echo > ran'\nios\nsystem\n.",
        "\x80\4\x8c\x0bsite.os\x8c\x04X.",
    ],
    ids=range(6),
)
def test_loading_runs_what_is_reported(content: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(content.encode("latin-1"))
    load(path)
    ran = (tmp_path / "ran").exists()
    reported = list(pickle_runs_code.check(read(File(path))))
    assert bool(reported) == ran


def test_attributes_lead_through_modules(tmp_path: Path) -> None:
    """Since protocol 4 a name may have dots, each an attribute: a harmless module that imports os gives os.system."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\4\x8c\7tarfile\x8c\x09os.system\x93\x8c\x0aecho > ran\x85R.")
    load(path)
    assert (tmp_path / "ran").exists()
    assert list(pickle_runs_code.check(read(File(path))))


def test_numpy_runs_it_too(tmp_path: Path) -> None:
    np = pytest.importorskip("numpy")

    class Payload:
        def __reduce__(self) -> object:
            return open, (str(tmp_path / "ran"), "w")

    path = tmp_path / "a.npy"
    np.save(path, np.array([Payload()], object), allow_pickle=True)
    assert list(pickle_runs_code.check(read(File(path)))) and not (tmp_path / "ran").exists()
    np.load(path, allow_pickle=True)
    assert (tmp_path / "ran").exists()


@pytest.mark.torch
def test_torch_runs_it_unless_it_loads_weights_only(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    class Payload:
        def __reduce__(self) -> object:
            return open, (str(tmp_path / "ran"), "w")

    path = tmp_path / "a.pt"
    torch.save({"w": Payload()}, path)
    assert list(pickle_runs_code.check(read(File(path))))
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(path)
    assert not (tmp_path / "ran").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "ran").exists()


def test_a_class_of_main_is_not_found_elsewhere(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import pickle\nclass Net: pass\npickle.dump(Net(), open('model.pkl', 'wb'))\n")
    subprocess.run([sys.executable, script.name], check=True, cwd=tmp_path)
    done = load(tmp_path / "model.pkl")
    assert done.returncode and "Can't get attribute 'Net' on <module '__main__'" in done.stderr


@pytest.mark.torch
@pytest.mark.parametrize(
    "name", ["module.pt", "legacy_module.pth", "arrays.pt", "state_dict.pt", "checkpoint.ckpt", "tensors.pt", "legacy.pth"]
)
def test_torch_refuses_what_is_reported(name: str) -> None:
    torch = pytest.importorskip("torch")
    path = Path(__file__).parents[1] / "data" / "models" / "torch" / name
    refused = any(_refused(found) for _, pickle in read(File(path)).pickles for found in pickle.imports)
    try:
        torch.load(path)
    except pickle.UnpicklingError as error:
        assert "Weights only load failed" in str(error) and refused
    else:
        assert not refused


@pytest.mark.torch
def test_scikit_learn_warns_of_another_release() -> None:
    """Run where PyTorch is, for that is where the models were made."""
    exceptions = pytest.importorskip("sklearn.exceptions")
    path = Path(__file__).parents[1] / "data" / "models" / "sklearn" / "pipeline_5.pkl"
    (model,) = read_model(File(path))
    content = path.read_bytes()
    assert content.count(model.producer_version.encode()) >= 1
    other = content.replace(model.producer_version.encode(), b"0" * len(model.producer_version))
    with pytest.warns(exceptions.InconsistentVersionWarning, match="might lead to breaking code or invalid results"):
        pickle.loads(other)


def test_healthy_pickles_are_silent() -> None:
    data = Path(__file__).parents[1] / "data" / "models"
    files = [
        path
        for folder in ("torch", "numpy", "sklearn")
        for path in sorted((data / folder).iterdir())
        if path.suffix not in (".json", ".txt")
    ]
    seen = [path for path in files if holds_pickles(File(path))]
    assert len(seen) > 15
    for path in seen:
        assert list(pickle_runs_code.check(read(File(path)))) == [], path


def test_methods_and_enumerations_are_silent(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    values = [enum.Enum, functools.partial(int, base=2), operator.itemgetter(1), "x".upper, Path("a"), complex, slice, range(3)]
    for protocol in range(2, 6):
        path.write_bytes(pickle.dumps(values, protocol))
        assert list(pickle_runs_code.check(read(File(path)))) == []
