package org.leafdoctor

import android.content.Context
import org.tensorflow.lite.Interpreter

/** Unripe, ripe or past it, from a 64 x 64 photo with values 0..255. */
class RipenessClassifier(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(mapModel(context, "ripeness.tflite"))

    fun classify(photo: Array<Array<Array<FloatArray>>>): FloatArray {
        val scores = Array(1) { FloatArray(3) }
        interpreter.run(photo, scores)
        return scores[0]
    }

    override fun close() = interpreter.close()
}
