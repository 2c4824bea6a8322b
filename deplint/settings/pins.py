"""What a project pins: `Pin` is one statement about a package's version, `Versions` is what follows from all of them for one file.

A package is named the way its ecosystem does, with a prefix where that is not Python's:

    tensorflow                          Python (pip, conda, the tag of a base image whose meaning is known)
    python                              the interpreter
    @tensorflow/tfjs, npm:three         npm (the prefix may be left out before an @)
    org.tensorflow:tensorflow-lite      Maven; the Android Gradle plugin is com.android.tools.build:gradle however it is applied
    cocoapods:TensorFlowLiteSwift, pub:tflite_flutter, spm:onnxruntime-swift-package-manager
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.finding import Place, Placed
from deplint.project import Reader

if TYPE_CHECKING:
    from deplint.project import Project
    from deplint.settings.ranges import Range

ALIASES: Mapping[str, str] = {
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-intel": "tensorflow",
    "tensorflow-macos": "tensorflow",
    "tensorflow-rocm": "tensorflow",
    "tensorflow-aarch64": "tensorflow",
    "tensorflow-cpu-aws": "tensorflow",
    "tensorflow-base": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "tensorflow-eigen": "tensorflow",
    "intel-tensorflow": "tensorflow",
    "tf-nightly": "tensorflow",
    "tf-nightly-cpu": "tensorflow",
    "tf-nightly-gpu": "tensorflow",
    "onnxruntime-gpu": "onnxruntime",
    "onnxruntime-directml": "onnxruntime",
    "onnxruntime-openvino": "onnxruntime",
    "onnxruntime-training": "onnxruntime",
    "onnxruntime-silicon": "onnxruntime",
    "ort-nightly": "onnxruntime",
    "ort-nightly-gpu": "onnxruntime",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "ai-edge-litert-nightly": "ai-edge-litert",
    "nvidia-tensorrt": "tensorrt",
    "tensorrt-cu11": "tensorrt",
    "tensorrt-cu12": "tensorrt",
    "tensorrt-cu13": "tensorrt",
    "openvino-dev": "openvino",
}
"""Distributions that contain the same library, with its version numbers."""

_SHARED_BY: Mapping[str, str] = {"conda": "pypi", "docker": "pypi"}
"""Ecosystems that name Python's packages."""

_ECOSYSTEMS = ("pypi", "conda", "npm", "maven", "cocoapods", "docker", "spm", "pub", "apt")

TIES: Mapping[str, tuple[str, ...]] = {
    "tensorflow": (
        "tensorflow-text",
        "tensorflow-transform",
        "tensorflow-data-validation",
        "tensorflow-model-analysis",
        "tfx",
        "tf-models-official",
    ),
    "torch": ("torchvision", "torchaudio", "torchtext"),
}
"""Packages of which each release wants certain releases of another."""

Key = tuple[str, str]
"""A package's namespace and its name there, the same for all aliases."""


@dataclass(frozen=True)
class Pin:
    """What one line says about one package. `name` is normalised (Python: lower case with hyphens), `written` is as in the file.

    `specifier` is in the ecosystem's own notation: ``>=2.0,<3`` (pypi; poetry's ``^2.1`` too), ``=2.13`` (conda: any 2.13),
    ``^4.2.0`` (npm), ``[1.0,2.0)`` or ``2.13.0`` (maven), ``~> 2.13`` (cocoapods). Empty admits every version; None means that a
    version is given but unknown (a variable, a catalog that is not there).
    """

    name: str
    specifier: str | None
    place: Place
    ecosystem: str = "pypi"
    written: str = ""
    locked: bool = False
    """Written by a resolver: it is what will be installed."""
    group: str = ""
    """The extra, dependency group or file suffix ("dev" of requirements-dev.txt) that must be asked for; empty: always installed."""
    marker: str = ""
    """The environment marker or platform condition, as written."""
    extras: tuple[str, ...] = ()
    url: str = ""
    """Where it is installed from instead of the index: a URL, a folder, an image."""

    @cached_property
    def range(self) -> Range | None:
        """The versions admitted; None if `specifier` is unknown or not understood."""
        from deplint.settings.ranges import parse

        return None if self.specifier is None else parse(self.specifier, self.ecosystem)

    @property
    def exact(self) -> str | None:
        """The version, if exactly one is admitted."""
        return self.range.exact if self.range else None

    @property
    def key(self) -> Key:
        return key(self.name, self.ecosystem)


