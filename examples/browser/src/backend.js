import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** Picks the fastest backend this browser offers. */
export async function chooseBackend() {
  setWasmPaths(`${import.meta.env.BASE_URL}tfjs/`);
  const fastest = 'gpu' in navigator ? 'webgpu' : 'wasm';
  if (fastest === 'webgpu') {
    await tf.setBackend('webgpu');
  } else {
    await tf.setBackend('wasm');
  }
  await tf.ready();
}
