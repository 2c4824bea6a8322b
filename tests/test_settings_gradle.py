"""Gradle builds in both languages, alone and with what the files around them say."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_help import one, project, shown

from deplint.model import Unreadable
from deplint.project import Project
from deplint.settings.gradle import Android, GradleBuild, GradleProperties, VersionCatalog
from deplint.settings.gradle_script import parse

ROOT = """\
buildscript {
    ext.kotlin_version = '1.3.72'
    ext { tfVersion = "2.13.0"
      versions = [gpu: '2.14.0', agp: "7.4.2"] }
    repositories { google() }
    dependencies {
        classpath "com.android.tools.build:gradle:${versions.agp}"
        classpath "org.jetbrains.kotlin:kotlin-gradle-plugin:$kotlin_version"
    }
}
plugins {
    id 'com.android.application' version '8.1.0' apply false
    alias(libs.plugins.kt) apply false
    id("x") version libs.versions.x.get()
}
ext { minSdk = 24 }
apply from: "$rootDir/gradle/more.gradle"
"""

CATALOG = """\
[versions]
litert = "1.0.1"
x = { strictly = "3.3" }
[libraries]
tensorflow-lite = { module = "org.tensorflow:tensorflow-lite", version.ref = "litert" }
tf_gpu = { group = "org.tensorflow", name = "tensorflow-lite-gpu", version = "2.1" }
plain = "a:b:1.2"
bom = { module = "g:bom" }
broken = 3
[bundles]
ml = ["tensorflow-lite", "tf-gpu"]
[plugins]
kt = { id = "org.jetbrains.kotlin.android", version.ref = "x" }
agp = "com.android.application:8.2.0"
"""

APP = """\
apply plugin: 'com.android.application'
def localVer = '0.4.4'
/* block { */ // another {
android {
    compileSdkVersion 33
    namespace 'a.b'
    defaultConfig {
        minSdkVersion rootProject.ext.minSdk
        targetSdk = 35
        ndk { abiFilters 'armeabi-v7a', "arm64-v8a" }
    }
    aaptOptions { noCompress "tflite", 'lite'
       noCompress("ort") }
    androidResources { noCompress += ["bin", custom] }
    androidResources.noCompress 'pte'
    buildTypes {
        release { minifyEnabled true
           proguardFiles getDefaultProguardFile('proguard-android.txt'), 'proguard-rules.pro' }
        debug { }
        other { minifyEnabled project.minify }
    }
    splits { abi { enable true } }
}
dependencies
{
    implementation fileTree(dir: 'libs', include: ['*.jar'])
    implementation 'org.tensorflow:tensorflow-lite:2.9.0@aar'
    implementation "org.tensorflow:tensorflow-lite-gpu:${rootProject.ext.versions.gpu}"
    implementation("org.tensorflow:tensorflow-lite-support:$localVer") {
        exclude group: 'org.x', module: 'y'
        exclude module: 'z'
        transitive = false
    }
    implementation group: 'org.a', name: 'b', version: more
    api "a.b:c:$unknown"
    implementation "com.google.ai.edge.litert:litert:$litert"
    implementation platform('g:bom:1.0')
    implementation 'x:y'
    implementation 'single $quote:is:$literal'
    testImplementation project(':core'), 'q:r:+'
    if (foo) { implementation 'cond:dep:1' }
    implementation libs.tensorflow.lite
    implementation libs.bundles.ml
    implementation(Libs.tflite)
    //implementation 'commented:out:1'
}
"""

LIBRARY = """\
plugins { id("com.android.library"); alias(libs.plugins.kt); kotlin("kapt") version "1.9" }
val tv: String = "2.14.0"
val w by extra("3.0")
extra["z"] = "4"
android {
    compileSdk = 34
    defaultConfig { minSdk = libs.versions.min.get().toInt(); targetSdk = 34
      ndk { abiFilters += setOf("x86") ; abiFilters.addAll(listOf("arm64-v8a", foo)) } }
    buildTypes { getByName("release") { isMinifyEnabled = false }
       named("x") { isMinifyEnabled = flag } }
    androidResources { noCompress += listOf("tflite"); noCompress.add("a") }
    buildFeatures { mlModelBinding = true }
}
dependencies {
    implementation("org.tensorflow:tensorflow-lite:$tv")
    implementation("a:b:${w}")
    implementation("a:c:${property("z")}")
    implementation(platform(libs.plain))
    implementation("g", "n", "1")
    "customImplementation"("k:l:2")
    add("ksp", "m:n:3")
}
"""

FILES = {
    "build.gradle": ROOT,
    "gradle/more.gradle": "ext.more = '9.9'\n",
    "gradle.properties": "litert=1.0.1\n# c\norg.gradle.jvmargs=-Xmx\n",
    "gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://services.gradle.org/distributions/gradle-8.2-bin.zip\n",
    "gradle/libs.versions.toml": CATALOG,
    "app/build.gradle": APP,
    "lib/build.gradle.kts": LIBRARY,
}


def build(made: Project, name: str) -> GradleBuild:
    (found,) = made.facts(made.by_path[made.root / name], GradleBuild)
    assert isinstance(found, GradleBuild)
    return found


def dependencies(found: GradleBuild) -> list[tuple[str, str, str | None]]:
    return [(d.configuration, d.name, d.version) for d in found.dependencies]


def android(found: GradleBuild) -> Android:
    assert found.android is not None
    return found.android


def test_dependencies_of_a_file_alone(tmp_path: Path) -> None:
    found = build(project(tmp_path, FILES), "app/build.gradle")
    assert dependencies(found) == [
        ("implementation", "org.tensorflow:tensorflow-lite", "2.9.0"),
        ("implementation", "org.tensorflow:tensorflow-lite-gpu", None),
        ("implementation", "org.tensorflow:tensorflow-lite-support", "0.4.4"),
        ("implementation", "org.a:b", None),
        ("api", "a.b:c", None),
        ("implementation", "com.google.ai.edge.litert:litert", None),
        ("implementation", "g:bom", "1.0"),
        ("implementation", "x:y", ""),
        ("implementation", "single $quote:is", "$literal"),
        ("testImplementation", "q:r", "+"),
        ("implementation", "cond:dep", "1"),
        ("implementation", "", None),
        ("implementation", "", None),
        ("implementation", "", None),
    ]
    assert [d.reference for d in found.dependencies][-3:] == ["libs.tensorflow.lite", "libs.bundles.ml", "Libs.tflite"]
    assert found.dependencies[2].excludes == ("org.x:y", ":z")
    assert [d.platform for d in found.dependencies].index(True) == 6
    assert shown(found.dependencies[0].place, APP) == "'org.tensorflow:tensorflow-lite:2.9.0@aar'"


def test_dependencies_with_what_is_above(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    known = {d.reference: (d.name, d.version) for d in build(made, "app/build.gradle").resolved(made).dependencies if d.reference}
    assert known == {
        "rootProject.ext.versions.gpu": ("org.tensorflow:tensorflow-lite-gpu", "2.14.0"),
        "localVer": ("org.tensorflow:tensorflow-lite-support", "0.4.4"),
        "more": ("org.a:b", "9.9"),
        "unknown": ("a.b:c", None),
        "litert": ("com.google.ai.edge.litert:litert", "1.0.1"),
        "libs.tensorflow.lite": ("org.tensorflow:tensorflow-lite", "1.0.1"),
        "libs.bundles.ml": ("org.tensorflow:tensorflow-lite-gpu", "2.1"),
        "Libs.tflite": ("", None),
    }
    assert android(build(made, "app/build.gradle").resolved(made)).min_sdk == 24


def test_kotlin(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    found = build(made, "lib/build.gradle.kts").resolved(made)
    assert dependencies(found) == [
        ("implementation", "org.tensorflow:tensorflow-lite", "2.14.0"),
        ("implementation", "a:b", "3.0"),
        ("implementation", "a:c", "4"),
        ("implementation", "a:b", "1.2"),
        ("implementation", "g:n", "1"),
        ("customImplementation", "k:l", "2"),
        ("ksp", "m:n", "3"),
    ]
    assert [(p.id, p.version) for p in found.plugins] == [
        ("com.android.library", ""),
        ("org.jetbrains.kotlin.android", "3.3"),
        ("org.jetbrains.kotlin.kapt", "1.9"),
    ]


def test_root_script(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    found = build(made, "build.gradle").resolved(made)
    assert dependencies(found) == [
        ("classpath", "com.android.tools.build:gradle", "7.4.2"),
        ("classpath", "org.jetbrains.kotlin:kotlin-gradle-plugin", "1.3.72"),
    ]
    assert [(p.id, p.version) for p in found.plugins] == [
        ("com.android.application", "8.1.0"),
        ("org.jetbrains.kotlin.android", "3.3"),
        ("x", "3.3"),
    ]
    assert build(made, "app/build.gradle").has_plugin("com.android.application")


def test_android(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    app, library = android(build(made, "app/build.gradle")), android(build(made, "lib/build.gradle.kts"))
    assert (app.compile_sdk, app.target_sdk, app.min_sdk) == (33, 35, None)
    assert (library.compile_sdk, library.target_sdk, library.min_sdk) == (34, 34, None)
    assert [w.text for w in app.no_compress] == ["tflite", "lite", "ort", "bin", None, "pte"]
    assert [w.text for w in library.no_compress] == ["tflite", "a"]
    assert [w.text for w in app.abi_filters] == ["armeabi-v7a", "arm64-v8a"]
    assert [w.text for w in library.abi_filters] == ["x86", "arm64-v8a", None]
    assert [(b.name, b.minify, [w.text for w in b.proguard]) for b in app.build_types] == [
        ("release", True, [None, "proguard-rules.pro"]),
        ("debug", None, []),
        ("other", None, []),
    ]
    assert [(b.name, b.minify) for b in library.build_types] == [("release", False), ("x", None)]
    assert (app.splits_abi, library.splits_abi, app.ml_model_binding, library.ml_model_binding) == (True, False, False, True)
    lines = {name: place.span.line for name, place in app.places.items() if place.span}
    assert lines == {"compileSdk": 5, "minSdk": 8, "targetSdk": 9, "abiFilters": 10, "noCompress": 12}


def test_catalog(tmp_path: Path) -> None:
    found = one(tmp_path, "gradle/libs.versions.toml", CATALOG, VersionCatalog)
    assert {alias: (entry.name, entry.version) for alias, entry in found.libraries.items()} == {
        "tensorflow.lite": ("org.tensorflow:tensorflow-lite", "1.0.1"),
        "tf.gpu": ("org.tensorflow:tensorflow-lite-gpu", "2.1"),
        "plain": ("a:b", "1.2"),
        "bom": ("g:bom", ""),
    }
    assert found.bundles == {"ml": ["tensorflow.lite", "tf.gpu"]}
    assert {pin.name: pin.specifier for pin in found.pins}["com.android.tools.build:gradle"] == "8.2.0"
    assert [entry.place.span.line for entry in found.libraries.values() if entry.place.span] == [5, 6, 7, 8]


def test_properties(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    by_name = {Path(found.path).name: found for found in made.all(GradleProperties)}
    assert by_name["gradle.properties"].values["litert"].text == "1.0.1"
    assert by_name["gradle-wrapper.properties"].gradle_version == "8.2"
    assert by_name["gradle.properties"].gradle_version is None


def test_versions_find_gradle(tmp_path: Path) -> None:
    made = project(tmp_path, FILES)
    near = build(made, "app/build.gradle")
    agp = made.versions.of("com.android.tools.build:gradle", near)
    assert agp is None  # the root names two
    assert made.versions.allows("com.android.tools.build:gradle", near, until="4.1") is False
    gpu = made.versions.of("org.tensorflow:tensorflow-lite-gpu", near)
    assert gpu is None  # 2.14.0 by itself, 2.1 from the bundle
    support = made.versions.of("org.tensorflow:tensorflow-lite-support", near)
    assert support is not None and support.exact == "0.4.4" and support.ecosystem == "maven"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dependencies { implementation 'a:b:1' }", ["1"]),
        ("dependencies { implementation(\n  'a:b:1',\n  'c:d:2'\n) }", ["1", "2"]),
        ('dependencies {\n  implementation "a:b:${\n', []),
        ("dependencies { implementation 'a:b:1'", ["1"]),
        ("} } dependencies { implementation 'a:b:1' ) }", ["1"]),
        ("def v = '1'\nv = '2'\ndependencies { implementation \"a:b:$v\" }", [None]),
        ('def v = compute()\ndependencies { implementation "a:b:$v" }', [None]),
        ('dependencies { implementation """a:b:1""" }', ["1"]),
        ("subprojects { dependencies { implementation 'a:b:1' } }", ["1"]),
        ("dependencies { implementation 'a:b:1:classifier@jar' }", ["1"]),
        ("dependencies { constraints { implementation('a:b:1') } }", ["1"]),
        ("dependencies { implementation('a:b') { version { strictly '1' } } }", ["1"]),
        ("dependencies { implementation('a:b') { transitive = false } }", [""]),
        ("'dependencies { implementation \"a:b:1\" }'", []),
        ("/* dependencies { implementation 'a:b:1' }", []),
    ],
)
def test_small_scripts(tmp_path: Path, text: str, expected: list[str | None]) -> None:
    assert [d.version for d in one(tmp_path, "build.gradle", text, GradleBuild).dependencies] == expected


def test_a_catalog_of_another_name(tmp_path: Path) -> None:
    files = {"gradle/ml.versions.toml": "[libraries]\nx = 'a:b:1'\n", "app/build.gradle": "dependencies { implementation ml.x }"}
    made = project(tmp_path, files)
    assert dependencies(build(made, "app/build.gradle").resolved(made)) == [("implementation", "a:b", "1")]


HOSTILE = {
    "braces": "{" * 100_000,
    "parentheses": "(" * 50_000,
    "closing": "} ] )" * 20_000,
    "quotes": '"' * 100_001,
    "templates": '"${' * 50_000,
    "escapes": '"\\$' * 50_000,
    "comment": "/*" * 100_000,
    "long strings": "'''" * 30_001,
    "lines": "a\n" * 60_000,
    "names": "a." * 60_000,
    "nested": "android{" * 60 + "}" * 60,
    "doubling": "x='aaaaaaaaaaaaaaaa'\n" + "".join(f'x{i}="$x{i - 1 if i else ""}$x{i - 1 if i else ""}"\n' for i in range(60)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(tmp_path: Path, name: str) -> None:
    begun = time.process_time()
    made = project(tmp_path, {"build.gradle": HOSTILE[name]})
    made.facts(made.by_path[tmp_path / "build.gradle"])
    assert all(isinstance(trouble.error, Unreadable) for trouble in made.troubles)
    assert time.process_time() - begun < 4


@given(st.text(alphabet="ab{}()[]'\"$.,:=+\n /*\\", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_statements_or_refused(text: str) -> None:
    try:
        for statement in parse("f", text):
            assert isinstance(statement.name + statement.operator, str) and statement.arguments is not None
            assert statement.place.path == "f" and (statement.block is None or isinstance(statement.block, list))
    except Unreadable as error:
        assert str(error)


def test_relative_paths_find_what_is_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths as reports print them are relative to the working folder."""
    monkeypatch.chdir(tmp_path)
    made = project(tmp_path, FILES)
    found = build(made, "app/build.gradle")
    assert not os.path.isabs(found.path)
    assert {d.version for d in found.resolved(made).dependencies if d.reference == "litert"} == {"1.0.1"}
