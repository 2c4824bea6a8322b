package org.demo;

import android.os.Bundle;
import android.os.Handler;
import android.os.HandlerThread;

public class DetectorActivity extends CameraActivity {
  private static final int INPUT_SIZE = 64;
  private static final boolean IS_QUANTIZED = false;
  private static final String MODEL_FILE = "detect.tflite";
  private static final String LABELS_FILE = "file:///android_asset/labelmap.txt";
  private Detector detector;

  @Override
  public void onPreviewSizeChosen(final Size size, final int rotation) {
    try {
      detector = TFLiteDetector.create(getAssets(), MODEL_FILE, LABELS_FILE, INPUT_SIZE, IS_QUANTIZED);
    } catch (final IOException e) {
      finish();
    }
  }

  protected void processImage() {
    runInBackground(new Runnable() {
      @Override
      public void run() {
        final List<Recognition> results = detector.detect(photo);
      }
    });
  }
}
