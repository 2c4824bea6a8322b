"""Manifests and ProGuard rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.model import Unreadable
from deplint.project import File
from deplint.settings import manifest, proguard

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" xmlns:tools="http://schemas.android.com/tools">
    <uses-permission android:name="android.permission.CAMERA"
        tools:node="remove" />
    <application android:largeHeap="true">
        <activity android:name=".Main" android:exported="true" />
    </application>
</manifest>
"""


def test_elements_have_places_and_attributes(tmp_path: Path) -> None:
    path = tmp_path / "AndroidManifest.xml"
    path.write_text(MANIFEST)
    found = manifest.read(File(path))
    camera = found.permissions["android.permission.CAMERA"]
    assert camera.place.span is not None and camera.place.span.line == 3
    assert camera.attributes["http://schemas.android.com/tools node"] == "remove"
    assert found.application is not None and found.application.attributes == {"largeHeap": "true"}
    assert found.named("activity")[".Main"].path == "manifest/application/activity"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<!DOCTYPE manifest [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><manifest>&c;</manifest>', "entities"),
        ("<manifest>" * 100, "nested deeper"),
        ("<manifest><a></manifest>", "no well-formed XML"),
        ("<other/>", "no manifest"),
        ("", "no well-formed XML"),
    ],
)
def test_what_is_no_manifest_is_refused_in_words(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "AndroidManifest.xml"
    path.write_text(text)
    with pytest.raises(Unreadable, match=why):
        manifest.read(File(path))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("-keep class ai.onnxruntime.** { *; }", True),
        ("-keep,allowobfuscation class ai.onnxruntime.** { *; }", True),
        ("-keep public class ai.onnxruntime.*\n{ *; }", True),
        ("# -keep class ai.onnxruntime.** { *; }", False),
        ("-keep class ai.other.** { *; }", False),
        ("-dontwarn ai.onnxruntime.**", False),
        ("-dontobfuscate", True),
        ("-keep class ** { *; }", True),
        ("-keepclasseswithmembers class * { native <methods>; }", False),
        ("-keepattributes *Annotation*", False),
    ],
)
def test_what_rules_keep(tmp_path: Path, text: str, kept: bool) -> None:
    path = tmp_path / "proguard-rules.pro"
    path.write_text(text)
    assert proguard.read(File(path)).keeps("ai.onnxruntime.OnnxTensor") is kept
