"""Package files of JavaScript, Apple's platforms and Dart, and their locks."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings_help import one, project, shown

from deplint.settings.packages import PackageJson, Podfile, Pubspec
from deplint.settings.pins import Pin, Requirements


def listed(pins: list[Pin]) -> list[tuple[str, str | None, str]]:
    return [(pin.name, pin.specifier, pin.group) for pin in pins]


PACKAGE = """\
{
  "name": "app",
  "peerDependencies": { "@tensorflow/tfjs": ">=3" },
  "dependencies": {
    "@tensorflow/tfjs": "^4.10.0",
    "@tensorflow/tfjs-core": "4.x || 5.x",
    "alias": "npm:@tensorflow/tfjs-converter@~4.1.0",
    "local": "file:../local",
    "tagged": "latest",
    "git": "git+https://github.com/a/b.git#v1",
    "short": "user/repo",
    "any": "*"
  },
  "devDependencies": {
    "onnxruntime-web": "1.17.0"
  }
}
"""


def test_package_json(tmp_path: Path) -> None:
    found = one(tmp_path, "package.json", PACKAGE, PackageJson)
    assert found.name == "app" and found.data["dependencies"]["any"] == "*"
    assert listed(found.pins) == [
        ("@tensorflow/tfjs", "^4.10.0", ""),
        ("@tensorflow/tfjs-core", "4.x || 5.x", ""),
        ("@tensorflow/tfjs-converter", "~4.1.0", ""),
        ("local", None, ""),
        ("tagged", None, ""),
        ("git", None, ""),
        ("short", None, ""),
        ("any", "*", ""),
        ("onnxruntime-web", "1.17.0", "dev"),
        ("@tensorflow/tfjs", ">=3", "peer"),
    ]
    assert shown(found.pins[0].place, PACKAGE) == '"@tensorflow/tfjs": "^4.10.0",'
    assert [pin.place.span.line for pin in found.pins if pin.place.span][-2:] == [15, 3]
    assert found.dependency("onnxruntime-web").exact == "1.17.0" and found.dependency("three") is None


LOCKS = {
    "package-lock.json": (
        """{"lockfileVersion": 3, "packages": {
            "": {"version": "1.0"}, "packages/own": {"version": "9"},
            "node_modules/@tensorflow/tfjs": {"version": "4.10.0"},
            "node_modules/x/node_modules/@tensorflow/tfjs": {"version": "3.0.0"},
            "node_modules/jest": {"version": "29.0.0", "dev": true}}}""",
        [("@tensorflow/tfjs", "4.10.0", ""), ("jest", "29.0.0", "dev")],
        [3, 5],
    ),
    "npm-shrinkwrap.json": (
        '{"lockfileVersion": 1, "dependencies": {\n"three": {"version": "0.150.0", "requires": {}},\n"b": {"version": "git+ssh://x"}}}',
        [("three", "0.150.0", ""), ("b", "git+ssh://x", "")],
        [2, 3],
    ),
    "yarn.lock": (
        (
            '# yarn lockfile v1\n\n"@tensorflow/tfjs@^4.0.0", "@tensorflow/tfjs@^4.1.0":\n  version "4.10.0"\n  resolved "x"\n\n'
            'three@0.1.0:\n  version "0.1.0"\n\n__metadata:\n  version: 6\n\n\'b@npm:^1\':\n  x: y\n"c@npm:^2.0":\n  version: 2.1.0\n'
        ),
        [("@tensorflow/tfjs", "4.10.0", ""), ("three", "0.1.0", ""), ("c", "2.1.0", "")],
        [3, 7, 15],
    ),
    "pnpm-lock.yaml": (
        (
            "lockfileVersion: '9.0'\npackages:\n\n  '@tensorflow/tfjs@4.10.0':\n    resolution: {}\n\n  three@0.1.0(react@18.0.0):\n"
            "    x: y\n"
            "  /old@1.2.3:\n    x: y\n  /older/1.2.4:\n    x: y\n"
        ),
        [("@tensorflow/tfjs", "4.10.0", ""), ("three", "0.1.0", ""), ("old", "1.2.3", ""), ("older", "1.2.4", "")],
        [4, 7, 9, 11],
    ),
    "Podfile.lock": (
        (
            "PODS:\n  - TensorFlowLiteC (2.13.0):\n    - TensorFlowLiteC/Core (= 2.13.0)\n  - TensorFlowLiteC/Core (2.13.0)\n"
            '  - "GoogleUtilities/Env (7.1)"\n\nDEPENDENCIES:\n  - TensorFlowLiteC (~> 2.0)\n'
        ),
        [("TensorFlowLiteC", "2.13.0", ""), ("TensorFlowLiteC", "2.13.0", ""), ("GoogleUtilities", "7.1", "")],
        [2, 4, 5],
    ),
    "pubspec.lock": (
        'packages:\n  tflite_flutter:\n    dependency: "direct main"\n    source: hosted\n    version: "0.10.4"\nsdks:\n  dart: ">=3"\n',
        [("tflite_flutter", "0.10.4", "")],
        [5],
    ),
    "Package.resolved": (
        (
            '{"pins": [\n{"identity": "x", "location": "https://github.com/a/Onnxruntime-Swift.git", "state": {"version": "1.16.0"}},\n'
            '{"identity": "y", "location": "https://github.com/a/y", "state": {"branch": "main"}}], "version": 2}'
        ),
        [("onnxruntime-swift", "==1.16.0", ""), ("y", None, "")],
        [2, 3],
    ),
}


@pytest.mark.parametrize("name", LOCKS)
def test_locks(tmp_path: Path, name: str) -> None:
    text, expected, lines = LOCKS[name]
    found = one(tmp_path, name, text, Requirements)
    assert listed(found.pins) == expected
    assert [pin.place.span.line for pin in found.pins if pin.place.span] == lines
    assert all(pin.locked for pin in found.pins)


def test_package_resolved_of_the_first_version(tmp_path: Path) -> None:
    text = '{"object": {"pins": [{"package": "X", "repositoryURL": "https://x.org/a/X.git", "state": {"version": "1.0.0"}}]}, "version": 1}'
    assert listed(one(tmp_path, "Package.resolved", text, Requirements).pins) == [("x", "==1.0.0", "")]


PODFILE = """\
platform :ios, '12.0'
# pod 'Commented', '1.0'
target 'App' do
  use_frameworks!
  pod 'TensorFlowLiteSwift', '~> 2.13.0', :subspecs => ['CoreML', 'Metal']
  pod 'TensorFlowLiteSelectTfOps', '>= 2.0', '< 2.5' # note
  pod "Core/Metal"
  pod 'Local', :path => '../local'
  pod 'Git', git: 'https://x.org/a.git', tag: '1'
  pod 'Computed', $version
  pod('Paren', '1.0')
  pod 'Wide',
      '2.0',
      :inhibit_warnings => true
  pod 'Conf', '1.1', :configurations => ['Debug']
