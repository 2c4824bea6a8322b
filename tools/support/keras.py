"""The layers of Keras 3 and the keys of a saved configuration that each takes, asked of a release that is installed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row


def rows(release: str) -> Sequence[Row]:
    python = os.environ.get("DEPLINT_TENSORFLOW")  # an environment that has it: tensorflow, keras and tf_keras take 2 GB
    if python:
        found: Sequence[Row] = Environment(python).ask("keras_layers")
        return found
    with installed("tensorflow-cpu", "tf_keras", f"keras=={release}") as environment:
        found = environment.ask("keras_layers")
        return found


FACTS = {"source": "pypi:keras, its layers made from changed configurations", "licence": "own measurement"}

SOURCES = (Source("keras3", ["3.15.1"], rows, FACTS),)
