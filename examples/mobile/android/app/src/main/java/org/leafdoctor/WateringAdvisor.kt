package org.leafdoctor

import android.content.Context
import org.tensorflow.lite.Interpreter

/** Litres of water for tomorrow, from fourteen days of rain, sun, wind and temperature. */
class WateringAdvisor(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(mapModel(context, "watering.lite"))

    fun litres(weather: Array<FloatArray>): Float {
        val litres = Array(1) { FloatArray(1) }
        interpreter.run(arrayOf(weather), litres)
        return litres[0][0]
    }

    override fun close() = interpreter.close()
}
