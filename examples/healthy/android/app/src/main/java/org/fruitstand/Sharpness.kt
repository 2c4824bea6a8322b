package org.fruitstand

import android.content.Context
import org.tensorflow.lite.Interpreter

/** How sharp a grey 48 x 48 picture is. The model needs the select ops that the build adds. */
class Sharpness(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(context.mapAsset("sharpness.tflite"))

    fun measure(grey: Array<Array<FloatArray>>): Float {
        val sharpness = FloatArray(1)
        interpreter.run(grey, sharpness)
        return sharpness[0]
    }

    override fun close() = interpreter.close()
}
