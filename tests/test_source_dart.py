"""Facts of Dart: what is called, with what, and where values come from."""

from deplint.code.source import SourceFile
from deplint.code.source_nodes import UNKNOWN, Call


def dart(text: str) -> SourceFile:
    return SourceFile("lib/a.dart", text, "dart")


def one(file: SourceFile, *patterns: str) -> Call:
    (call,) = file.calls(*patterns)
    return call


def test_imports_are_named_after_their_package() -> None:
    file = dart("import 'package:tflite_flutter/tflite_flutter.dart' as tfl;\nimport 'dart:io';\nf() => tfl.Interpreter.fromAsset('a');\n")
    assert [i.package for i in file.imports] == ["tflite_flutter", "dart:io"]
    call = one(file, "tflite_flutter.Interpreter.fromAsset")
    assert call.resolved
    assert call.argument(None, 0).value == "a"


def test_fields_and_awaits() -> None:
    file = dart(
        """
class Net {
  static const _path = 'assets/' 'net.tflite';
  late final Interpreter _net;
  Net._(this.other, {required int threads}) : size = 3;
  Future<void> load() async {
    _net = await Interpreter.fromAsset(_path, options: InterpreterOptions()..threads = 2);
  }
  void run(Object x) {
    this._net.run(x, x!);
  }
}
"""
    )
    load = one(file, "Interpreter.fromAsset")
    assert load.argument(None, 0).value == "assets/net.tflite"
    options = load.argument("options")
    assert options.origin is one(file, "InterpreterOptions")
    assert [s.assigned.value for s in options.origin.settings] == [2]
    run = one(file, "**.run")
    assert run.receiver.origin is load
    assert run.name == "Interpreter.fromAsset().run"
    assert run.owner == "Net" and run.function.id == "run"


def test_values() -> None:
    file = dart(
        """
const a = 0x10 ~/ 3;
final b = [1, -2.5];
const c = {'k': r'\\n', 'l': "x\\n$a"};
var open = 3;
late final int unset;
final _closed = 7 * 2;
"""
    )
    assert [v.value for v in file.variables] == [5, [1, -2.5], {"k": "\\n", "l": "x\n5"}, UNKNOWN, UNKNOWN, 14]


def test_cascades_are_calls_on_what_stands_before() -> None:
    file = dart("void f() {\n  final o = Options()..add(1)..add(2);\n  o..last = 3;\n}\n")
    made = one(file, "Options")
    assert [call.arguments[0].value.value for call in made.uses] == [1, 2]
    assert len(made.settings) == 1
    assert len(list(file.calls("Options"))) == 1


def test_a_constructor_is_no_function_of_its_class() -> None:
    file = dart("class A {\n  A(this.x);\n  factory A.of() => A(1);\n}\nfinal a = A.of();\n")
    (v,) = [v for v in file.variables if v.name == "a"]
    assert v.writes[0].source.origin is one(file, "A")


def test_broken_and_hostile_text() -> None:
    assert dart("void f( { ]").calls() is not None
    for text in ("(" * 3000, "[" * 3000 + "1", "f() => " + "a(" * 2000, "'${" * 300, "x..a()" * 2000):
        list(dart(text).calls())
    assert dart("").variables == []


def test_an_arrow_reaches_to_the_end_of_what_follows() -> None:
    file = dart("void f() {\n  g((x) async => await a.b(x).c());\n  h((y) => k() ? l() : m.n(y)!);\n}\n")
    assert [call.name for call in file.calls()] == ["g", "a.b().c", "a.b", "h", "k", "l", "m.n"]
    arrow = one(file, "g").argument(None, 0)
    assert arrow.results[0].operand is one(file, "a.b().c")
    assert one(file, "m.n").argument(None, 0).text == "y"


def test_operands_of_one_precedence() -> None:
    (v,) = dart("const n = 1 * 96 * 96 ~/ 2 * 3;\n").variables
    assert v.value == 13824


def test_a_key_is_no_variable() -> None:
    file = dart("void f() {\n  final image = made();\n  run({'image': image});\n}\n")
    assert one(file, "run").argument(None, 0).entries[0][1].origin is one(file, "made")