@dataclass
class Pinned:
    """The base of facts that hold pins: a file at `path` and what it says of packages."""

    path: str

    @property
    def place(self) -> Place:
        return Place(self.path)

    @property
    def pins(self) -> list[Pin]:
        raise NotImplementedError

    def pins_in(self, project: Project) -> list[Pin]:
        """The pins, with what other files of `project` say about them (Gradle's catalogs and properties)."""
        return self.pins


@dataclass
class Include:
    """``-r other.txt`` or ``-c constraints.txt``; `path` is as written, relative to the file that says so."""

    path: str
    place: Place
    constraint: bool = False


@dataclass
class Requirements(Pinned):
    """A file that lists packages.

    `kind` is one of ``requirements constraints pyproject setup.cfg setup.py pipfile conda python`` (loose or exact, written by people)
    and ``poetry.lock uv.lock pylock pipfile.lock conda-lock package-lock yarn.lock pnpm-lock podfile.lock pubspec.lock package.resolved
    package.swift``.
    """

    kind: str = "requirements"
    packages: list[Pin] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)

    @property
    def pins(self) -> list[Pin]:
        return self.packages

    def pins_in(self, project: Project) -> list[Pin]:
        """The pins, and those of the files that are included here, as other requirements or as constraints."""
        found, work, seen = list(self.packages), [self], {os.path.normpath(self.path)}
        while work:
            one = work.pop()
            for include in one.includes:
                path = os.path.normpath(os.path.join(os.path.dirname(one.path), include.path))
                if path in seen or (file := project.file(Path(os.path.abspath(path)))) is None:
                    continue
                seen.add(path)
                more = project.facts(file, Requirements)
                found += [pin for facts in more for pin in facts.packages]
                work += more
        return found

    def named(self, package: str) -> list[Pin]:
        """The pins of `package`, aliases included."""
        wanted = key(package)
        return [pin for pin in self.packages if pin.key == wanted]


def canonical(name: str) -> str:
    """A Python package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


NPM = frozenset({"onnxruntime-web", "onnxruntime-node", "onnxruntime-react-native", "onnxruntime-common", "react-native-fast-tflite"})
"""Packages that are no others than npm's, though their names do not say so."""


def key(package: str, ecosystem: str = "") -> Key:
    """What `package` is about, whatever alias or prefix it is given with."""
    head, colon, tail = package.partition(":")
    if not ecosystem and colon and head in _ECOSYSTEMS:
        ecosystem, package = head, tail
    if not ecosystem:
        ecosystem = "maven" if colon else "npm" if package.startswith("@") or package in NPM else "pypi"
    ecosystem = _SHARED_BY.get(ecosystem, ecosystem)
    if ecosystem != "pypi":
        return ecosystem, package
    name = canonical(package)
    return ecosystem, ALIASES.get(name, name)


_NOTEBOOK = ".ipynb"
_BESIDE = {"requirements", "reqs", "gradle", "wrapper", "swiftpm", "xcshareddata"}
"""Folders that hold settings of the folder above them."""
_CONFIGURATION = Place("", where="the configuration")


def configured(version: str) -> str:
    """The specifier that a version in the configuration stands for: ``2.13`` is any 2.13, ``>=2.13`` says what it says."""
    return version if re.match(r"\W", version) else f"=={version}.*"


