"""Keras 3, or Keras 2 (the package tf_keras): is the model loaded?"""

from __future__ import annotations

from importlib import import_module

from serve import serve

PACKAGES = {"keras2": "tf_keras", "keras3": "keras"}


def answer(path: str, target: str, numeric: bool) -> None:
    import_module(PACKAGES[target]).models.load_model(path, compile=False)


serve(answer)
