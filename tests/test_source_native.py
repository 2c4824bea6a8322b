"""Java, Kotlin and Swift: constants, names, arguments, and what is done to an object."""

from __future__ import annotations

import pytest

from deplint.code.source import SourceFile
from deplint.code.source_nodes import UNKNOWN, Text

SUFFIXES = {"java": "java", "kotlin": "kt", "swift": "swift", "javascript": "js", "typescript": "ts"}


def read(language: str, code: str) -> SourceFile:
    return SourceFile("X." + SUFFIXES[language], code, language)


def values(language: str, code: str) -> dict[str, object]:
    return {variable.name: variable.value for variable in read(language, code).variables}


def java(body: str, imports: str = "") -> SourceFile:
    return read("java", f"package a.b;\n{imports}\npublic class A {{ {body} }}")


CONSTANTS = [
    ("java", "class A { static final int INPUT = 299; }", {"INPUT": 299}),
    ("java", "class A { private static final boolean QUANTIZED = false; final float MEAN = 127.5f; }", {"QUANTIZED": False, "MEAN": 127.5}),
    ("java", "class A { static final int W = 224, H = W, N = 4 * W * A.H * 3 + 10 - (7 / 2); }", {"W": 224, "H": 224, "N": 602119}),
    ("java", "class A { void f() { int n = -7 / 2; int m = -7 % 3; long h = 0xFFL; int b = 1 << 20 | 3; } }",
     {"n": -3, "m": -1, "h": 255, "b": 1048579}),
    ("java", 'class A { private String[] P = {"a", "b"}; final String S = "x" + "\\t" + 3; }', {"P": ["a", "b"], "S": "x\t3"}),
    ("java", "interface I { int SIZE = 300; }", {"SIZE": 300}),
    ("java", "class A { final float scale = 1 / (float) 255; final int i = (int) 2.9; }", {"scale": 1 / 255, "i": 2}),
    ("kotlin", "const val TOP = 3\nclass A { companion object { const val SIZE = 224; const val Q = true }\n val n = 4 * SIZE * A.SIZE }",
     {"TOP": 3, "SIZE": 224, "Q": True, "n": 200704}),
    ("kotlin", 'object C { val S = "a$TOP b${1 + 1}c"; val T = """x\\n""" }\nval TOP = 7', {"S": "a7 b2c", "T": "x\\n", "TOP": 7}),
    ("kotlin", "fun f() { val a = arrayOf(1, 224, 224, 3); val b = 255.toFloat(); val c = 1 shl 4 or 1; val d = 10L }",
     {"a": [1, 224, 224, 3], "b": 255.0, "c": 17, "d": 10}),
    ("kotlin", "class A { private var size = 224 }", {"size": 224}),
    ("swift", 'enum A { static let info: Info = (name: "net", extension: "tflite") }\nlet p = (3)', {"info": ["net", "tflite"], "p": 3}),
    ("swift", "class A { let inputWidth = 224, h = 3\n static let size: Int = 4 * 224\n private var q = true }",
     {"inputWidth": 224, "h": 3, "size": 896, "q": True}),
    ("swift", 'let a = 1_000 / 3\nlet s = "m\\(a).tflite"\nlet f = Float(3) / 2\nlet (x, y) = (1, 2)\nlet l = [1, 2]\nlet d = ["k": -1]',
     {"a": 333, "s": "m333.tflite", "f": 1.5, "x": 1, "y": 2, "l": [1, 2], "d": {"k": -1}}),
]  # fmt: skip

NOT_CONSTANT = [
    ("java", "class A { static int SIZE = 299; }", "SIZE"),  # another class may set it
    ("java", "class A { private int n = 1; void f() { n = 2; } }", "n"),
    ("java", "class A { private int n = 1; void f() { this.n++; } }", "n"),
    ("java", "class A { private int n = 1; void f() { n += 1; } }", "n"),
    ("java", "class A { void f() { int i = 0; for (i = 0; i < 3; i++) {} } }", "i"),
    ("java", "class A { final int n = f(); }", "n"),
    ("java", "class A { final int n = 1 / 0; }", "n"),
    ("java", "class A { final int n = 2000000000 * 2; }", "n"),
    ("java", "class A { private final int n; A() { n = 2; } A(int m) { n = m; } }", "n"),
    ("java", "class A { void f() { int n; if (g()) n = 1; } }", "n"),
    ("java", "class A { void f() { final int n = g() ? 1 : 2; } }", "n"),
    ("java", "class A { void f() { for (int n : new int[]{1}) {} } }", "n"),
    ("kotlin", "class A { var size = 224 }", "size"),
    ("kotlin", "class A { val size: Int get() = 224 }", "size"),
    ("kotlin", "class A { val size: Int\n get() { return 3 } }", "size"),
    ("kotlin", "class A { val size by prefs }", "size"),
    ("kotlin", "fun f() { var n = 1; n++ }", "n"),
    ("kotlin", "fun f() { for (n in 0 until 3) { g(n) } }", "n"),
    ("swift", "class A { var size = 224 }", "size"),
    ("swift", "class A { var size: Int { return 224 } }", "size"),
    ("swift", "func f() { var n = 1; n += 1 }", "n"),
    ("swift", "func f() { if let n = g() { h(n) } }", "n"),
    ("swift", "func f() { for n in [1] { h(n) } }", "n"),
    ("swift", "let n = a >> 16 & 0xff", "n"),
]


