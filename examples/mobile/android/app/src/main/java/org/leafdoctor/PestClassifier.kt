package org.leafdoctor

import android.content.Context
import android.graphics.Bitmap
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/** Names the pest on a close-up. */
class PestClassifier(context: Context) : AutoCloseable {
    private val interpreter = Interpreter(mapModel(context, "pest_uint8.tflite"))
    private val input = ByteBuffer.allocateDirect(BYTES_PER_CHANNEL * SIZE * SIZE * 3).order(ByteOrder.nativeOrder())
    private val pixels = IntArray(SIZE * SIZE)

    fun classify(photo: Bitmap): Int {
        val scaled = Bitmap.createScaledBitmap(photo, SIZE, SIZE, true)
        scaled.getPixels(pixels, 0, SIZE, 0, 0, SIZE, SIZE)
        input.rewind()
        for (pixel in pixels) {
            for (shift in intArrayOf(16, 8, 0)) {
                val value = pixel shr shift and 0xFF
                if (IS_QUANTIZED) input.put(value.toByte()) else input.putFloat(value.toFloat())
            }
        }
        val scores = Array(1) { ByteArray(4) }
        interpreter.run(input, scores)
        return scores[0].indices.maxByOrNull { scores[0][it].toInt() and 0xFF } ?: 0
    }

    override fun close() = interpreter.close()

    private companion object {
        const val SIZE = 64
        const val IS_QUANTIZED = false
        const val BYTES_PER_CHANNEL = 4
    }
}
