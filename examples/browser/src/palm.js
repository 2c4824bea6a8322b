import * as tf from '@tensorflow/tfjs';

const MODEL_URL = '/coach/models/palm/model.json';

/** The box around the palm: left, top, right, bottom in 0..1. */
export class PalmFinder {
  async load() {
    this.model = await tf.loadGraphModel(MODEL_URL);
  }

  async find(video) {
    const box = tf.tidy(() => {
      const frame = tf.browser.fromPixels(video).toFloat().div(255);
      const image = tf.image.resizeBilinear(frame, [64, 64]);
      return this.model.predict(image.expandDims(0));
    });
    const [left, top, right, bottom] = await box.data();
    box.dispose();
    return { left, top, right, bottom };
  }
}
