"""Leaf segmentation for Core ML."""

import coremltools as ct
import torch
from paths import IOS_MODELS
from torch_models import LeafSegmenter


def main() -> None:
    model = LeafSegmenter().eval()
    traced = torch.jit.trace(model, torch.zeros(1, 3, 64, 64))
    mlmodel = ct.convert(
        traced,
        inputs=[ct.ImageType(name="photo", shape=(1, 3, 64, 64), scale=1 / 255.0)],
        outputs=[ct.TensorType(name="mask")],
        minimum_deployment_target=ct.target.iOS15,
    )
    mlmodel.save(str(IOS_MODELS / "LeafSegmenter.mlmodel"))


if __name__ == "__main__":
    main()