class Versions:
    """The versions that hold for a file: asked with a package and a fact (or a file) `near` which the question is.

    1. What the configuration names beats everything.
    2. Then the nearest folder at or above that names the package. In one folder a lock file beats a requirement, what is always
       installed beats an extra or a dependency group, and then the most exact wins; files that say equally much hold together, and so
       do all pins of the package in one file (environment markers choose between them).
    3. Then pins elsewhere in the project, if all of them admit the same versions. Base images count only at or below their Dockerfile.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read: dict[Path, dict[Key, list[Pin]]] = {}
        self._descriptions: dict[Path, str] = {}
        self._named = {
            key(package): Pin(package, configured(version), _CONFIGURATION)
            for package, version in ((str(name), str(value)) for name, value in project.named_versions.items())
        }

    def of(self, package: str, near: Placed | Place) -> Pin | None:
        """The pin that holds for `package` near a fact; None if there is none, or if several hold that admit different versions."""
        pins = self.all(package, near)
        return pins[0] if _agree(pins) else None

    def all(self, package: str, near: Placed | Place) -> list[Pin]:
        """The pins that hold for `package` near a fact: usually one, several where markers or variants choose between them."""
        wanted, tensorflow = key(package), key("tensorflow")
        if wanted in self._named:
            return [self._named[wanted]]
        if wanted != key("keras"):
            return self._above(wanted, near) or self._elsewhere(wanted)
        return (
            [pin for pin in self._above(wanted, near) if pin.range and pin.range.tightness]
            or self._keras([self._named[tensorflow]] if tensorflow in self._named else self._above(tensorflow, near), near)
            or self._elsewhere(wanted)
            or self._keras(self._elsewhere(tensorflow), near)
        )

    def allows(self, package: str, near: Placed | Place, since: str | None = None, until: str | None = None) -> bool | None:
        """Whether the versions that hold lie in [since, until), pre-releases of both bounds counted as the bounds.

        True: every admitted version does. False: no admitted version does. None: some may (``tensorflow>=2.0`` and since 2.16), or
        nothing is pinned, or a version is unknown. `since` None has no lower bound, `until` None no upper one. Where no pin holds
        because those elsewhere disagree, it is still False if none of them admits such a version.
        """
        from deplint.settings.ranges import between

        wanted, held = between(since, until), self.all(package, near)
        pins = held or [pin for pins in self._scattered(key(package)) for pin in pins]
        admitted = [pin.range for pin in pins if pin.range]
        if wanted is None or not pins or len(admitted) < len(pins):
            return None
        if not any((versions & wanted).parts for versions in admitted):
            return False
        return (bool(held) and all(versions <= wanted for versions in admitted)) or None

    def holds(self, since: Mapping[str, str], until: Mapping[str, str], near: Placed | Place) -> bool:
        """False if for any package named, versions that may hold all lie before `since` or at or after `until`: a rule bound to these
        versions has nothing to say. True otherwise, so also where nothing is pinned."""
        return not any(self.rules_out(name, near, since.get(name), until.get(name)) for name in {*since, *until})

    def rules_out(self, package: str, near: Placed | Place, since: str | None = None, until: str | None = None) -> bool:
        """Whether no version in [since, until) is admitted by the pins that hold, or by others that may hold as well: those of a folder
        further up, those of any other folder where none is above, and where no file lists the package, what a README or the
        configuration of a build says that it is."""
        from deplint.settings.ranges import between

        if self.allows(package, near, since, until) is False:
            return True
        wanted, sought = between(since, until), key(package)
        if wanted is None or sought in self._named:
            return False
        return any(_outside(pins, wanted) for pins in self._possible(sought, near)) or self._tied(sought[1], wanted, near)

    def _tied(self, package: str, wanted: Range, near: Placed | Place) -> bool:
        """Whether another package, of which one release is pinned, wants none of these versions, or nobody knows which it wants."""
        from deplint.settings.released import admitted, required

        for name in TIES.get(package, ()):
            for pin in self._above(key(name), near):
                if pin.exact is None:
                    continue
                ranges = [found for one in admitted(pin)[:1] for found in required(one, package)]
                if not ranges or not any((found & wanted).parts for found in ranges):
                    return True
        return False

    def _possible(self, wanted: Key, near: Placed | Place) -> list[list[Pin]]:
        """The pins of each folder that may hold for a fact."""
        keras, found = wanted == key("keras"), self._listed(wanted, near)
        if keras and not any(pin.range and pin.range.tightness for pins in found for pin in pins):
            found = self._as_keras(self._listed(key("tensorflow"), near), near) or found
        found = found or [pins for notebook in self._notebooks if (pins := notebook.get(wanted))]
        if found:
            return found
        said, of_tensorflow = self.said(wanted[1], near), self.said("tensorflow", near) if keras else None
        return [[said]] if said else self._as_keras([[of_tensorflow]] if of_tensorflow else [], near)

    def _as_keras(self, tensorflow: list[list[Pin]], near: Placed | Place) -> list[list[Pin]]:
        return [pins for pins in (self._keras(one, near) for one in tensorflow) if pins]

    def _listed(self, wanted: Key, near: Placed | Place) -> list[list[Pin]]:
        return list(self._chain(wanted, near)) or self._scattered(wanted)

    def said(self, package: str, near: Placed | Place) -> Pin | None:
        """What the nearest description of a folder says of a package, where no file lists it: too loose to accuse anybody with."""
        wanted = key(package)
        if wanted[0] != "pypi" or self._listed(wanted, near):
            return None
        from deplint.settings.stated import descriptions, stated

        names = frozenset({wanted[1], *(alias for alias, name in ALIASES.items() if name == wanted[1])})
        for folder in self._folders(near):
            if folder not in self._descriptions:
                self._descriptions[folder] = descriptions(folder, top=folder == self._project.root)
            said = stated(self._descriptions[folder], names)
            if said:
                return Pin(wanted[1], " || ".join(said), Place(str(folder)))
        return None

    def _keras(self, tensorflow: list[Pin], near: Placed | Place) -> list[Pin]:
        """What TensorFlow's pins say of tf.keras: Keras 2 up to TensorFlow 2.15, Keras 3 from 2.16 on unless tf-keras may keep it at 2."""
        from deplint.settings.ranges import between

        ranges = [pin.range for pin in tensorflow]
        for bounds, specifier in ((between(None, "2.16"), "<3"), (between("2.16", None), ">=3")):
            if bounds and ranges and all(versions and versions <= bounds for versions in ranges):
                if specifier == ">=3" and (self._above(key("tf-keras"), near) or self._elsewhere(key("tf-keras"))):
                    return []
                return [replace(tensorflow[0], name="keras", specifier=specifier, ecosystem="pypi", written="")]
        return []

    def _above(self, wanted: Key, near: Placed | Place) -> list[Pin]:
        return next(self._chain(wanted, near), [])

    def _chain(self, wanted: Key, near: Placed | Place) -> Iterator[list[Pin]]:
        """The pins of the folders at and above a fact that name a package, the nearest first."""
        place = near if isinstance(near, Place) else near.place
        path = Path(os.path.abspath(place.path))
        if path.suffix == _NOTEBOOK and (file := self._project.file(path)):
            # What a notebook installs holds for it, and for nothing else.
            own = [pin for facts in self._project.facts(file, Requirements) for pin in facts.named(wanted[1])]
            if own:
                yield own
                return
        for folder in self._folders(near):
            pins = _strongest(self._in(folder).get(wanted, []))
            if pins:
                yield pins

    def _folders(self, near: Placed | Place) -> Iterator[Path]:
        """The folder of a fact and those above, as far as the project goes."""
        here = Path(os.path.abspath((near if isinstance(near, Place) else near.place).path)).parent
        for folder in (here, *here.parents):
            yield folder
            if folder == self._project.root:
                break

    def _elsewhere(self, wanted: Key) -> list[Pin]:
        pins = [pin for pins in self._scattered(wanted) for pin in pins]
        return pins if _agree(pins) else []

    def _scattered(self, wanted: Key) -> list[list[Pin]]:
        """The pins that hold in any folder, whether they agree or not."""
        by_folder = [_strongest([pin for pin in pins.get(wanted, ()) if pin.ecosystem != "docker"]) for pins in self._everywhere]
        return [pins for pins in by_folder if pins]

    def _in(self, folder: Path) -> dict[Key, list[Pin]]:
        """The pins of the files in `folder`, and in the folders below that belong to it. No other file is read."""
        known = self._read.get(folder)
        if known is None:
            files = (self._project.file(path) for path in self._candidates(folder))
            known = self._read[folder] = self._by_key(facts for file in files if file for facts in self._project.facts(file, Pinned))
        return known

    @cached_property
    def _everywhere(self) -> list[dict[Key, list[Pin]]]:
        by_folder: dict[str, list[Pinned]] = {}
        for facts in self._project.all(Pinned):
            if not facts.path.endswith(_NOTEBOOK):
                by_folder.setdefault(os.path.dirname(facts.path), []).append(facts)
        return [self._by_key(files) for files in by_folder.values()]

    @cached_property
    def _notebooks(self) -> list[dict[Key, list[Pin]]]:
        """What each notebook installs: it may hold for those that are run after it."""
        return [self._by_key([facts]) for facts in self._project.all(Pinned) if facts.path.endswith(_NOTEBOOK)]

    def _by_key(self, files: Iterable[Pinned]) -> dict[Key, list[Pin]]:
        found: dict[Key, list[Pin]] = {}
        for facts in files:
            for pin in facts.pins_in(self._project):
                found.setdefault(pin.key, []).append(pin)
        return found

    def _candidates(self, folder: Path) -> Iterator[Path]:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return
        for name in names:
            if self._pinning.match(name.lower()) and not name.endswith(_NOTEBOOK):
                yield folder / name
            elif name.lower() in _BESIDE:
                yield from self._candidates(folder / name)

    @cached_property
    def _pinning(self) -> re.Pattern[str]:
        """The names of files that some reader gives pins of."""
        pinning = [reader for reader in self._project.readers if not reader.artifact and _gives_pins(reader)]
        patterns = [fnmatch.translate(pattern) for reader in pinning for pattern in reader.names]
        return re.compile("|".join(patterns) or r"(?!)")


