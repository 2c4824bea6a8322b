"""Left, right or both hands: small enough for the Layers API."""

from pathlib import Path

import tensorflowjs as tfjs
from models import hands

TARGET = Path(__file__).resolve().parents[1] / "public" / "models" / "hands"


def main() -> None:
    model = hands()
    tfjs.converters.save_keras_model(model, str(TARGET))


if __name__ == "__main__":
    main()
