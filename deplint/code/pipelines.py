"""The pictures a project trains its models on, those its services give them, and which file of a model belongs to which.

for seen in trained(project): ...
for given in served(file): ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from deplint.code.facts import Call, Value
from deplint.code.library import LITE
from deplint.code.pictures import Picture, augmented, family_of, picture, preprocessed, through
from deplint.code.python import PythonFile
from deplint.finding import Place
from deplint.model import Unreadable

if TYPE_CHECKING:
    from deplint.project import File, Project

KERAS = "{tensorflow.keras,keras,tf_keras}"
_TRAINS = re.compile(
    r"\.fit(?:_generator)?\(|\.backward\(|\.train_on_batch\(|\bTrainer\(|"
    r"(?<![.\w])(?<!def )(?:train|fit)(?:_(?:one_)?(?:epochs?|model|loop|net|network|step))?\((?!\))"
)
_USES = re.compile(r"load_model\(|InferenceSession\(|Interpreter\(|torch\.(?:jit\.)?load\(")
_GENERATOR = KERAS + ".**.ImageDataGenerator"
_DIRECTORY = KERAS + ".**.image_dataset_from_directory"
_COMPOSE = "torchvision.transforms.{,v2.}Compose"
_STATISTICS = ("featurewise_center", "samplewise_center", "featurewise_std_normalization", "samplewise_std_normalization", "zca_whitening")
_SESSION = "onnxruntime.InferenceSession().run"
_INTERPRETER = LITE + "().set_tensor"
_SAVES = {
    "**.{save,export,save_weights}": ("filepath", 0), "torch.save": ("f", 1),
    "torch.onnx.export": ("f", 2), "torch.jit.save": ("f", 1), "tensorflow.saved_model.save": ("export_dir", 1),
    KERAS + ".callbacks.ModelCheckpoint": ("filepath", 0), "joblib.dump": ("filename", 1),
    "open": ("file", 0), KERAS + ".models.save_model": ("filepath", 1),
}  # fmt: skip
_LOADS = {
    KERAS + ".**.load_model": ("filepath", 0), "tensorflow.saved_model.load": ("export_dir", 0), "**.load_weights": ("filepath", 0),
    "torch.{load,jit.load}": ("f", 0), "onnxruntime.InferenceSession": ("path_or_bytes", 0),
    LITE: ("model_path", 0),
    "tensorflow.lite.TFLiteConverter.from_saved_model": ("saved_model_dir", 0), "joblib.load": ("filename", 0),
}  # fmt: skip
CANDIDATES = 12
"""Files that train, beyond which nobody can tell which one trained what."""

_MODEL = re.compile(r"\.(?:h5|hdf5|keras|pb|pt|pth|pth\.tar|ckpt|onnx|tflite|bin|pkl|joblib)$", re.I)


@dataclass(frozen=True)
class Trained:
    """A picture as training sees it, and the call that makes it so."""

    picture: Picture
    place: Place
    file: PythonFile


@dataclass(frozen=True)
class Given:
    """A picture that a loaded model is given by a call; `path` of the model's file is None where it is not known."""

    picture: Picture
    call: Call
    value: Value
    path: str | None


@lru_cache(maxsize=4096)
def trains(file: PythonFile) -> bool:
    return _TRAINS.search(file.text) is not None


def trained(file: PythonFile) -> Iterator[Trained]:
    """The pictures that a file's training sees, as far as they are known."""
    for call in file.calls(_GENERATOR + "().flow_from_directory", _GENERATOR + "().flow_from_dataframe"):
        if (seen := _generated(call)) is not None:
            yield Trained(seen, call.place, call.file)
    for call in file.calls(_DIRECTORY):
        size = call.argument("image_size").python() if not call.argument("image_size").missing else (256, 256)
        mode = call.argument("color_mode")
        if isinstance(size, (tuple, list)) and len(size) == 2 and mode.missing:
            mapped = _mapped(call, Picture((size[0], size[1]), "RGB", "NHWC", floating=True))
            if mapped is not None:
                yield Trained(mapped, call.place, call.file)
    for module in (file, *file.imports):
        source = Picture(order=_order(module.text), pil="cv2.imread" not in module.text)
        for call in module.calls(_COMPOSE, "albumentations.**.Compose"):
            seen = through(call.result, source) if call.name.startswith("torchvision") else augmented(call.result, source)
            if seen is not None and seen.axes == "CHW":
                yield Trained(seen, call.place, call.file)
    for call in file.calls(KERAS + ".**().fit"):
        seen = picture(call.argument("x", 0))
        if seen is not None:
            yield Trained(seen, call.place, call.file)
    yield from _read_and_mapped(file)


def _read_and_mapped(file: PythonFile) -> Iterator[Trained]:
    """What functions of the project make of paths in `Dataset.map`, where no further function changes it."""
    calls = file.calls("tensorflow.data.**.map")
    if any("map()" in call.name for call in calls):
        return
    for call in calls:
        given = call.argument("map_func", 0)
        one = given.returned() if given.function is not None else None
        seen = picture(one.items[0] if one.items else one) if one is not None else None
        if seen is not None and seen.axes == "HWC":
            yield Trained(seen, call.place, call.file)


