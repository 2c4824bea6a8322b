"""DPL590: what the table says Keras 3 no longer has is not there."""

from __future__ import annotations

import importlib

import pytest
from shipped import table

pytestmark = pytest.mark.tensorflow
keras = pytest.importorskip("keras", minversion="3.0")
tf = pytest.importorskip("tensorflow")
ROWS = [row["name"] for row in table("api_changes")["rows"] if row["package"] in ("keras", "tensorflow")]


@pytest.mark.parametrize("name", ROWS)
def test_the_name_is_gone(name):
    thing = keras if name.startswith("keras.") else tf
    with pytest.raises(AttributeError):
        for part in name.split(".")[1:]:
            thing = getattr(thing, part)
    with pytest.raises(ImportError):
        importlib.import_module(name)
