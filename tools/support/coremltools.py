"""The operators that coremltools converts, read from the sources in each released wheel: what its frontends register.

What torch.export's programs hold is decomposed before (``run_decompositions({})``); which composed operators end as registered ones, and
for which dtypes a conversion always fails, is measured (`tools.support.probes.torch_conversion`).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from deplint.targets.coreml import BY_ITSELF, looked_up
from tools.support.sources import Source
from tools.support.store import Row
from tools.support.store import releases as stored
from tools.support.torch import HELPERS, measured, registries

RELEASES = ["6.3.0", "7.2", "8.0", "8.1", "8.2", "8.3.0", "9.0"]

MIL = "coremltools/converters/mil/"

FRONTENDS = {"torch": "register_torch_op", "tensorflow": "register_tf_op", "tensorflow2": "register_tf_op"}
"""Frontends and what registers their translations."""


def registered(code: str, decorator: str) -> Iterator[str]:
    """The names under which functions are registered: their own and their aliases."""
    for node in ast.walk(ast.parse(code)):
        for each in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            called = each.func if isinstance(each, ast.Call) else each
            if not isinstance(called, ast.Name) or called.id != decorator:
                continue
            assert isinstance(node, ast.FunctionDef)
            yield node.name
            for keyword in each.keywords if isinstance(each, ast.Call) else ():
                if keyword.arg in ("torch_alias", "tf_alias"):
                    yield from (str(value) for value in ast.literal_eval(keyword.value))


def wanted(code: str) -> Mapping[str, int]:
    """How many arguments of an exported program's operator a translation wants at least, by its names: what it says to ``_get_inputs``."""
    found: dict[str, int] = {}
    for function in ast.walk(ast.parse(code)):
        if not isinstance(function, ast.FunctionDef) or not function.decorator_list:
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and ast.unparse(node.func) == "_get_inputs"]
        if len(calls) != 1:
            continue
        said = {keyword.arg: keyword.value for keyword in calls[0].keywords}
        numbers = [number for key in ("expected", "min_expected") for number in _numbers(said.get(key))]
        for name in registered(ast.unparse(function), "register_torch_op") if numbers else ():
            found[name] = min(numbers)
    return found


def _numbers(told: ast.expr | None) -> Sequence[int]:
    """The numbers of arguments that are told for exported programs: as they are, in a list, or by frontend."""
    if isinstance(told, ast.Dict):
        frontends = [ast.unparse(key) for key in told.keys if key]
        told = dict(zip(frontends, told.values, strict=True)).get("TorchFrontend.TORCHEXPORT")
    try:
        value = ast.literal_eval(told) if told is not None else ()
    except ValueError:
        return ()
    return [value] if isinstance(value, int) else list(value or ())


