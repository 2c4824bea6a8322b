"""The PyTorch models of the depot."""

import torch
from torch import nn


class DamageNet(nn.Module):
    """Scores four kinds of damage on a 32 x 32 crop."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(6, 4)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.head(self.features(image).flatten(1)), dim=1)


class Embedder(nn.Module):
    """Maps a crop to 8 numbers, for finding the same parcel again."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.conv = nn.Conv2d(3, 6, 3, stride=2)
        self.head = nn.Linear(6, 8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        features = torch.relu(self.conv(self.drop(image))).mean(dim=(2, 3))
        return nn.functional.normalize(self.head(features), dim=1)


class WeightNet(nn.Module):
    """Guesses the weight in kilograms from a crop."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2)
        self.head = nn.Linear(4, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return nn.functional.softplus(self.head(torch.relu(self.conv(image)).mean(dim=(2, 3))))


class ConveyorNet(nn.Module):
    """Finds what lies on the belt by subtracting the median frame of a short clip."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, clip: torch.Tensor) -> torch.Tensor:
        background = torch.median(clip, dim=1, keepdim=True).values
        return torch.sigmoid(self.head(clip[:, -1:] - background))
