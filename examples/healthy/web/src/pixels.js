import * as tf from '@tensorflow/tfjs';

export const SIZE = 48;

/** A video frame as float32 [1, 48, 48, 3] with values 0..1. */
export function fromPixels(video, size = SIZE) {
  const frame = tf.browser.fromPixels(video).toFloat().div(255);
  return tf.image.resizeBilinear(frame, [size, size]).expandDims(0);
}
