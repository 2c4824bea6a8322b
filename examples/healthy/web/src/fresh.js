import * as tf from '@tensorflow/tfjs';
import { SIZE, fromPixels } from './pixels.js';

const model = tf.loadGraphModel('/models/fresh/model.json').then((loaded) => {
  tf.tidy(() => loaded.predict(tf.zeros([1, SIZE, SIZE, 3])));
  return loaded;
});

/** How fresh the fruit looks, 0..1. */
export function freshness(video) {
  return model.then(async (loaded) => {
    const fresh = tf.tidy(() => loaded.predict({ picture: fromPixels(video) }));
    const [value] = await fresh.data();
    fresh.dispose();
    return value;
  });
}
