"""Write the models of examples/server with the project's own exporters, then lose what the project lost."""

from __future__ import annotations

import shutil
import sys

from common import EXAMPLES, must, strip_traces

SERVER = EXAMPLES / "server"


def labels() -> None:
    """Export version 1 of the label reader the way it was done before the project moved to model.save()."""
    import keras

    sys.path.insert(0, str(SERVER / "training"))
    from labels_model import build_model

    keras.utils.set_random_seed(1)
    build_model().export(SERVER / "serving" / "models" / "labels" / "1", verbose=False)


def main() -> None:
    """Rebuild everything; with the argument "labels" only that model, in this interpreter."""
    if sys.argv[1:] == ["labels"]:
        return labels()
    training = SERVER / "training"
    for name in ("labels", "photos", "address"):
        shutil.rmtree(SERVER / "serving" / "models" / name, ignore_errors=True)
    must("tf", EXAMPLES / "build" / "server.py", "labels")
    must("tf", training / "export_photos.py")
    must("tf", training / "export_address.py")
    for script in ("export_damage.py", "export_embedder.py", "export_weight.py"):
        must("torch", training / script)
    embedder = SERVER / "triton" / "model_repository" / "embedder" / "1" / "model.onnx"
    strip_traces(embedder, SERVER / "api" / "models" / "weight.onnx")
    # The weights of the embedder match the project's .gitignore, so a clone never has them.
    embedder.with_name("model.onnx.data").unlink()


if __name__ == "__main__":
    main()
