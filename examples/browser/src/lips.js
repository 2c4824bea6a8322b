import * as tf from '@tensorflow/tfjs';

const MODEL_URL = '/coach/models/lips/model.json';

/** Loads the mouth-shape model and returns a function from a video frame to five scores. */
export async function lipReader() {
  const model = await tf.loadGraphModel(MODEL_URL);
  return async (video) => {
    const scores = tf.tidy(() => {
      const frame = tf.browser.fromPixels(video).toFloat();
      const image = tf.image.resizeBilinear(frame, [32, 32]).div(255);
      return model.predict(image);
    });
    const values = await scores.data();
    scores.dispose();
    return Array.from(values);
  };
}