@pytest.mark.parametrize(("language", "code", "expected"), CONSTANTS)
def test_constants_are_folded(language: str, code: str, expected: dict[str, object]) -> None:
    assert values(language, code) == expected
    assert all(type(values(language, code)[k]) is type(v) for k, v in expected.items())


@pytest.mark.parametrize(("language", "code", "name"), NOT_CONSTANT)
def test_what_may_change_is_unknown(language: str, code: str, name: str) -> None:
    assert values(language, code)[name] is UNKNOWN


def test_parts_of_strings() -> None:
    assert values("java", 'class A { void f(int n) { String s = "m_" + n + ".tflite"; } }')["s"] == Text(("m_", None, ".tflite"))
    assert values("kotlin", 'fun f(n: Int) { val s = "$n.tflite" }')["s"] == Text((None, ".tflite"))
    assert values("swift", 'func f(n: Int) { let s = "m\\(n)" }')["s"] == Text(("m", None))


NAMES = [
    ("java", "import org.tensorflow.lite.Interpreter;\nclass A { Object o = new Interpreter(buf, new Interpreter.Options()); }",
     ["org.tensorflow.lite.Interpreter", "org.tensorflow.lite.Interpreter.Options"]),
    ("java", "import java.nio.ByteBuffer;\nclass A { void f() { ByteBuffer b = ByteBuffer.allocateDirect(4); b.putFloat(1); } }",
     ["java.nio.ByteBuffer.allocateDirect", "java.nio.ByteBuffer.allocateDirect().putFloat"]),
    ("java", "import org.tensorflow.lite.Interpreter;\nclass A { private Interpreter t; void f() { t.run(a, b); this.t.close(); } }",
     ["org.tensorflow.lite.Interpreter().run", "org.tensorflow.lite.Interpreter().close"]),
    ("java", "import org.tensorflow.lite.*;\nclass A { void f(Interpreter t) { t.run(a, b); g().h(); } Foo g() { return null; } }",
     ["Interpreter().run", "g().h", "g"]),
    ("java", "import static org.x.Utils.load;\nclass A { void f() { load(1); super.f(); } }", ["org.x.Utils.load", "super.f"]),
    ("kotlin", "import org.tensorflow.lite.Interpreter as I\nval t = I(load(), I.Options())\nfun f() { t.run(a, b) }",
     ["org.tensorflow.lite.Interpreter", "load", "org.tensorflow.lite.Interpreter.Options", "org.tensorflow.lite.Interpreter().run"]),
    ("kotlin", "import org.tensorflow.lite.Interpreter\nval o = Interpreter.Options().apply { setNumThreads(4); addDelegate(g) }",
     ["org.tensorflow.lite.Interpreter.Options().apply", "org.tensorflow.lite.Interpreter.Options",
      "org.tensorflow.lite.Interpreter.Options().setNumThreads", "org.tensorflow.lite.Interpreter.Options().addDelegate"]),
    ("kotlin", "import a.I\nval i by lazy { I(1) }\nfun f() { i.run(); i?.let { it.close() }; val j: I? = null; j!!.run() }",
     ["lazy", "a.I", "a.I().run", "a.I().let", "a.I().close", "a.I().run"]),
    ("swift", "let i = try Interpreter(modelPath: p)\ntry i.allocateTensors()\ni?.copy(d, toInputAt: 0)",
     ["Interpreter", "Interpreter().allocateTensors", "Interpreter().copy"]),
    ("swift", "class A { private var m: VNCoreMLModel!\n func f() { self.m.x(); m!.y() } }", ["VNCoreMLModel().x", "VNCoreMLModel().y"]),
    ("swift", "guard let m = try? MobileNet(configuration: c) else { return }\nm.prediction(image: b)",
     ["MobileNet", "MobileNet().prediction"]),
    ("swift", "let s = { () -> S in return S(1) }()\ns.go()", ["", "S", "S().go"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "expected"), NAMES)
def test_names_of_calls(language: str, code: str, expected: list[str]) -> None:
    assert [call.name for call in read(language, code).calls()] == expected


EXPECTED_TO_FAIL = [
    ("java", "class T { void t() { Assert.assertThrows(E.class, () -> buffer.load(a)); buffer.load(b); } }"),
    ("kotlin", "fun t() { assertFailsWith<E> { buffer.load(a) }; buffer.load(b) }"),
    ("swift", "XCTAssertThrowsError(try buffer.load(a)); try buffer.load(b)"),
    ("typescript", "expect(() => buffer.load(a)).toThrow(E); expect(buffer.load(b)).toBe(1);"),
    ("javascript", "await expect(buffer.load(a)).rejects.toThrow(); await expect(buffer.load(b)).resolves.toBe(1);"),
]


@pytest.mark.parametrize(("language", "code"), EXPECTED_TO_FAIL)
def test_calls_that_a_test_expects_to_fail(language: str, code: str) -> None:
    assert [call.arguments[0].value.text for call in read(language, code).calls("**.load")] == ["b"]


ARGUMENTS = [
    ("java", "class A { static final int S = 224; void f() { ByteBuffer.allocateDirect(4 * 1 * S * S * 3); } }",
     "**.allocateDirect", [("", 602112)]),
    ("java", 'class A { void f() { am.openFd("model.tflite"); } }', "**.openFd", [("", "model.tflite")]),
    ("java", "class A { float[][] o = new float[1][1001]; }", "float[][]", [("", 1), ("", 1001)]),
    ("kotlin", 'val m = FileUtil.loadMappedFile(ctx, "x.tflite")', "FileUtil.loadMappedFile", [("", UNKNOWN), ("", "x.tflite")]),
    ("kotlin", "val r = t.run(output = b, input = 3)", "t.run", [("output", UNKNOWN), ("input", 3)]),
    ("kotlin", "val o = Array(1) { FloatArray(1001) }", "FloatArray", [("", 1001)]),
    ("swift", 'let p = Bundle.main.path(forResource: "m", ofType: "tflite")', "Bundle.main.path",
     [("forResource", "m"), ("ofType", "tflite")]),
    ("swift", "CVPixelBufferCreate(kCFAllocatorDefault, 224, 224, f, nil, &b)", "CVPixelBufferCreate",
     [("", UNKNOWN), ("", 224), ("", 224), ("", UNKNOWN), ("", None), ("", UNKNOWN)]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "pattern", "expected"), ARGUMENTS)
def test_arguments(language: str, code: str, pattern: str, expected: list[tuple[str, object]]) -> None:
    (call,) = read(language, code).calls(pattern)
    assert [(a.label, a.value.value) for a in call.arguments] == expected


def test_argument_by_name_or_position() -> None:
    (call,) = read("swift", "f(a, b: 2, c: 3)").calls("f")
    assert call.argument("b", 0).value == 2  # type: ignore[union-attr]
    assert call.argument("x", 0).text == "a"  # type: ignore[union-attr]
    assert call.argument("x", 1) is None, "a labelled argument is not that of another name"
    assert call.argument("x", 9) is None and call.argument("x") is None
    (spread,) = read("kotlin", "f(1, *rest, 2)").calls("f")
    assert spread.argument(position=0).value == 1  # type: ignore[union-attr]
    assert spread.argument(position=2) is None


def test_the_uses_of_an_object() -> None:
    file = read("swift", """
        class A {
          private var interpreter: Interpreter
          init() throws { interpreter = try Interpreter(modelPath: p)
            options.threadCount = 2 }
          func run() { try interpreter.invoke() }
        }""")  # fmt: skip
    (made,) = file.calls("Interpreter")
    assert [use.method for use in made.uses] == ["invoke"]
    assert not made.escapes
    options = read("swift", "func f() { var o = Interpreter.Options()\no.threadCount = n * 2\no.threadCount = 4\nprint(o.threadCount) }")
    (made,) = options.calls("Interpreter.Options")
    assert [(s.name, s.assigned and s.assigned.value) for s in made.settings] == [
        ("Interpreter.Options().threadCount", UNKNOWN),
        ("Interpreter.Options().threadCount", 4),
    ]


@pytest.mark.parametrize(
    ("language", "code", "escapes"),
    [
        ("swift", "func f() { let i = Interpreter(1); i.invoke() }", False),
        ("swift", "func f() { let i = Interpreter(1); g(i) }", True),
        ("swift", "func f() -> Interpreter { let i = Interpreter(1); return i }", True),
        ("swift", "class A { var i: Interpreter\n init() { i = Interpreter(1) } }", True),
        ("swift", "class A { private var i: Interpreter\n init() { self.i = Interpreter(1) } }", False),
        ("swift", "class A { private var i: Interpreter\n init() { i = Interpreter(1) }\n func f() { b.i = i } }", True),
        ("java", "class A { private Interpreter i = new Interpreter(1); void f() { if (i != null) i.run(); } }", False),
        ("java", "class A { Interpreter i = new Interpreter(1); }", True),
        ("java", "class A { private Interpreter i = new Interpreter(1); Interpreter get() { return i; } }", True),
        ("java", "class A { void f() { Interpreter i = new Interpreter(1); list.add(i); } }", True),
        ("kotlin", "class A { private val i = Interpreter(1)\n fun f() { i.run() } }", False),
        ("kotlin", "class A { val i = Interpreter(1) }", True),
        ("kotlin", "fun f() = Interpreter(1)", True),
    ],
)
def test_where_an_object_gets_to(language: str, code: str, escapes: bool) -> None:
    (made,) = read(language, code).calls("Interpreter")
    assert made.escapes is escapes


def test_where_code_is() -> None:
    file = java("void onDraw() { while (true) { post(() -> { t.run(a); }); } for (;;) t.run(b); } class B { int g() { return t.run(c); } }")
    in_lambda, in_loop, inner = file.calls("t.run")
    assert (in_lambda.in_loop, in_loop.in_loop) == (False, True)
    assert in_lambda.enclosing("post") is next(file.calls("post"))
    assert in_loop.enclosing() is None
    assert [c.function and c.function.id for c in (in_lambda, in_loop, inner)] == ["", "onDraw", "g"]
    assert [c.owner for c in (in_lambda, in_loop, inner)] == ["A", "A", "B"]
    assert [f.id for f in file.functions] == ["onDraw", "", "g"]


def test_declared_types() -> None:
    file = read("kotlin", "import a.b.Interpreter\nclass A { lateinit var t: Interpreter?\n val n: List<Int> = x }")
    assert {v.name: (v.type, v.owner) for v in file.variables} == {"t": ("Interpreter?", "A"), "n": ("List<Int>", "A")}
    (call,) = read("java", "import a.B;\nclass A { void f(B.C<D> x) { x.y(); } }").calls()
    assert call.receiver is not None and call.receiver.type == "a.B.C"


def test_swift_extensions_are_one_class() -> None:
    file = read("swift", "class A { let size = 224 }\nextension A { func f() { g(size, self.size) } }")
    (call,) = file.calls("g")
    assert [a.value.value for a in call.arguments] == [224, 224]


@pytest.mark.parametrize(
    ("language", "code", "modules"),
    [
        ("java", "import a.b.C;\nimport a.d.*;\nimport static a.E.f;\nclass X {}", ["a.b.C", "a.d", "a.E.f"]),
        ("kotlin", "import a.b.C\nimport a.d.*\nimport a.e.F as G\nclass X", ["a.b.C", "a.d", "a.e.F"]),
        ("swift", "import TensorFlowLite\nimport struct A.B\nclass X {}", ["TensorFlowLite", "A.B"]),
    ],
)
def test_imports(language: str, code: str, modules: list[str]) -> None:
    assert [i.module for i in read(language, code).imports] == modules


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", 'class A { void f() { g(1 } int N = 3; void h() { t.run("x"); } }'),
        ("kotlin", 'class A { fun f() { g(1 } \n fun h() { t.run("x") } }'),
        ("swift", 'class A { func f() { g(1 } \n func h() { t.run("x") } }'),
    ],
)
def test_broken_parts_leave_the_rest(language: str, code: str) -> None:
    assert [s.value for s in read(language, code).strings] == ["x"]
    assert list(read(language, code).calls("t.run"))


def test_what_a_guard_binds_may_have_a_type() -> None:
    file = read("swift", "func f() {\n guard let b: Buffer = made(), let c else { return }\n use(b)\n}")
    (use,) = file.calls("use")
    origin = use.arguments[0].value.origin
    assert origin is not None and origin.name == "made"
