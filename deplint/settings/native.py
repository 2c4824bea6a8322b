"""C++ that runs TensorFlow Lite models: which model it names, and as what type it takes tensors.

Read by patterns, comments removed. Source: tensorflow, ``lite/core/interpreter.h``: ``typed_tensor<T>`` is null where T is not the tensor's
type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Source, Word, small

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
_MODEL = re.compile(r"\"([^\"\n]+\.(?:tflite|lite))\"")
_FOUNDATION = re.compile(r"pathForResource:\s*@\"([^\"\n]+)\"\s*ofType:\s*@\"(tflite|lite)\"")
_TYPED = re.compile(r"\btyped_(input_|output_)?tensor\s*<\s*(?:std::)?(\w+)\s*>\s*\(([^;{}\n]*)")
_BY_SIDE = re.compile(r"\b(inputs|outputs)\s*\(\s*\)\s*\[\s*(\d+)\s*\]")
_KINDS = {
    "float": "float32", "uint8_t": "uint8", "int8_t": "int8", "int": "int32", "int32_t": "int32", "int64_t": "int64", "bool": "bool",
    "int16_t": "int16", "double": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class TypedTensor:
    """``typed_input_tensor<float>(0)``: `side` is ``input`` or ``output``, `dtype` what the code takes it for."""

    place: Place
    side: str
    position: int
    dtype: str
    written: str


@dataclass
class NativeCode:
    """What one file names and takes. `checks` says that it asks a tensor for its type."""

    path: str
    models: list[Word] = field(default_factory=list)
    tensors: list[TypedTensor] = field(default_factory=list)
    checks: bool = False

    @property
    def place(self) -> Place:
        return Place(self.path)


def read(file: File) -> NativeCode:
    """The models and typed tensors of a C++ or Objective-C++ file."""
    text = _COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), small(file, 1 << 19))
    source, found = Source(file.shown, text), NativeCode(file.shown)
    for match in _MODEL.finditer(text):
        found.models.append(Word(match[1], source.place(match.start(), match.end()), match[0]))
    for match in _FOUNDATION.finditer(text):
        found.models.append(Word(f"{match[1]}.{match[2]}", source.place(match.start(), match.end()), match[0]))
    for match in _TYPED.finditer(text):
        side, at = (match[1] or "").rstrip("_"), match[3].strip()
        argument = at.partition(")")[0].strip() if side else at
        if side:
            position = int(argument) if re.fullmatch(r"\d{1,4}", argument) else None
        else:
            named = _BY_SIDE.search(at) or _variable(at.rstrip(") ").strip(), text)
            side, position = (named[1].rstrip("s"), int(named[2])) if named and len(named[2]) < 5 else ("", None)
        if position is not None and match[2] in _KINDS:
            place = source.place(match.start(), match.end(2) + 1)
            found.tensors.append(TypedTensor(place, side, position, _KINDS[match[2]], match[2]))
    found.checks = bool(re.search(r"(?:->|\.)type\b|[=!]=\s*kTfLite(?:UInt8|Float32|Int8)|\btemplate\s*<", text))
    return found


def _variable(name: str, text: str) -> re.Match[str] | None:
    """``int input = interpreter->inputs()[0]`` for a name, if it is all that is assigned to it."""
    if not re.fullmatch(r"\w+", name):
        return None
    values = re.findall(rf"\b{name}\s*=(?!=)\s*([^;\n]*);", text)
    return _BY_SIDE.search(values[0]) if len(values) == 1 else None
