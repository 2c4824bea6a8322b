"""The layers that each release of @tensorflow/tfjs-layers has, and what it refuses of what Keras 2 saves of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from deplint.verify.oracles.tfjs_runtime import Runtime
from tools.support.environment import Environment, installed, npm
from tools.support.sources import Source
from tools.support.store import Row
from tools.support.tfjs_backends import RELEASES, said


@lru_cache(maxsize=1)
def _saved() -> Sequence[Mapping[str, Any]]:
    """Layers as Keras 2 saves them (`tools.support.probes.keras2_layers`)."""
    python = os.environ.get("DEPLINT_TENSORFLOW")  # an environment that has tensorflow and tf_keras, which take 2 GB
    if python:
        found: Sequence[Mapping[str, Any]] = Environment(python).ask("keras2_layers")
        return found
    with installed("tensorflow-cpu", "tf_keras") as environment:
        found = environment.ask("keras2_layers")
        return found


def rows(release: str) -> Sequence[Row]:
    with npm(f"@tensorflow/tfjs@{release}") as folder:
        runtime = Runtime(str(folder / "node_modules"), "cpu")
        try:
            return asked(runtime, _saved())
        finally:
            runtime.close()


def asked(runtime: Runtime, saved: Sequence[Mapping[str, Any]]) -> Sequence[Row]:
    """A row for each layer that is registered, and for each activation, initializer, regularizer and constraint that is known.

    Where a layer is refused as it is, and one changed key makes it go through, that key must be so; where it goes through, what makes it
    fail is left out.
    """
    found: list[dict[str, Any]] = []
    for name in sorted(runtime.ask({"kind": "classes"})["names"]):
        row: dict[str, Any] = {"op": name}
        told = [(case, _error(runtime, case)) for case in saved if case["layer"] == name and "domain" not in case]
        plain = next((error for case, error in told if not case["key"]), None)
        limits = []
        for case, error in told if plain is not None else ():
            if case["key"] and bool(plain) != bool(error):
                what = "not-in" if error else "absent" if case["value"] is None else "in"
                limits.append({"what": what, "of": case["key"], "in": [case["value"]], "text": said(error or plain or "")})
        if limits:
            row["limits"] = limits
        elif plain:
            row |= {"status": "unknown", "error": said(plain)}
        found.append(row)
    for case in saved:
        if "domain" in case and not _error(runtime, case):
            found.append({"op": case["layer"], "domain": case["domain"]})
    return found


def _error(runtime: Runtime, case: Mapping[str, Any]) -> str:
    """What is said to a model of one layer; "" if one of the shapes goes through."""
    error = ""
    for shape in case["shapes"] or [(8,), (6, 4), (8, 8, 3), (4, 8, 8, 3)]:
        dtype = "int32" if case["layer"] == "Embedding" else "float32"
        fed = {"batch_input_shape": [None, *shape], "dtype": dtype, "name": "x", "sparse": False}
        named = {**case["entry"]["config"], "name": "layer"}
        layer = {**case["entry"], "config": named, "name": "layer", "inbound_nodes": [[["x", 0, 0, {}]]]}
        layers = [{"class_name": "InputLayer", "config": fed, "name": "x", "inbound_nodes": []}, layer]
        config = {"name": "m", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["layer", 0, 0]]}
        topology = {"keras_version": "2.15.0", "model_config": {"class_name": "Model", "config": config}}
        error = runtime.ask({"kind": "layers", "top": {"modelTopology": topology}})["error"]
        if not error:
            return ""
    return error


FACTS = {"source": "npm:@tensorflow/tfjs, layers loaded as Keras 2 saves them", "licence": "own measurement"}

SOURCES = (Source("tfjs-layers", RELEASES, rows, FACTS),)
