// deplint: ignore-file[DPL801, DPL802, DPL805, DPL806] every line here repeats a fault on purpose
// Prints the number of every browser rule whose fault TensorFlow.js and ONNX Runtime confirm; argument: examples/browser.
const fs = require('fs');
const path = require('path');
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-wasm');
const ort = require('onnxruntime-node');

const models = path.join(process.argv[2], 'public', 'models');

function source(name) {
  const folder = path.join(models, name);
  const json = JSON.parse(fs.readFileSync(path.join(folder, 'model.json')));
  return {
    load: async () => {
      const shards = json.weightsManifest.flatMap((group) => group.paths).map((file) => fs.readFileSync(path.join(folder, file)));
      const { modelTopology, format, signature } = json;
      const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
      return { modelTopology, format, signature, weightSpecs, weightData: new Uint8Array(Buffer.concat(shards)).buffer };
    },
  };
}

const graph = (name) => tf.loadGraphModel(source(name));
const layers = (name) => tf.loadLayersModel(source(name));
const words = () => ort.InferenceSession.create(path.join(models, 'words.onnx'));

const cases = {
  R241: [() => layers('hands'), 'An InputLayer should be passed either'],
  R249: [() => tf.setBackend('webgpu'), "Backend name 'webgpu' not found in registry"],
  R270: [() => graph('gesture').predict(tf.zeros([1, 32, 32, 3])), 'predict is not a function'],
  R261: [() => layers('pose'), 'Improper config format'],
  R281: [async () => (await graph('gesture')).predict(tf.zeros([1, 64, 64, 3])), 'must be [-1,32,32,3], but was [1,64,64,3]'],
  R233: [async () => (await graph('palm')), 'group1-shard2of2.bin'],
  R280: [async () => (await graph('lips')).predict(tf.zeros([32, 32, 3])), 'must be [-1,32,32,3], but was [32,32,3]'],
  R255: [() => tf.fromPixels(null, 1), 'tf.fromPixels is not a function'],
  R284: [() => new ort.Tensor('int64', Int32Array.from([1]), [1, 1]), "A int64 tensor's data must be type of"],
  R025: [async () => (await words()).run({ input_ids: new ort.Tensor('int64', [1n], [1, 1]) }), "input 'tokens' is missing in 'feeds'"],
  R254: [
    async () => {
      await tf.setBackend('wasm');
      (await graph('lips')).predict(tf.zeros([1, 32, 32, 3]));
    },
    "Kernel 'Softplus' not registered for backend 'wasm'",
  ],
};

(async () => {
  for (const [rule, [act, words]] of Object.entries(cases)) {
    await tf.setBackend('cpu');
    try {
      await act();
      console.error(`${rule}: nothing was thrown`);
    } catch (error) {
      if (error.message.includes(words)) console.log(rule);
      else console.error(`${rule}: ${error.message.slice(0, 300)}`);
    }
  }
})();
