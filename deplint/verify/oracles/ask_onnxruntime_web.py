"""ONNX Runtime Web: does a session begin in Node, on WebAssembly?

The package is that of the folder ``node_modules`` which is the script's second argument. Files beside the model that it names are given
with it, as a page has to.
"""

from __future__ import annotations

import json
import subprocess
import sys

from serve import serve

SCRIPT = """
const [modules] = process.argv.slice(1);
const fs = require('fs'), path = require('path'), lines = require('readline');
const ort = require('module').createRequire(path.join(modules, 'x.js'))('onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';
console.log = console.warn = console.error = () => {};
process.on('unhandledRejection', () => {});
(async () => {
  for await (const line of lines.createInterface({ input: process.stdin })) {
    let error = '';
    try {
      const file = JSON.parse(line), folder = path.dirname(file);
      const content = new Uint8Array(fs.readFileSync(file));
      const words = Buffer.from(content).toString('latin1');
      const beside = fs.readdirSync(folder).filter((name) => !name.endsWith('.onnx') && words.includes(name));
      const externalData = beside.map((name) => ({ path: name, data: new Uint8Array(fs.readFileSync(path.join(folder, name))) }));
      const session = await ort.InferenceSession.create(content, { executionProviders: ['wasm'], logSeverityLevel: 4, externalData });
      await session.release();
    } catch (caught) {
      error = String((caught && caught.message) || caught) || 'an error without words';
    }
    fs.writeSync(1, JSON.stringify(error) + '\\n');
  }
})();
"""

DEAD = ("abort", "unreachable", "memory access", "out of bounds", "null function", "out of memory", "RuntimeError", "previous call")
"""Words of errors after which a WebAssembly program answers nothing more."""

_RUNNING: list[subprocess.Popen[str]] = []


def node() -> subprocess.Popen[str]:
    if not _RUNNING or _RUNNING[-1].poll() is not None:
        command = ["node", "-e", SCRIPT, sys.argv[2]]
        _RUNNING.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
    return _RUNNING[-1]


def answer(path: str, target: str, numeric: bool) -> None:
    process = node()
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(path) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        process.wait()
        raise RuntimeError(f"Node ended with {process.returncode}")
    error = json.loads(line)
    if error:
        if any(word in error for word in DEAD):
            process.kill()
            process.wait()
        raise RuntimeError(error)


serve(answer)
