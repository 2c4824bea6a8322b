"""Objective-C: read as C++ and told in Swift's names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.code import source_objc_text
from deplint.code.source import SourceFile
from deplint.code.source_objc_text import rewrite


def objc(text: str) -> SourceFile:
    return SourceFile("App/Judge.mm", text, "objc")


def method(body: str) -> SourceFile:
    return objc("#import <Foundation/Foundation.h>\n@implementation Judge\n- (void)run {\n" + body + "\n}\n@end\n")


def as_swift(code: str) -> str:
    """The first call of a method's body, as Swift would write it."""
    call = next(method(code + ";").calls())
    return f"{call.name}({', '.join((a.label + ': ' if a.label else '') + a.value.text for a in call.arguments)})"


@pytest.mark.parametrize(
    ("code", "swift"),
    [
        ("[a b]", "a.b()"),
        ("[a b:x c:y]", "a.b(x, c: y)"),
        ("[(A *)x b:y]", "x.b(y)"),
        ("[Foo<Bar *> make]", "Foo.make()"),
        ("[Foo new]", "Foo()"),
        ("[[Foo alloc] init]", "Foo()"),
        ("[[VNCoreMLRequest alloc] initWithModel:m completionHandler:h]", "VNCoreMLRequest(model: m, completionHandler: h)"),
        ("[[CIImage alloc] initWithCVPixelBuffer:b]", "CIImage(cvPixelBuffer: b)"),
        ("[[Foo alloc] initWithURL:u error:&e]", "Foo(url: u)"),
        ("[[NSBundle mainBundle] pathForResource:a ofType:b]", "Bundle.main.path(forResource: a, ofType: b)"),
        ("[NSBundle.mainBundle URLForResource:a withExtension:b]", "Bundle.main.url(forResource: a, withExtension: b)"),
        ("[NSURL fileURLWithPath:p]", "URL(fileURLWithPath: p)"),
        ("[MLModel modelWithContentsOfURL:u configuration:c error:nil]", "MLModel(contentsOf: u, configuration: c)"),
        ("[VNCoreMLModel modelForMLModel:m error:&e]", "VNCoreMLModel(for: m)"),
        ("[[TFLInterpreter alloc] initWithModelPath:p error:&e]", "Interpreter(modelPath: p)"),
        ("[i allocateTensorsWithError:&e]", "i.allocateTensors()"),
        ("[i inputTensorAtIndex:0 error:nil]", "i.input(at: 0)"),
        ("[leaves predictionFromImage:b error:&e]", "leaves.prediction(image: b)"),
        ("[session runWithInputs:a outputNames:b runOptions:o error:&e]", "session.run(withInputs: a, outputNames: b, runOptions: o)"),
        ("dispatch_async(dispatch_get_main_queue(), ^{ f(); })", "DispatchQueue.main.async(^{ f(); })"),
        ("torch::jit::_load_for_mobile(p.UTF8String)", "torch.jit._load_for_mobile(p.UTF8String)"),
        ("tflite::FlatBufferModel::BuildFromFile(p)", "tflite.FlatBufferModel.BuildFromFile(p)"),
        ("std::make_unique<Foo>(x)", "std.make_unique(x)"),
        ("return [a b]", "a.b()"),
        ("if (x) [a b]", "a.b()"),
        ("y = x ? [a b:c] : 0", "a.b(c)"),
        ("[a b:c ? d : e]", "a.b(c ? d : e)"),
        ("for (id x in [a b]) {}", "a.b()"),
    ],
)  # fmt: skip
def test_messages_are_calls_with_swifts_names(code: str, swift: str) -> None:
    assert as_swift(code) == swift


@pytest.mark.parametrize("code", ["x = a[i]", "x = f[(int)i]", "auto f = [&](int x) { return x; }", "auto f = [self, x] {}", "x = a ^ b"])
def test_what_is_no_message(code: str) -> None:
    assert list(method(code + ";").calls()) == []


def test_names_values_and_imports() -> None:
    file = objc(
        "@import TFLTensorFlowLite;\n#import <Vision/Vision.h>\n#import \"Judge.h\"\n"
        'static NSString *const kModel = @"leaves" @".tflite";\nstatic const int kSize = 2 * 112;\n'
        "@interface Judge ()\n@property(nonatomic, strong) TFLInterpreter *interpreter;\n@end\n"
        "@implementation Judge {\n  float _scale;\n}\n"
        "- (void)open {\n  _scale = 1.5f;\n  BOOL on = YES;\n  id n = nil;\n  id d = @{@\"a\": @[@1, @(kSize)], @\"b\": @YES};\n"
        "  self.interpreter = [[TFLInterpreter alloc] initWithModelPath:kModel error:nil];\n}\n"
        "- (BOOL)run:(NSData *)data with:(void (^)(NSArray *))done {\n"
        "  __weak typeof(self) weakSelf = self;\n  [_interpreter invokeWithError:nil];\n"
        "  f(^{ [weakSelf.interpreter outputTensorAtIndex:0 error:nil]; });\n  return NO;\n}\n@end\n"
    )  # fmt: skip
    assert [i.module for i in file.imports] == ["TensorFlowLite", "Vision", "Judge"]
    values = {v.name: v.value for v in file.variables}
    assert (values["kModel"], values["kSize"], values["scale"], values["on"]) == ("leaves.tflite", 224, 1.5, True)
    assert (values["n"], values["d"]) == (None, {"a": [1, 224], "b": True})
    made, invoked = next(file.calls("Interpreter")), next(file.calls("**.invoke"))
    assert invoked.receiver is not None
    assert invoked.receiver.origin is made
    assert [use.method for use in made.uses] == ["invoke", "output"]
    assert [(f.id, [p.target.text for p in f.parameters]) for f in file.functions] == [("open", []), ("run", ["data", "done"]), ("", [])]


