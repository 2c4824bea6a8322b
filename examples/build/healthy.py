"""Write the models of examples/healthy by running its own exporters, which compare what they wrote themselves.

Needs tensorflowjs in the TensorFlow environment; a folder with it can be named by DEPLINT_TFJS_PATH.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from common import EXAMPLES, must, strip_traces

HEALTHY = EXAMPLES / "healthy"
TRAINING = HEALTHY / "training"


def graph() -> None:
    """Do what publish_web.sh does with the command-line converter."""
    sys.path[:0] = filter(None, [os.environ.get("DEPLINT_TFJS_PATH")])
    from tensorflowjs.converters.converter import convert

    source, target = TRAINING / "exported" / "fresh", HEALTHY / "web" / "public" / "models" / "fresh"
    convert(["--input_format=tf_saved_model", "--signature_name=serving_default", str(source), str(target)])


def main() -> None:
    """Rebuild everything; with an argument only the graph model, in this interpreter."""
    this = Path(__file__).resolve()
    if sys.argv[1:]:
        return graph()
    shutil.rmtree(HEALTHY / "serving" / "models", ignore_errors=True)
    os.environ["PYTHONPATH"] = os.environ.get("DEPLINT_TFJS_PATH", "")
    for script in ("export_server.py", "export_mobile.py", "export_web.py", "export_web_graph.py"):
        must("tf", TRAINING / script)
    must("tf", this, "graph")
    must("torch", TRAINING / "export_torch.py")
    strip_traces(HEALTHY / "api" / "models" / "bruise.onnx")
    for leftover in ("state", "exported"):
        shutil.rmtree(TRAINING / leftover)
    for file in (HEALTHY / "ios").rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


if __name__ == "__main__":
    main()
