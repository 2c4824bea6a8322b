"""Export the damage model to the Triton repository."""

from pathlib import Path

import torch
from torch_models import DamageNet

TARGET = Path(__file__).resolve().parents[1] / "triton" / "model_repository" / "damage" / "1" / "model.onnx"


def main() -> None:
    torch.manual_seed(0)
    model = DamageNet().eval()
    example = torch.zeros(1, 3, 32, 32)
    torch.onnx.export(
        model,
        (example,),
        str(TARGET),
        input_names=["image"],
        output_names=["damage"],
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
