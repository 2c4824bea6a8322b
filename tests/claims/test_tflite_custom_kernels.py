"""R174: which custom operators the stock runtimes have a kernel for, row by row."""

from __future__ import annotations

import pytest
from shipped import table

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert")
from tools import tflite_kernels  # noqa: E402  needs the path conftest sets


@pytest.mark.parametrize("runtime", dict(tflite_kernels.runtimes()))
def test_the_runtimes_have_the_kernels_of_their_rows_and_no_others(runtime):
    interpreter = dict(tflite_kernels.runtimes())[runtime]
    for row in table("tflite_custom_kernels")["rows"]:
        assert tflite_kernels.has_kernel(interpreter, row["name"]) is (row["kernel"] == "runtime"), row
    assert not tflite_kernels.has_kernel(interpreter, "Erfinv")
