import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** WebGL where there is a graphics card, WebAssembly elsewhere. */
export async function chooseBackend() {
  setWasmPaths('/tfjs/');
  const backend = document.createElement('canvas').getContext('webgl2') ? 'webgl' : 'wasm';
  await tf.setBackend(backend);
  await tf.ready();
}