end
post_install do |installer|
  config.build_settings['OTHER_LDFLAGS'] = '$(inherited) -force_load "$(SRCROOT)/Pods/TensorFlowLiteSelectTfOps"'
end
"""


def test_podfile(tmp_path: Path) -> None:
    found = one(tmp_path, "ios/Podfile", PODFILE, Podfile)
    assert [(pin.name, pin.specifier, pin.extras) for pin in found.pins] == [
        ("TensorFlowLiteSwift", "~> 2.13.0", ("CoreML", "Metal")),
        ("TensorFlowLiteSelectTfOps", ">= 2.0, < 2.5", ()),
        ("Core", "", ("Metal",)),
        ("Local", None, ()),
        ("Git", None, ()),
        ("Computed", None, ()),
        ("Paren", "1.0", ()),
        ("Wide", "2.0", ()),
        ("Conf", "1.1", ()),
    ]
    assert (found.ios, found.use_frameworks) == ("12.0", True)
    assert [word.text for word in found.linker_flags] == ['$(inherited) -force_load "$(SRCROOT)/Pods/TensorFlowLiteSelectTfOps"']
    assert found.linker_flags[0].place.span is not None and found.linker_flags[0].place.span.line == 18
    pod = found.pod("TensorFlowLiteSelectTfOps")
    assert pod is not None and pod.place.span is not None and pod.place.span.line == 6
    assert found.pod("Commented") is None


@pytest.mark.parametrize(("line", "ios"), [("platform :ios, '11'", "11"), ("platform :ios", ""), ("platform :ios, $v", None), ("", "")])
def test_podfile_platform(tmp_path: Path, line: str, ios: str | None) -> None:
    assert one(tmp_path, "Podfile", line + "\n", Podfile).ios == ios


PUBSPEC = """\
name: app
environment: {sdk: ">=3.0.0 <4.0.0"}
dependencies:
  flutter:
    sdk: flutter
  tflite_flutter: ^0.10.4
  hosted: {hosted: https://x.org, version: "1.0.0"}
  any_of_it:
  git: {git: {url: https://x.org/a.git}}
dev_dependencies:
  lints: any
dependency_overrides:
  tflite_flutter: 0.11.0
flutter:
  uses-material-design: true
  assets:
    - assets/model.tflite
    - assets/labels/
    - {path: assets/other.bin, flavors: [x]}
"""


def test_pubspec(tmp_path: Path) -> None:
    found = one(tmp_path, "pubspec.yaml", PUBSPEC, Pubspec)
    assert (found.name, found.flutter) == ("app", True)
    assert listed(found.pins) == [
        ("flutter", None, ""),
        ("hosted", "1.0.0", ""),
        ("any_of_it", "", ""),
        ("git", None, ""),
        ("lints", "any", "dev"),
        ("tflite_flutter", "0.11.0", ""),
    ]
    assert [pin.place.span.line for pin in found.pins if pin.place.span] == [4, 7, 8, 9, 11, 13]
    assert [word.text for word in found.assets] == ["assets/model.tflite", "assets/labels/", "assets/other.bin"]
    assert found.bundles("assets/model.tflite") and found.bundles("assets/labels/a.txt")
    assert not found.bundles("assets/labels/deep/a.txt") and not found.bundles("assets/b.tflite")


def test_an_override_is_what_is_installed(tmp_path: Path) -> None:
    made = project(tmp_path, {"pubspec.yaml": PUBSPEC})
    pin = made.versions.of("pub:tflite_flutter", made.by_path[tmp_path / "pubspec.yaml"])
    assert pin is not None and pin.exact == "0.11.0"


PACKAGE_SWIFT = """\
let package = Package(dependencies: [
  .package(url: "https://github.com/microsoft/onnxruntime-swift-package-manager", from: "1.16.0"),
  .package(name: "X", url: "https://x.org/a/X.git", .upToNextMinor(from: "2.1.0")),
  .package(url: "https://x.org/a/y", exact: "1.2.3"),
  .package(url: "https://x.org/a/z", "1.0.0"..<"1.5.0"),
  // .package(url: "https://x.org/a/no", from: "1.0.0"),
  .package(url: "https://x.org/a/b", branch: "release/1.0"),
  .package(path: "../local"),
])
"""


def test_package_swift(tmp_path: Path) -> None:
    found = one(tmp_path, "Package.swift", PACKAGE_SWIFT, Requirements)
    assert [(pin.name, pin.specifier) for pin in found.pins] == [
        ("onnxruntime-swift-package-manager", "^1.16.0"),
        ("x", "~2.1.0"),
        ("y", "==1.2.3"),
        ("z", ">=1.0.0 <1.5.0"),
        ("b", None),
    ]
    assert [pin.place.span.line for pin in found.pins if pin.place.span] == [2, 3, 4, 5, 7]
    assert {pin.name: pin.exact for pin in found.pins}["y"] == "1.2.3"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "{"),
        ("package.json", "[]"),
        ("package.json", '{"dependencies": [1], "devDependencies": {"a": 3}, "name": {}}'),
        ("package-lock.json", '{"packages": {"node_modules/a": 3, "node_modules/b": {"version": {}}}}'),
        ("package-lock.json", '{"packages": [], "dependencies": {"a": []}}'),
        ("Package.resolved", '{"pins": 3}'),
        ("Package.resolved", '{"pins": [1, {"location": 3}, {"location": "x", "state": []}]}'),
        ("pubspec.yaml", "dependencies: [a]\nflutter: {assets: x}\nname: [1]\n"),
        ("pubspec.lock", "packages: {a: 1, b: {version: {c: d}}}\n"),
        ("package.json", "[" * 100_000),
        ("package.json", '{"a": ' + "9" * 10_000 + "}"),
    ],
)
def test_wrong_types(tmp_path: Path, name: str, text: str) -> None:
    made = project(tmp_path, {name: text})
    for facts in made.facts(made.by_path[tmp_path / name]):
        assert all(pin.name and pin.exact is None for pin in facts.pins)
    assert all(type(trouble.error).__name__ in ("Unreadable", "Misread") for trouble in made.troubles)