def test_places_are_those_of_the_original() -> None:
    text = '#import <A/A.h>\n@implementation J\n// é\n- (void)f {\n    NSString *é = @"ü"; [[Foo alloc]\n      initWithName:é];\n}\n@end\n'
    (call,) = objc(text).calls()
    assert (call.span.line, call.span.column, call.span.end_line, call.span.end_column) == (5, 25, 6, 22)
    assert call.text == "[[Foo alloc]\n      initWithName:é]"
    assert call.arguments[0].value.value == "ü"


def test_both_branches_of_a_condition_are_read_unless_braces_disagree() -> None:
    file = method("#if A\n  f();\n#else\n  g();\n#endif\n#ifdef B\n  if (x) {\n#elif C\n  if (y) {\n#else\n if (z) {\n#endif\n  h(); }")
    assert [call.name for call in file.calls()] == ["f", "g", "h"]


def test_macros_of_react_native() -> None:
    file = objc(
        "#import <React/RCTBridgeModule.h>\nNS_ASSUME_NONNULL_BEGIN\n@implementation M\nRCT_EXPORT_MODULE()\n"
        "RCT_REMAP_METHOD(load, loadModel:(NSString *)path\n  resolver:(RCTPromiseResolveBlock)resolve) {\n  [self open:path];\n}\n"
        "RCT_EXTERN_METHOD(x:(int)y)\n+ (BOOL)requiresMainQueueSetup { return NO; }\n@end\nNS_ASSUME_NONNULL_END\n"
    )
    assert [f.id for f in file.functions] == ["loadModel", "requiresMainQueueSetup"]
    assert [call.name for call in file.calls()] == ["this.open"]


def test_files_of_other_languages_of_that_name_are_left_alone(tmp_path: Path) -> None:
    from deplint.code.source import sniff
    from deplint.project import File

    for name, text, wanted in (
        ("a.m", "function y = f(x)\n  y = x';\nend\n", False),
        ("b.m", "#import <A.h>\n@implementation B\n", True),
        ("c.cc", "#include <vector>\nint main() {}\n", False),
        ("d.cc", '#include "tensorflow/lite/interpreter.h"\n', True),
    ):
        (tmp_path / name).write_text(text)
        assert sniff(File(tmp_path / name, name)) is wanted


def test_cpp_is_read_without_objective_c() -> None:
    file = SourceFile(
        "src/main.cc",
        '#include "tensorflow/lite/interpreter.h"\n#define N 3\nint main() {\n  const int size = 2 * 112;\n'
        '  std::unique_ptr<tflite::FlatBufferModel> model = tflite::FlatBufferModel::BuildFromFile("a.tflite");\n'
        "  torch::jit::Module net(path);\n  auto out = interpreter->typed_tensor<float>(size)[0] ^ mask;\n"
        "  TFLITE_CHECK(interpreter->Invoke() == kTfLiteOk);\n  run([&](int i) { return net.forward({i}); });\n}\n",
        "cpp",
    )
    assert [i.module for i in file.imports] == ["tensorflow/lite/interpreter.h"]
    assert [call.name for call in file.calls()] == [
        "tflite.FlatBufferModel.BuildFromFile", "torch.jit.Module", "interpreter.typed_tensor", "TFLITE_CHECK", "interpreter.Invoke", "run",
        "torch.jit.Module().forward",
    ]  # fmt: skip
    assert next(file.calls("**.typed_tensor")).arguments[0].value.value == 224


def test_too_much_is_not_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_objc_text, "TOKENS", 10)
    file = objc("@implementation A\n- (void)f { [a b]; [c d]; }\n@end\n")
    assert list(file.calls()) == []
    assert file.problem == "longer or more deeply nested than a person writes"
    assert rewrite("[" * 300 + "]" * 300) is None


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='[]{}()@^:;,ab_ "\n#*', max_size=60))
def test_every_piece_comes_from_where_it_says(text: str) -> None:
    done = rewrite(text)
    assert done is not None
    assert all(0 <= first <= last <= len(text) for first, last in done.pieces)
    for start in range(0, len(done.text), 7):
        first, last = done.original(start, start + 1)
        assert 0 <= first <= last <= len(text)
