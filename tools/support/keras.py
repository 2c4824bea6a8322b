"""The layers of Keras 3 and of Keras 2 (tf_keras), and the keys of a saved configuration that each takes, asked of installed releases."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row


def three(release: str) -> Sequence[Row]:
    return _layers("keras", f"keras=={release}")


def two(release: str) -> Sequence[Row]:
    return _layers("tf_keras", f"tf_keras=={release}")


def _layers(package: str, release: str) -> Sequence[Row]:
    """Both generations are there to be asked; only the one that is asked has to be of the release."""
    python = os.environ.get("DEPLINT_TENSORFLOW")  # an environment that has the others: tensorflow, keras and tf_keras take 2 GB
    if python:
        with installed(no_deps=(release,), python=python) as environment:
            return _found(environment, package)
    with installed("tensorflow-cpu", "tf_keras", "keras", no_deps=(release,)) as environment:
        return _found(environment, package)


def _found(environment: Environment, package: str) -> Sequence[Row]:
    found: Sequence[Row] = environment.ask("keras_layers", package)
    return found


SOURCES = (
    Source(
        "keras3",
        ["3.8.0", "3.12.0", "3.15.1"],
        three,
        {"source": "pypi:keras, its layers made from changed configurations", "licence": "own measurement"},
    ),
    Source(
        "keras2",
        ["2.16.0", "2.18.0", "2.21.0"],
        two,
        {"source": "pypi:tf_keras, its layers made from changed configurations", "licence": "own measurement"},
    ),
)
