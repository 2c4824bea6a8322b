"""SavedModels for measuring agreement with model servers: those of another corpus, as they are and changed at random.

python -m tools.agreement.build_serving FOLDER SAVED_MODELS [--seed N]      (needs tensorflow)
"""

from __future__ import annotations

import argparse
import random
import shutil
from pathlib import Path
from typing import Any

CHANGES = ("", "", "", "operator", "tag", "tags", "signature", "cut", "empty")
"""Nothing more often than the rest."""

OPERATORS = ("MyOwnOp", "DecodeWebP", "XlaScaledDot", "FertileStatsResourceHandleOp", "Addons>Parabolic", "ScaleAndTranslateV2")
"""Operators that no server has, or only newer ones."""


def changed(content: bytes, change: str, rng: random.Random) -> bytes:
    from tensorflow.core.protobuf import saved_model_pb2

    if change == "cut":
        return content[: rng.randrange(len(content))]
    if change == "empty":
        return b""
    stored = saved_model_pb2.SavedModel()
    stored.ParseFromString(content)
    graph: Any = stored.meta_graphs[0]
    if change == "operator":
        bodies = [list(graph.graph_def.node), *(list(function.node_def) for function in graph.graph_def.library.function)]
        node = rng.choice([node for nodes in bodies for node in nodes if node.op not in ("Placeholder", "Const", "NoOp")])
        node.op = rng.choice(OPERATORS)
    elif change == "tag":
        graph.meta_info_def.tags[:] = ["train"]
    elif change == "tags":
        graph.meta_info_def.tags[:] = ["serve", "gpu"]
    elif change == "signature":
        for name in [name for name in graph.signature_def if not name.startswith("__")]:
            del graph.signature_def[name]
    written: bytes = stored.SerializeToString()
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for model in sorted(args.source.iterdir()):
        file = model / "saved_model.pb"
        if file.is_file():
            change = rng.choice(CHANGES)
            copy = args.folder / f"{model.name}_{change or 'same'}"
            shutil.copytree(model, copy)
            if change:
                (copy / "saved_model.pb").write_bytes(changed(file.read_bytes(), change, rng))


if __name__ == "__main__":
    main()
