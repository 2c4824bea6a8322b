package org.leafdoctor

import android.content.Context
import org.tensorflow.lite.Interpreter

/** Scores seven symptoms in four marked spots of a photo with values 0..255. */
class SymptomFinder(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(mapModel(context, "symptoms.tflite"))

    fun find(photo: Array<Array<Array<FloatArray>>>, boxes: Array<FloatArray>): Array<FloatArray> {
        val symptoms = Array(4) { FloatArray(7) }
        interpreter.runSignature(mapOf("photo" to photo, "boxes" to boxes), mapOf("symptoms" to symptoms))
        return symptoms
    }

    override fun close() = interpreter.close()
}
