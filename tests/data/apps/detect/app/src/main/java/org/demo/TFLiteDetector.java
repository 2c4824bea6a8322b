package org.demo;

import android.content.res.AssetFileDescriptor;
import android.content.res.AssetManager;
import android.graphics.Bitmap;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.lite.Interpreter;

public class TFLiteDetector implements Detector {
  private static final int NUM_RESULTS = 10;
  private static final int NUM_CLASSES = 3;
  private static final float IMAGE_MEAN = 128.0f;
  private static final float IMAGE_STD = 128.0f;
  private boolean quantized;
  private int inputSize;
  private int[] colors;
  private float[][][][] boxes;
  private float[][][] classes;
  private ByteBuffer pixels;
  private Interpreter interpreter;

  private TFLiteDetector() {}

  private static MappedByteBuffer mapped(AssetManager assets, String model) throws IOException {
    AssetFileDescriptor asset = assets.openFd(model);
    FileInputStream stream = new FileInputStream(asset.getFileDescriptor());
    FileChannel channel = stream.getChannel();
    return channel.map(FileChannel.MapMode.READ_ONLY, asset.getStartOffset(), asset.getDeclaredLength());
  }

  public static Detector create(final AssetManager assets, final String model, final String labels, final int inputSize, final boolean isQuantized) throws IOException {
    final TFLiteDetector made = new TFLiteDetector();
    made.inputSize = inputSize;
    try {
      made.interpreter = new Interpreter(mapped(assets, model));
    } catch (Exception e) {
      throw new RuntimeException(e);
    }
    made.quantized = isQuantized;
    int width = isQuantized ? 1 : 4;
    made.pixels = ByteBuffer.allocateDirect(1 * made.inputSize * made.inputSize * 3 * width);
    made.pixels.order(ByteOrder.nativeOrder());
    made.colors = new int[made.inputSize * made.inputSize];
    made.interpreter.setNumThreads(4);
    made.boxes = new float[1][NUM_RESULTS][1][4];
    made.classes = new float[1][NUM_RESULTS][NUM_CLASSES];
    return made;
  }

  public List<Recognition> detect(final Bitmap bitmap) {
    bitmap.getPixels(colors, 0, bitmap.getWidth(), 0, 0, bitmap.getWidth(), bitmap.getHeight());
    pixels.rewind();
    for (int i = 0; i < inputSize; ++i) {
      for (int j = 0; j < inputSize; ++j) {
        int color = colors[i * inputSize + j];
        if (quantized) {
          pixels.put((byte) ((color >> 16) & 0xFF));
          pixels.put((byte) ((color >> 8) & 0xFF));
          pixels.put((byte) (color & 0xFF));
        } else {
          pixels.putFloat((((color >> 16) & 0xFF) - IMAGE_MEAN) / IMAGE_STD);
          pixels.putFloat((((color >> 8) & 0xFF) - IMAGE_MEAN) / IMAGE_STD);
          pixels.putFloat(((color & 0xFF) - IMAGE_MEAN) / IMAGE_STD);
        }
      }
    }
    Object[] inputs = {pixels};
    Map<Integer, Object> outputs = new HashMap<>();
    outputs.put(1, boxes);
    outputs.put(0, classes);
    interpreter.runForMultipleInputsOutputs(inputs, outputs);
    return decode(boxes, classes);
  }
}