def _order(text: str) -> str:
    """The channels' order of the pictures that a file of training reads; empty where it reads them in two ways."""
    if "cv2.imread" not in text:
        return "RGB"
    if "Image.open" in text or "default_loader" in text:
        return ""
    return "RGB" if re.search(r"BGR2RGB|::-1\]", text) else "BGR"


def _generated(call: Call) -> Picture | None:
    """What Keras's `ImageDataGenerator` gives."""
    made = call.receiver.origin
    if made is None or made.open or any(not made.argument(name).missing for name in _STATISTICS):
        return None
    size, mode = call.argument("target_size"), call.argument("color_mode")
    known = (256, 256) if size.missing else size.python()
    if not isinstance(known, (tuple, list)) or len(known) != 2 or not (mode.missing or mode.text):
        return None
    seen: Picture | None = Picture((known[0], known[1]), {"grayscale": "L"}.get(mode.text or "", "RGB"), "NHWC", floating=True)
    function, scale = made.argument("preprocessing_function"), made.argument("rescale")
    if not function.missing and function.python() is not None:
        seen = preprocessed(seen, function.name) if family_of(function.name) is not None else None
    if seen is not None and not scale.missing and scale.python() is not None:
        factor = scale.python()
        seen = replace(seen, std=(1 / factor,)) if isinstance(factor, float) and factor and function.missing else None
    return seen


def _mapped(call: Call, seen: Picture) -> Picture | None:
    """What `Dataset.map` makes of the pictures: known only where nothing is mapped but with a layer that scales."""
    text = call.file.text
    if ".map(" not in text:
        return seen
    scales = {float(eval_division(m)) for m in re.findall(r"Rescaling\(([\d./ *]+)[,)]", text)}
    simple = re.findall(r"\.map\(\s*lambda (\w+), *(\w+): \(([^,()]+(?:\([^()]*\))?[^,()]*), *\w+\)", text)
    if len(simple) != text.count(".map(") or len({body.replace(x, "x") for x, _, body in simple}) != 1:
        return None
    x, _, body = simple[0]
    if re.fullmatch(rf"(?:tf\.cast\({x}, *tf\.float32\)|{x}) */ *255\.?0?", body.strip()):
        return replace(seen, std=(255.0,))
    if re.fullmatch(rf"\w+\({x}\)", body.strip()) and len(scales) == 1 and "Rescaling" in text and "offset" not in text:
        return replace(seen, std=(1 / scales.pop(),))
    return None


def eval_division(text: str) -> float:
    """``1./255`` as a number; 1 for anything else."""
    match = re.fullmatch(r"\s*(\d+\.?\d*)\s*/\s*(\d+\.?\d*)\s*", text)
    return float(match[1]) / float(match[2]) if match is not None and float(match[2]) else 1.0


def served(file: PythonFile) -> Iterator[Given]:
    """The pictures that models loaded from files are given."""
    for call in file.calls(KERAS + ".**.load_model().predict", KERAS + ".**.load_model()"):
        yield from _given(call, call.argument("x", 0), call.receiver, ("filepath", 0))
    for call in file.calls(_SESSION):
        for _, value in call.argument("input_feed", 1).entries or ():
            yield from _given(call, value, call.receiver, ("path_or_bytes", 0))
    for call in file.calls(_INTERPRETER):
        yield from _given(call, call.argument("value", 1), call.receiver, ("model_path", 0))
    for call in file.calls("torch.{load,jit.load}()"):
        yield from _given(call, call.arguments[0] if call.arguments else call.result, call.receiver, ("f", 0))
    for call in file.calls("torch.nn.Module()", "torchvision.models.**()"):
        weights = call.receiver.calls_of("load_state_dict")
        loaded = weights[-1].argument("state_dict", 0).origin if weights else None
        if loaded is not None and loaded.name == "torch.load" and call.arguments:
            seen = picture(call.arguments[0])
            if seen is not None:
                yield Given(seen, call, call.arguments[0], loaded.argument("f", 0).text)


def _given(call: Call, value: Value, model: Value, path: tuple[str, int]) -> Iterator[Given]:
    seen = picture(value) if not value.missing else None
    if seen is not None:
        made = model.origin
        yield Given(seen, call, value, made.argument(*path).text if made is not None else None)


def posted(file: PythonFile) -> Iterator[Given]:
    """The pictures that clients send to model servers: as lists of a JSON body, and as Triton's arrays."""
    for call in file.calls("{tritonclient,tritonhttpclient,tritongrpcclient}.**InferInput().set_data_from_numpy"):
        yield from _given(call, call.argument("input_tensor", 0), call.receiver, ("name", 0))
    for call in file.calls("requests.{post,Session().post}", "httpx.{post,Client().post}"):
        for value in _lists(call.argument("json")):
            made = value.origin
            if made is not None and made.name.endswith(".tolist") and (seen := picture(made.receiver)) is not None:
                yield Given(seen, call, value, None)


