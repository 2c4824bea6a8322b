package org.leafdoctor;

import android.content.Context;
import java.nio.MappedByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.lite.Interpreter;

/** Lower and upper bound of the harvest in kilograms. */
public final class HarvestEstimator implements AutoCloseable {
    private static final String MODEL_FILE = "harvest_interval.tflite";

    private final Interpreter interpreter;

    public HarvestEstimator(Context context) {
        MappedByteBuffer model = ModelFilesKt.mapModel(context, MODEL_FILE);
        interpreter = new Interpreter(model, new Interpreter.Options());
    }

    public float[] bounds(float mean, float spread) {
        Map<String, Object> inputs = new HashMap<>();
        inputs.put("estimate", new float[][] {{mean, spread}});
        inputs.put("levels", new float[][] {{-0.9f, 0.9f}});
        float[][] kilograms = new float[1][2];
        Map<String, Object> outputs = new HashMap<>();
        outputs.put("kilograms", kilograms);
        interpreter.runSignature(inputs, outputs);
        return kilograms[0];
    }

    @Override
    public void close() {
        interpreter.close();
    }
}
