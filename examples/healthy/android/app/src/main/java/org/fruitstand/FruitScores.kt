package org.fruitstand

import android.content.Context
import java.nio.FloatBuffer
import org.tensorflow.lite.Interpreter

/** The half-precision model, for phones with a GPU: float values 0..255 in, scores out. */
class FruitScores(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(context.mapAsset("fruit_float16.tflite"))
    private val shape = interpreter.getInputTensor(0).shape()

    /** Expects height * width * 3 values. */
    fun scores(picture: FloatBuffer): FloatArray {
        require(picture.remaining() == shape[1] * shape[2] * shape[3])
        val scores = Array(1) { FloatArray(interpreter.getOutputTensor(0).shape()[1]) }
        interpreter.run(picture, scores)
        return scores[0]
    }

    override fun close() = interpreter.close()
}
