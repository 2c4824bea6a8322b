"""DPL158: what `tflite_convert` says of means and deviations for another number of inputs than it is told of."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")


def test_each_input_needs_its_own_mean_and_deviation(tmp_path):
    v1 = tf.compat.v1
    with v1.Graph().as_default() as graph:
        first, second = (v1.placeholder(tf.float32, (1, 4), name=name) for name in ("a", "b"))
        v1.add(first, second, name="c")
    (tmp_path / "net.pb").write_bytes(graph.as_graph_def().SerializeToString())

    def said(*flags: str) -> str:
        given = ["--enable_v1_converter", "--graph_def_file=net.pb", "--output_file=net.tflite", "--input_arrays=a,b", "--output_arrays=c"]
        command = [sys.executable, "-m", "tensorflow.lite.python.tflite_convert", *given, *flags]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stderr

    assert "must have the same number of items" in said("--mean_values=0", "--std_dev_values=1")
    assert "must have the same number of items" not in said("--mean_values=0,0", "--std_dev_values=1,1")
