"""Take the Python stack traces out of ONNX files: torch writes them into every node, with the paths of the machine."""

from __future__ import annotations

import sys

import onnx


def main(paths: list[str]) -> None:
    for path in paths:
        model = onnx.load(path, load_external_data=False)
        for node in model.graph.node:
            kept = [entry for entry in node.metadata_props if entry.key != "pkg.torch.onnx.stack_trace"]
            del node.metadata_props[:]
            node.metadata_props.extend(kept)
        onnx.save(model, path)


if __name__ == "__main__":
    main(sys.argv[1:])