def _gives_pins(reader: Reader) -> bool:
    try:
        return issubclass(reader.gives, Pinned)
    except Exception:  # a plugin's reader that cannot be loaded: the project notes that when it reads
        return False


def _outside(pins: list[Pin], wanted: Range) -> bool:
    """Whether the pins, of which markers or variants may choose one, are known to admit none of the versions."""
    known = [pin for pin in pins if pin.range is not None and not (pin.range & wanted).parts]
    return any(not pin.marker for pin in known) or (bool(pins) and len(known) == len(pins))


def _agree(pins: list[Pin]) -> bool:
    """Whether there is one pin, or several that admit the same versions."""
    return len(pins) == 1 or (bool(pins) and all(pin.range is not None and pin.range == pins[0].range for pin in pins))


def _strongest(pins: list[Pin]) -> list[Pin]:
    """Of one package's pins in one folder those that hold."""
    together: dict[tuple[str, str], list[Pin]] = {}
    for pin in pins:
        together.setdefault((pin.place.path, pin.group), []).append(pin)
    ranks = [
        (group[0].locked, not group[0].group, min(pin.range.tightness if pin.range else 0 for pin in group)) for group in together.values()
    ]
    best = max(ranks, default=None)
    return [pin for rank, group in zip(ranks, together.values(), strict=True) if rank == best for pin in group]
