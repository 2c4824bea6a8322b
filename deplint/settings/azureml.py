"""A deployment to an online endpoint of Azure ML, as its YAML describes it (CLI and SDK, version 2)."""

from __future__ import annotations

from dataclasses import dataclass

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import small
from deplint.settings.yamltree import Node, documents


@dataclass
class AzureDeployment:
    """One file. `script` is the scoring script, `code` its folder, `model` the path of the model that is uploaded with the deployment, and
    `conda` the file of its environment; each as written, relative to the file, and empty where nothing is written or it is somewhere in the
    cloud (``azureml:name:1``). `image` is the environment's."""

    path: str
    script: Node
    code: str
    model: str
    conda: Node | None
    image: str

    @property
    def place(self) -> Place:
        return Place(self.path)


def read(file: File) -> list[AzureDeployment]:
    """A file of one deployment."""
    return [found for tree in documents(file.shown, small(file)) if (found := _deployment(file.shown, tree)) is not None]


def _deployment(path: str, tree: Node) -> AzureDeployment | None:
    script = tree.get("code_configuration", "scoring_script")
    if script is None or not script.text:
        return None
    return AzureDeployment(
        path,
        script,
        _local(tree.string("code_configuration", "code")),
        _local(tree.string("model", "path")) if tree.string("model", "type") in (None, "custom_model") else "",
        tree.get("environment", "conda_file"),
        tree.string("environment", "image") or "",
    )


def _local(path: str | None) -> str:
    return "" if path is None or ":" in path else path
