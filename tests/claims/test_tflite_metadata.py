"""What the Task Library of tflite-support makes of labels that are packed with a classifier, if it is installed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from deplint.formats import tflite
from deplint.project import File
from deplint.rules.model.tflite_file_not_packed import tflite_file_not_packed
from deplint.rules.model.tflite_labels_count import tflite_labels_count

MODEL = (Path(__file__).parents[1] / "data" / "models" / "tflite" / "tf2.15_described.tflite").read_bytes()
BARE = MODEL[: MODEL.find(b"PK\3\4")]


def packed(labels: str) -> bytes:
    stream = io.BytesIO(BARE)
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("labels.txt", labels)
    return stream.getvalue()


CASES = {
    "four": (packed("a\nb\nc\nd\n"), ""),
    "no last line end": (packed("a\nb\nc\nd"), ""),
    "carriage returns": (packed("a\r\nb\r\nc\r\nd\r\n"), ""),
    "three": (packed("a\nb\nc\n"), "expected 3 according to the label map"),
    "five": (packed("a\nb\nc\nd\ne\n"), "expected 5 according to the label map"),
    "a blank line": (packed("a\nb\nc\nd\n\n"), "expected 5 according to the label map"),
    "no archive": (BARE, "No associated file with name: labels.txt"),
}


@pytest.mark.parametrize("name", CASES)
def test_deplint_reports_what_is_refused(name: str, tmp_path: Path) -> None:
    content, refusal = CASES[name]
    (tmp_path / "net.tflite").write_bytes(content)
    model = tflite.read(File(tmp_path / "net.tflite", "net.tflite"))
    found = [finding.message for check in (tflite_file_not_packed, tflite_labels_count) for finding in check.check(model)]
    assert len(found) == bool(refusal)
    if refusal:
        assert refusal.partition(":")[0] in found[0]


@pytest.mark.parametrize("name", CASES)
def test_the_task_library_refuses_it(name: str) -> None:
    task = pytest.importorskip("tflite_support.task")
    content, refusal = CASES[name]
    options = task.vision.ImageClassifierOptions(task.core.BaseOptions(file_content=content))
    if not refusal:
        task.vision.ImageClassifier.create_from_options(options)
        return
    with pytest.raises((ValueError, RuntimeError), match=refusal):
        task.vision.ImageClassifier.create_from_options(options)
