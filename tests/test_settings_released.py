"""What is known of released packages, and of the C libraries of images."""

from __future__ import annotations

import pytest

from deplint.finding import Place
from deplint.settings.images import image
from deplint.settings.pins import Pin
from deplint.settings.released import MUSL, Release, admitted, bounded, libc, releases, required
from deplint.settings.text import Word

HERE = Place("requirements.txt")


def release(**given: object) -> Release:
    values = {"package": "x", "version": "1.0", "day": "2024-01-01", "python": ">=3.9,<3.13", "wheels": {}, "source": False, "requires": {}}
    return Release(**{**values, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wheels", "python", "library", "there"),
    [
        ({"x86_64": {"3.11": "2.17"}}, "3.11", "2.31", True),
        ({"x86_64": {"3.11": "2.28"}}, "3.11", "2.27", False),
        ({"x86_64": {"3.11": "2.17"}}, "3.12", "2.31", False),
        ({"x86_64": {"3.7+": "2.17"}}, "3.12", "2.31", True),
        ({"x86_64": {"3.7+": "2.17"}}, "3.6", "2.31", False),
        ({"any": {"3+": ""}}, "3.12", MUSL, True),
        ({"x86_64": {"3.11": "2.17"}}, "3.11", MUSL, False),
        ({"x86_64": {"3.11": "2.17", "3.11 musl": "musl"}}, "3.11", MUSL, True),
        ({"x86_64": {"3.11 musl": "musl"}}, "3.11", "2.31", False),
        ({"aarch64": {"3.10": "2.17"}}, None, "2.31", True),
    ],
)
def test_a_wheel_is_for_an_interpreter_and_a_c_library(wheels: dict[str, dict[str, str]], python: str, library: str, there: bool) -> None:
    assert release(wheels=wheels).wheel_for(python, library) is there


def test_requires_python_is_about_the_series() -> None:
    assert [release(python=">=3.9.2,<3.13").admits(series) for series in ("3.8", "3.9", "3.12", "3.13")] == [False, True, True, False]


@pytest.mark.parametrize(
    ("written", "library"),
    [
        ("python:3.11-alpine3.19", MUSL),
        ("alpine:3.19", MUSL),
        ("python:3.11-slim-bookworm", "2.36"),
        ("python:3.11-slim", None),
        ("ubuntu:20.04", "2.31"),
        ("debian:9-slim", "2.24"),
        ("nvidia/cuda:12.1.0-runtime-ubuntu22.04", "2.35"),
        ("centos:7", "2.17"),
        ("amazonlinux:2", "2.26"),
        ("registry.example.com/own:1", None),
    ],
)
def test_an_image_tells_its_c_library(written: str, library: str | None) -> None:
    assert libc(image(Word(written, HERE, written))) == library


def test_a_marker_about_a_platform_leaves_a_requirement_open() -> None:
    one = release(
        requires={
            "numpy": [["<2", "python_version < '3.12'"], [">=1.26", "python_version >= '3.12'"]],
            "a": [["==1", "sys_platform == 'win32'"]],
        }
    )
    assert len(required(one, "numpy")) == 2
    assert required(one, "a") == required(one, "unheard-of") == []


def test_pins_and_the_table() -> None:
    assert [one.version for one in admitted(Pin("torchvision", "==0.17.0", HERE))] == ["0.17.0"]
    assert required(admitted(Pin("torchvision", "==0.17.0", HERE))[0], "torch")
    assert bounded(Pin("torch", "<2.2", HERE)) and not bounded(Pin("torch", ">=2.2", HERE))
    assert all(one.version for name in ("tensorflow", "torch", "onnxruntime", "numpy") for one in releases()[name])
