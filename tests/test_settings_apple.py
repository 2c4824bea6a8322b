"""The oldest iOS that Xcode projects and Swift packages are built for."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.apple import read_package, read_targets, read_xcode


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


PROJECT = """// !$*UTF8*$!
{
    archiveVersion = 1;
    objects = {
        A1 /* a.swift in Sources */ = {isa = PBXBuildFile; fileRef = A2 /* a.swift */; };
        A2 /* a.swift */ = {isa = PBXFileReference; path = "My App/a.swift"; sourceTree = "<group>"; };
        A3 /* net.tflite */ = {isa = PBXFileReference; path = net.tflite; };
        A4 = {isa = PBXBuildFile; fileRef = V1; };
        V1 = {isa = PBXVariantGroup; children = (A5, ); name = Main.storyboard; };
        A5 = {isa = PBXFileReference; path = Base.lproj/Main.storyboard; };
        B1 = {isa = PBXSourcesBuildPhase; files = ( A1 /* a.swift in Sources */, ); };
        B2 = {isa = PBXResourcesBuildPhase; files = (A4, ); };
        B3 = {isa = PBXShellScriptBuildPhase; name = "[CP] Copy Pods Resources"; shellScript = "cp x \\"${TARGET_BUILD_DIR}\\"\\n"; };
        B4 = {isa = PBXShellScriptBuildPhase; shellScript = "%s"; };
        C1 = {isa = PBXNativeTarget; buildPhases = (B1, B2, B3, B4); name = "My App"; productType = "com.apple.product-type.application"; };
    };
}
"""


def test_what_a_target_builds(tmp_path: Path) -> None:
    project = read_targets(file(tmp_path, PROJECT % "swiftlint"))
    (target,) = project.targets
    assert (target.name, target.product, target.open) == ("My App", "application", False)
    assert target.built == {"a.swift", "Main.storyboard"}
    assert "net.tflite" in project.listed
    (target,) = read_targets(file(tmp_path, PROJECT % "cp net.tflite $BUILT_PRODUCTS_DIR")).targets
    assert target.open


@pytest.mark.parametrize("text", ["", "{", "}}))", "{a = (" * 60, "{ objects = 3; }", "objects", '{ a = "b'])
def test_a_project_that_is_none(tmp_path: Path, text: str) -> None:
    try:
        assert read_targets(file(tmp_path, text)).targets == ()
    except Unreadable as error:
        assert "project file" in str(error)
