package org.fruitstand;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import android.content.Context;
import java.util.Collections;

/** Unripe, ripe or past it, from six colour statistics. */
public final class Ripeness implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    public Ripeness(Context context) throws OrtException {
        session = environment.createSession(AssetsKt.mapAsset(context, "ripeness.onnx"));
    }

    public float[] scores(float[] colours) throws OrtException {
        try (OnnxTensor input = OnnxTensor.createTensor(environment, new float[][] {colours});
                OrtSession.Result result = session.run(Collections.singletonMap("colours", input))) {
            return ((float[][]) result.get(0).getValue())[0];
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
