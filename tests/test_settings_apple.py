"""The oldest iOS that Xcode projects and Swift packages are built for."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.project import File
from deplint.settings.apple import read_package, read_xcode


def file(tmp_path: Path, text: str) -> File:
    path = tmp_path / "file"
    path.write_text(text)
    return File(path)


@pytest.mark.parametrize(
    ("text", "ios"),
    [
        ("IPHONEOS_DEPLOYMENT_TARGET = 13.0;\n\t\t\t\tIPHONEOS_DEPLOYMENT_TARGET = 13.0;\nSDKROOT = iphoneos;", ("13.0",)),
        ('IPHONEOS_DEPLOYMENT_TARGET = "15.4";\nIPHONEOS_DEPLOYMENT_TARGET = 16;', ("15.4", "16")),
        ("IPHONEOS_DEPLOYMENT_TARGET = 14.0;\nIPHONEOS_DEPLOYMENT_TARGET = $(TARGET);", None),
        ("MACOSX_DEPLOYMENT_TARGET = 12.0;", ()),
    ],
)
def test_an_xcode_project(tmp_path: Path, text: str, ios: object) -> None:
    assert read_xcode(file(tmp_path, text)).ios == ios


@pytest.mark.parametrize(
    ("text", "ios"),
    [
        ("platforms: [.iOS(.v15), .macOS(.v12)]", ("15.0",)),
        ("platforms: [.iOS( .v15_4 )]", ("15.4",)),
        ('platforms: [.iOS("16.2")]', ("16.2",)),
        ("platforms: [.macOS(.v12)]  // .iOS(.v13)", ()),
        ('platforms: [.iOS("latest")]', None),
    ],
)
def test_a_swift_package(tmp_path: Path, text: str, ios: object) -> None:
    assert read_package(file(tmp_path, text)).ios == ios