@contextmanager
def wheel_of(release: str) -> Iterator[ZipFile]:
    """The release's wheel, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-qqq", "--no-deps", "--dest", folder]
        subprocess.run([*pip, "--only-binary=:all:", "--python-version=3.10", f"coremltools=={release}"], check=True)
        with ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            yield wheel


def names(release: str) -> tuple[Mapping[str, set[str]], Mapping[str, int]]:
    """What each frontend registers, and what the one of PyTorch wants of exported programs."""
    expected: dict[str, int] = {}
    found: dict[str, set[str]] = {"torch": set(), "tensorflow": set()}
    for name, code in codes(release).items():
        part = re.fullmatch(rf"{MIL}frontend/(\w+)/\w+\.py", name)
        if part and part[1] in FRONTENDS:
            found[part[1].removesuffix("2")].update(registered(code, FRONTENDS[part[1]]))
            expected |= wanted(code) if part[1] == "torch" else {}
    return found, {looked_up(name): number for name, number in expected.items()}


_LAYERS = {r"\[(?:[\w.]+, ){4}(?:(?:[\w.]+, ){5}){0,2}[\w.]+\], True": "takes no projections (proj_size)"}
_OUTPUT = {r"^[^,]+, [^,]+, [^,]+, \[[^]]*\], \[[0, ]+\], \[[^]]*\], True, \[[0, ]*[1-9]": "takes no output_padding without padding"}
_DILATED = "takes no dilation"
_MODES = {"limits": [{"what": "not-in", "of": "mode", "in": ["circular"], "text": "does not pad circularly"}]}
_DIAGONAL = [
    {"what": "in", "of": of, "in": [value], "text": "takes the diagonal of the first two dimensions only"}
    for of, value in (("offset", 0), ("dim1", 0), ("dim2", 1))
]
_OTHER_DIAGONAL = {r"^[^,]+, (?!0, 0, 1$)-?\d": "takes the diagonal of the first two dimensions only"}
_BICUBIC = "does not interpolate bicubically"
_POOL = [{"what": "absent", "of": "divisor_override", "text": "takes no divisor_override"}]

LIMITS: Mapping[str, Mapping[str, Any]] = {
    **{
        f"max_pool{n}d": {
            "limits": [{"what": "all-equal", "of": "dilation", "in": [1], "text": _DILATED}],
            "without": {r"^[^,]+, \[[^]]*\], \[[^]]*\], \[[^]]*\], \[(?![1, ]*\])": _DILATED},
        }
        for n in (1, 2, 3)
    },
    "pad": {**_MODES, "without": {r'"circular"': "does not pad circularly"}},
    "to": {
        "limits": [{"what": "not-in", "of": "dtype", "in": ["bfloat16"], "text": "knows no bfloat16"}],
        "without": {
            r", (?:dtype=)?(?:8|9|10|15|2\d)(?:, [FTN].*)?$|dtype=(?:8|9|10|15|2\d)\b": "knows neither complex numbers nor bfloat16"
        },
    },
    "lstm": {"without": _LAYERS},
    "grid_sampler": {
        "limits": [
            {"what": "rank", "of": 0, "in": [4], "text": "takes images only, of rank 4"},
            {"what": "not-in", "of": "interpolation_mode", "in": [2], "text": _BICUBIC},
        ],
        "without": {r"^[^,]+, [^,]+, 2\b": _BICUBIC},
    },
    **{op: {"without": {r'"(?:same|valid)"': "takes no padding in words"}} for op in ("conv1d", "conv2d", "conv3d")},
    "_convolution": {"without": _OUTPUT},
    "multinomial": {"without": {r"^[^,]+, (?!1\b)\d+(?:, False|$)": "takes one sample only without replacement"}},
    **{op: {"limits": _DIAGONAL, "without": _OTHER_DIAGONAL} for op in ("diagonal", "diagonal_copy")},
    **{op: {"limits": _POOL} for op in ("avg_pool2d", "avg_pool3d")},
}
"""What translations refuse by their arguments (converters/mil/frontend/torch/ops.py)."""


EXPANDED = {"aten.hardshrink.default": "a choice between numbers of two dtypes (where)", "aten.fill_diagonal_.default": "as_strided"}
"""What composed operators always end as that is not converted, where the measurement tells nothing else."""

DEPENDING = ("aten.native_batch_norm.default",)
"""Composed operators that end as others by an argument that no sample varies: whether running statistics are updated
(torch/_decomp/decompositions.py)."""

_MISSING = re.compile(r"Unsupported fx node \S+, kind (\S+)")


def rows(release: str) -> Sequence[Row]:
    found, expected = names(release)
    newer = lacking(release, networks=False)
    made: list[dict[str, Any]] = [{"op": op, "domain": "torch", **LIMITS.get(op, {})} for op in sorted(found["torch"])]
    made += [{"op": op, "domain": "tensorflow"} for op in sorted(found["tensorflow"])]
    for row in made:
        if (row["domain"], row["op"]) in newer:
            row["status"] = "unsupported"
            row["made_of"], row["since"] = newer[row["domain"], row["op"]]
    made += [{"op": op, "domain": "expects", "expects": number} for op, number in sorted(expected.items())]
    if release != RELEASES[-1]:
        return made
    facts = registries(MEASURED_WITH)
    composed = {name for name, whole in facts["operators"].items() if whole}
    kept = set(facts["preserved"])
    results: dict[str, dict[str, set[str]]] = {}
    for line in measured(*MEASURED):
        result = line["results"].get("coreml_export")
        ops = [op for op in line.get("exported", ()) if not op.startswith(HELPERS)]
        if result is None or (len(ops) != 1 and result):
            continue
        missing = _MISSING.search(result)
        if result and not missing:
            continue
        for op in ops:
            results.setdefault(op, {}).setdefault(line["fed"][0][0], set()).add(missing[1] if missing else "")
    for name in sorted(composed | results.keys() | EXPANDED.keys()):
        reasons = {why for each in results.get(name, {}).values() for why in each}
        if looked_up(name) in found["torch"]:
            continue
        if name in EXPANDED:
            made.append({"op": name, "domain": "export", "status": "unsupported", "made_of": EXPANDED[name]})
        elif reasons and "" not in reasons and name not in DEPENDING:
            made.append({"op": name, "domain": "export", "status": "unsupported", "made_of": min(reasons)})
        elif name in composed and "" in reasons:
            made.append({"op": name, "domain": "export"})
        elif name in kept:
            made.append({"op": name, "domain": "export", "status": "unsupported", "made_of": looked_up(name)})
        elif name in composed:
            made.append({"op": name, "domain": "export", "status": "unknown"})
    return made + [{"op": op, "domain": "refuses", "refuses": WHOLE} for op in sorted(floating())]


WHOLE = ["bool", "int16", "int32", "int64", "int8", "uint8"]


def floating() -> set[str]:
    """Operators that were refused integers or truth values whenever they got some, because Core ML's operator takes none. Those that give
    indices too become the same one as those that do not."""
    seen: dict[str, set[bool]] = {}
    for line in measured(*MEASURED):
        for target, key in (("coreml_export", "exported"), ("coreml", "traced")):
            result = line["results"].get(target)
            ops = [op for op in line.get(key, ()) if not op.startswith((*HELPERS, "prim::"))]
            if (
                result is not None
                and len(ops) == 1
                and line["fed"][0][0] in WHOLE
                and (not result or "type domain ['fp16', 'fp32'] but got" in result)
            ):
                seen.setdefault(looked_up(ops[0]), set()).add(bool(result))
    return {name for op, refused in seen.items() if refused == {True} for name in (op, op.removesuffix("_with_indices"))}


MEASURED_WITH = "2.13.0"
"""The PyTorch release the measurement was made with."""

MEASURED = ("coreml", "coreml_export", "coreml_layers")
"""What is measured at once: TorchScript and exported programs as ML Programs, TorchScript as neural networks."""


@lru_cache(maxsize=1)
def codes(release: str) -> Mapping[str, str]:
    """The modules of the release's converters."""
    with wheel_of(release) as wheel:
        return {name: wheel.read(name).decode("utf-8") for name in wheel.namelist() if name.startswith(MIL) and name.endswith(".py")}


