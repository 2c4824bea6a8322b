"""Texture classifier for Core ML."""

import coremltools as ct
import torch
from paths import IOS_MODELS
from torch_models import TextureNet


def main() -> None:
    model = TextureNet().eval()
    traced = torch.jit.trace(model, torch.rand(1, 1, 24, 24))
    mlmodel = ct.convert(
        traced,
        inputs=[ct.TensorType(name="patch", shape=(1, 1, 24, 24))],
        minimum_deployment_target=ct.target.iOS15,
    )
    mlmodel.save(str(IOS_MODELS / "Texture.mlpackage"))


if __name__ == "__main__":
    main()
