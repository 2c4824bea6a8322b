package org.leafdoctor

import android.content.Context
import android.graphics.Bitmap
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/** Names the condition of a leaf. The model takes and gives bytes. */
class LeafClassifier(context: Context) : AutoCloseable {
    private val labels = context.assets.open("labels.txt").bufferedReader().readLines().filter { it.isNotBlank() }
    private val interpreter = Interpreter(mapModel(context, MODEL_FILE), Interpreter.Options().setNumThreads(2))
    private val input = ByteBuffer.allocateDirect(interpreter.getInputTensor(0).numBytes()).order(ByteOrder.nativeOrder())
    private val pixels = IntArray(INPUT_SIZE * INPUT_SIZE)

    fun classify(photo: Bitmap): Pair<String, Float> {
        val scaled = Bitmap.createScaledBitmap(photo, INPUT_SIZE, INPUT_SIZE, true)
        scaled.getPixels(pixels, 0, INPUT_SIZE, 0, 0, INPUT_SIZE, INPUT_SIZE)
        input.rewind()
        for (pixel in pixels) {
            input.put((pixel shr 16 and 0xFF).toByte())
            input.put((pixel shr 8 and 0xFF).toByte())
            input.put((pixel and 0xFF).toByte())
        }
        val scores = Array(1) { ByteArray(labels.size) }
        interpreter.run(input, scores)
        val best = scores[0].indices.maxByOrNull { scores[0][it].toInt() and 0xFF } ?: 0
        return labels[best] to (scores[0][best].toInt() and 0xFF) / 255f
    }

    override fun close() = interpreter.close()

    private companion object {
        const val MODEL_FILE = "leaf_int8.tflite"
        const val INPUT_SIZE = 224
    }
}