@lru_cache(maxsize=2)
def lacking(release: str, networks: bool) -> Mapping[tuple[str, str], tuple[str, str]]:
    """For each name of a frontend (``torch``, ``tensorflow``) whose translation always makes an operator of MIL that the format has none
    for: that operator, and the system it came with. The neural network format has those of iOS 13 that ``backend/nn/op_mapping.py`` maps,
    ML Programs those of the system that coremltools aims at by itself."""
    since: dict[str, str] = {}
    older = set()
    for name, code in sorted(codes(release).items()):
        system = re.fullmatch(rf"{MIL}mil/ops/defs/(iOS\d+)/\w+\.py", name)
        for node in ast.walk(ast.parse(code)) if system else ():
            if system and isinstance(node, ast.ClassDef) and any("register_op" in ast.unparse(each) for each in node.decorator_list):
                since.setdefault(node.name, system[1])
                if system[1] == BY_ITSELF and not any("opset_version" in ast.unparse(each) for each in node.decorator_list):
                    older.add(node.name)
    mapped = {
        node.name for node in ast.walk(ast.parse(codes(release)[f"{MIL}backend/nn/op_mapping.py"])) if isinstance(node, ast.FunctionDef)
    }
    without = {op for op, system in since.items() if (op not in older & mapped if networks else system != BY_ITSELF)}
    makers = {f"mb.{op}": op for op in without} | {name: op for name, op in MAKERS.items() if op in without}
    found = {}
    for name, code in codes(release).items():
        part = re.fullmatch(rf"{MIL}frontend/(\w+)/\w+\.py", name)
        if part and part[1] in FRONTENDS:
            for node in ast.parse(code).body:
                if isinstance(node, ast.FunctionDef) and (made := _always(node.body, makers)) in without:
                    for alias in registered(ast.unparse(node), FRONTENDS[part[1]]):
                        found[part[1].removesuffix("2"), alias] = (made, since[made])
    return found


MAKERS = {"_quantize_general": "quantize"}
"""Functions of a frontend that make an operator but for weights that are compressed already (frontend/torch/quantization_ops.py)."""


def _always(statements: Sequence[ast.stmt], makers: Mapping[str, str]) -> str:
    """An operator that these statements make with `makers` (by what is called) whichever way they go; "" if there is a way around. What is
    raised is no way."""
    for number, statement in enumerate(statements):
        if isinstance(statement, ast.Raise):
            return "nothing"
        if isinstance(statement, ast.Return) and statement.value is None:
            return ""
        if isinstance(statement, ast.If):
            rest = statements[number + 1 :]
            first, second = _always([*statement.body, *rest], makers), _always([*statement.orelse, *rest], makers)
            return (first if first != "nothing" else second) if first and second else ""
        if isinstance(statement, ast.FunctionDef | ast.For | ast.While | ast.With | ast.Try):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in makers:
                return makers[ast.unparse(node.func)]
    return ""


def layers(release: str) -> Sequence[Row]:
    """The rows of ML Programs, as they are stored, with what the neural network format has nothing for."""
    none = lacking(release, networks=True)
    found = []
    for row in map(dict, stored("coreml")[release]):
        row.pop("since", None)
        made, _ = none.get((row["domain"], row["op"]), ("", ""))
        found.append(row | ({"status": "unsupported", "made_of": made} if made else {}))
    return found


SOURCES = (
    Source(
        "coreml-neuralnetwork",
        RELEASES,
        layers,
        {
            "source": "pypi:coremltools, what the frontends in each wheel register, and what its neural network backend maps",
            "licence": "BSD-3-Clause",
        },
    ),
    Source(
        "coreml",
        RELEASES,
        rows,
        {"source": "pypi:coremltools, what the frontends in each wheel register; what is composed is measured", "licence": "BSD-3-Clause"},
    ),
)
