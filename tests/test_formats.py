"""docs/formats.md says nothing of a reader that is not so: each is described, and read files of two versions of its exporters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deplint.formats import READERS
from deplint.formats.about import ABOUT, PARTS
from deplint.model import Model
from deplint.project import File
from tools import docs

EXAMPLES = docs.examples()
NAMES = sorted({reader.name for reader in READERS} - {"artifact"})


def test_every_reader_is_described() -> None:
    assert sorted(ABOUT) == NAMES


def test_phrases_are_phrases() -> None:
    for about in ABOUT.values():
        for part in (*PARTS, "known_by", "unread", "library"):
            text = getattr(about, part)
            assert text == text.strip(" .") and "|" not in text, (about.title, part)
            assert not re.match(r"[A-Z][a-z]+ [a-z]", text), (about.title, part)
        assert about.known_by and about.library and about.title


BY_HAND = {"weight-index", "tensorrt", "cntk", "caffe", "darknet"}
"""What no exporter that can be installed writes: files are made by hand, from the published layout."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_HAND])
def test_three_files_of_two_versions(name: str) -> None:
    """Of every format there are three files at least, written by two versions of an exporter or by two exporters."""
    found = EXAMPLES[name]
    assert len(found) >= 3
    assert len({writer for writer in found.values() if writer}) >= 2


@pytest.mark.parametrize("name", [name for name in NAMES if name in EXAMPLES])
def test_files_were_written_by_what_is_named(name: str) -> None:
    """Where a file tells the version of what wrote it, that is the one named; where it has none of a part, the page has none either."""
    seen: set[str] = set()
    for reader in READERS:
        for path, writer in EXAMPLES[name].items() if reader.name == name else ():
            file = File(docs.MODELS / path, path)
            facts = reader.function(file) if reader.claims(file) else []
            for model in facts if isinstance(facts, list) else [facts]:
                if not isinstance(model, Model):
                    continue
                # ONNX Runtime's quantizer calls itself 0.1.0 in every release.
                told = re.match(r"\d+\.\d+", model.producer_version) if model.producer != "onnx.quantize" else None
                if told and writer and name not in ("ort", "openvino", "darknet"):  # what wrote the ONNX model, or another model before
                    assert told[0] in re.findall(r"\d+\.\d+", writer), (path, writer)
                seen |= set(parts(model))
    assert {part for part in seen if not getattr(ABOUT[name], part)} == set()


def parts(model: Model) -> list[str]:
    tensors = [tensor for graph in model.graphs for tensor in graph.tensors.values()]
    held = {
        "operators": any(True for _ in model.ops()),
        "tensors": tensors,
        "weights": any(tensor.stored for tensor in tensors),
        "quantization": any(tensor.quant for tensor in tensors),
        "signatures": model.signatures,
        "metadata": model.metadata,
        "layers": model.layers,
    }
    return [part for part, there in held.items() if there]


def test_the_page_names_files_that_exist() -> None:
    assert all(Path(docs.MODELS / path).is_file() for found in EXAMPLES.values() for path in found)
