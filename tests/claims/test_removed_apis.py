"""R144, R014: every name of the table of removed names is really absent, and what replaced it is there."""

from __future__ import annotations

import re

import pytest
from shipped import table

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
ROWS = table("removed_apis")["rows"]


def resolve(name: str):
    found = tf
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_the_name_is_gone(row):
    with pytest.raises(AttributeError):
        resolve(row["name"])


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_what_replaces_it_exists(row):
    if "up to" not in row["replacement"]:
        for name in re.findall(r"tf\.[\w.]+\w", row["replacement"]):
            assert resolve(name)


@pytest.mark.parametrize("name", ["contrib", "estimator"])
def test_not_even_compat_v1_has_it(name):
    assert not hasattr(tf.compat.v1, name)


@pytest.mark.parametrize("name", ["TocoConverter", "toco_convert", "constants", "OpHint"])
def test_compat_v1_lite_keeps_the_old_names(name):
    assert getattr(tf.compat.v1.lite, name)
    for constructor in ("from_frozen_graph", "from_session", "from_keras_model_file"):
        assert hasattr(tf.compat.v1.lite.TFLiteConverter, constructor)
