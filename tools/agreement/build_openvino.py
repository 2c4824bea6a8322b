"""OpenVINO IR for measuring agreement: ONNX models converted by OpenVINO, and some of them damaged, each named by what was done to it.

    python -m tools.agreement.build_openvino FOLDER SOURCE [--seed N] [--count N]

`SOURCE` is a folder of ONNX models; those that OpenVINO does not read are left out. Needs the package openvino.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable
from pathlib import Path

Change = Callable[[str, random.Random], str]


def _once(pattern: str, instead: str | Callable[[re.Match[str]], str]) -> Change:
    """Replace one occurrence, drawn at random."""

    def change(text: str, rng: random.Random) -> str:
        found = list(re.finditer(pattern, text, re.DOTALL))
        if not found:
            return text
        match = rng.choice(found)
        return text[: match.start()] + (match.expand(instead) if isinstance(instead, str) else instead(match)) + text[match.end() :]

    return change


def _unlinked(text: str) -> str:
    """Without edges to layers that are not there."""
    layers = set(re.findall(r'<layer id="(\d+)"', text))
    return re.sub(r'<edge [^>]*to-layer="(\d+)"[^>]*/>', lambda m: m[0] if m[1] in layers else "", text)


_LAYER = r'(<layer id="\d+" name="[^"]*" type=")(?!Parameter|Result|Const)(\w+)(" version=")(\w+)"'

CHANGES: dict[str, Change] = {
    "sound": lambda text, rng: text,
    "operator": _once(_LAYER, r'\1Foo\3\4"'),
    "newer": _once(_LAYER, r'\1\2\3opset17"'),
    "unknown": _once(_LAYER, r'\1\2\3opset99"'),
    "older": _once(_LAYER, r'\1\2\3opset1"'),
    "extension": _once(_LAYER, r'\1\2\3extension"'),
    "letters": _once(_LAYER, lambda m: f'{m[1]}{m[2].upper()}{m[3]}{m[4]}"'),
    "ir": _once(r'(<net name="[^"]*" version=")\d+"', lambda m: f'{m[1]}{random.Random(m[0]).choice((3, 7, 9, 12, 10))}"'),
    "edge": _once(r"<edge [^>]*/>", ""),
    "elsewhere": _once(r'(<edge [^>]*to-layer=")\d+"', r'\g<1>9999"'),
    "port": _once(r'(<edge [^>]*to-port=")\d+"', r'\g<1>77"'),
    "size": _once(r' size="(\d+)"', lambda m: f' size="{int(m[1]) // 2}"'),
    "offset": _once(r' offset="(\d+)"', ' offset="99999999"'),
    "shape": _once(r"<dim>\d+</dim>", "<dim>17</dim>"),
    "precision": _once(r'precision="(FP32|I64|FP16)"', 'precision="I8"'),
    "rank": _once(r'(<data shape=")[^"]*(" element_type="\w+" ?/>)', r"\1...\2"),
    "cut": lambda text, rng: text[: rng.randrange(len(text))],
    "dead": lambda text, rng: _unlinked(_once(r'<layer id="\d+" [^>]*type="Result".*?</layer>', "")(text, rng)),
    "notes": _once(r"<rt_info>.*</rt_info>", ""),
}

WEIGHTS = ("missing", "short", "longer")
"""What is done to the .bin."""


def main() -> None:
    import openvino

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=300)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    sources, core = sorted(args.source.glob("*.onnx")), openvino.Core()
    number = 0
    while number < args.count:
        source = rng.choice(sources)
        kind = rng.choice([*CHANGES, *CHANGES, *WEIGHTS, *WEIGHTS, "sound", "sound"])
        path = args.folder / f"{number:04d}_{kind}_{source.stem}.xml"
        try:
            openvino.save_model(core.read_model(str(source)), str(path), compress_to_fp16=False)
        except Exception:
            continue
        path.write_text(CHANGES.get(kind, CHANGES["sound"])(path.read_text("utf-8"), rng), "utf-8")
        weights = path.with_suffix(".bin")
        content = weights.read_bytes()
        if kind == "missing":
            weights.unlink()
        elif kind in WEIGHTS:
            weights.write_bytes(content[: len(content) // 2] if kind == "short" else content + bytes(64))
        number += 1


if __name__ == "__main__":
    main()