def _lists(body: Value) -> Iterator[Value]:
    """The values of a body's dictionary, and what they hold one level down."""
    for _, value in body.entries or ():
        yield value
        yield from value.items or ()


# -- which file belongs to which training


def _stem(path: str) -> str:
    name = PurePosixPath(path.rstrip("/")).name
    return re.sub(r"\.weights$", "", _MODEL.sub("", name)).lower()


@lru_cache(maxsize=256)
def names(file: PythonFile) -> tuple[frozenset[str], frozenset[str]]:
    """The names, without suffix, of the model files that a file saves and that it loads."""

    def found(table: dict[str, tuple[str, int]]) -> frozenset[str]:
        values = [call.argument(*where) for pattern, where in table.items() for call in file.calls(pattern)]
        return frozenset(_stem(text) for value in values for text in value.texts if _MODEL.search(text) or "." not in text)

    return found(_SAVES), found(_LOADS)


def files_with(project: Project, pattern: re.Pattern[str], area: Path | None = None) -> list[PythonFile]:
    """The project's Python files (below `area`, if given) whose text holds the pattern. Others are not even parsed."""
    found = [file for file in _holding(project, pattern) if area is None or file.path.is_relative_to(area)]
    return [facts for file in found for facts in project.facts(file, PythonFile)]


def files_naming(project: Project, name: str, area: Path | None = None) -> list[PythonFile]:
    """The project's Python files (below `area`, if given) that may work with a file of that name: their text, or that of a module they
    import, holds the name, or a string that is the name without its suffix. What they do with it is for the facts to say."""
    stem = re.escape(PurePosixPath(name).stem)
    holding = files_with(project, re.compile(rf"{re.escape(name)}|[\"'/]{stem}[\"']"))
    return [file for file in with_importers(holding) if area is None or file.file.path.is_relative_to(area)]


def with_importers(files: list[PythonFile]) -> list[PythonFile]:
    """Files and those that import them, each once."""
    return list(dict.fromkeys([*files, *(other for file in files for other in file.importers)]))


@lru_cache(maxsize=16)
def _holding(project: Project, pattern: re.Pattern[str]) -> list[File]:
    return [file for file in project.files if file.suffix in (".py", ".ipynb") and _holds(file, pattern)]


def _holds(file: File, pattern: re.Pattern[str]) -> bool:
    try:
        return pattern.search(file.text) is not None
    except (Unreadable, OSError):
        return False


def training_of(project: Project, paths: frozenset[str], near: PythonFile) -> PythonFile | None:
    """The file that certainly trained the models at `paths`, of those a service loads; None where nobody can tell which one did."""
    area = project.area(near)
    candidates = [f for f in files_with(project, _TRAINS, area) if f is not near]
    if not 0 < len(candidates) <= CANDIDATES:
        return None
    if paths:
        wanted = {_stem(path) for path in paths}
        for _ in range(2):  # by way of a file that converts
            mentioning = re.compile("|".join(map(re.escape, sorted(wanted))), re.I)
            converting = [f for f in with_importers(files_with(project, mentioning, area)) if not trains(f) and f is not near]
            wanted |= {name for f in converting if names(f)[0] & wanted for name in names(f)[1]}
        linked = [f for f in candidates if names(f)[0] & wanted]
        if linked or any(names(f)[0] for f in candidates):
            candidates = linked
    return candidates[0] if len(candidates) == 1 else None


def trainings(project: Project, given: Given, file: PythonFile) -> list[Trained]:
    """What the training of the model that a call runs certainly saw; empty where nobody can tell which training that was."""
    found = training_of(project, frozenset({given.path} if given.path is not None else ()), file)
    return list(trained(found)) if found is not None else []


def taught(project: Project) -> list[Trained]:
    """What the models of a project's apps were trained on, where only one of its files trains and so must have made them."""
    found = files_with(project, _TRAINS)
    return list(trained(found[0])) if len(found) == 1 else []


def prepared(project: Project) -> list[Given]:
    """The pictures that the project's Python gives to models it loads: how whoever made the models uses them."""
    found = files_with(project, _USES)
    return [given for file in found if not trains(file) for given in served(file)] if len(found) <= CANDIDATES else []


def loaded_paths(file: PythonFile) -> frozenset[str]:
    """The names of the models that a file loads."""
    return names(file)[1]


def softmax_last(file: PythonFile) -> bool:
    """The Keras model that a file trains certainly ends in a softmax, as the only layer of that kind says."""
    if "from_logits" in file.text:
        return False
    last = [call for call in file.calls(KERAS + ".layers.Dense") if call.argument("activation", 1).text == "softmax"]
    last += file.calls(KERAS + ".layers.Softmax")
    last += [call for call in file.calls(KERAS + ".layers.Activation") if call.argument("activation", 0).text == "softmax"]
    return len({call.node for call in last}) == 1
