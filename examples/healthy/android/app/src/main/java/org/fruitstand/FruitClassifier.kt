package org.fruitstand

import android.content.Context
import android.graphics.Bitmap
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/** Names the fruit in a picture; bytes in, bytes out. */
class FruitClassifier(context: Context) : AutoCloseable {
    private val labels = context.assets.open("labels.txt").bufferedReader().readLines()
    private val interpreter = Interpreter(context.mapAsset("fruit_uint8.tflite"))
    private val input =
        ByteBuffer.allocateDirect(BYTES_PER_CHANNEL * INPUT_SIZE * INPUT_SIZE * 3).order(ByteOrder.nativeOrder())

    fun classify(picture: Bitmap): String {
        val scaled = Bitmap.createScaledBitmap(picture, INPUT_SIZE, INPUT_SIZE, true)
        input.rewind()
        for (y in 0 until INPUT_SIZE) {
            for (x in 0 until INPUT_SIZE) {
                val pixel = scaled.getPixel(x, y)
                input.put((pixel shr 16).toByte()).put((pixel shr 8).toByte()).put(pixel.toByte())
            }
        }
        val scores = Array(1) { ByteArray(labels.size) }
        interpreter.run(input, scores)
        return labels[scores[0].indices.maxBy { scores[0][it].toInt() and 0xFF }]
    }

    override fun close() = interpreter.close()

    private companion object {
        const val INPUT_SIZE = 48
        const val IS_QUANTIZED = true
        val BYTES_PER_CHANNEL = if (IS_QUANTIZED) 1 else 4
    }
}
