"""The PyTorch models: bruises on a 32 x 32 crop, ripeness from 6 colour statistics."""

import torch
from torch import nn


class BruiseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.1))
        self.head = nn.Linear(6, 2)

    def forward(self, crop: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.head(self.features(crop).mean(dim=(2, 3))), dim=1)


class RipenessNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3), nn.Softmax(dim=1))

    def forward(self, colours: torch.Tensor) -> torch.Tensor:
        return self.layers(colours)


def whitening_loss(features: torch.Tensor) -> torch.Tensor:
    """Used in training only, never exported."""
    covariance = features.T @ features / len(features)
    return torch.linalg.inv(covariance + torch.eye(len(covariance))).diagonal().mean() + torch.median(features)


def load(kind: type[nn.Module]) -> nn.Module:
    """Build a model as the training job left it, ready for inference."""
    torch.manual_seed(5)
    return _ready(kind())


def _ready(model: nn.Module) -> nn.Module:
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.train(False)
    return model
