package com.example.leaf

import android.content.Context
import android.graphics.Bitmap
import java.io.FileInputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel
import org.tensorflow.lite.Interpreter

class LeafClassifier(private val context: Context, private val modelName: String = MODEL_FILE) {
    private lateinit var interpreter: Interpreter
    private lateinit var imgData: ByteBuffer
    private val labels = context.assets.open("labels.txt").bufferedReader().readLines()
    private val intValues = IntArray(INPUT_SIZE * INPUT_SIZE)

    fun setup() {
        val options = Interpreter.Options()
        options.setNumThreads(4)
        interpreter = Interpreter(loadModelFile(MODEL_FILE), options)
        imgData = ByteBuffer.allocateDirect(1 * INPUT_SIZE * INPUT_SIZE * 3 * 4)
        imgData.order(ByteOrder.nativeOrder())
    }

    private fun loadModelFile(name: String): MappedByteBuffer {
        val fd = context.assets.openFd(name)
        val stream = FileInputStream(fd.fileDescriptor)
        return stream.channel.map(FileChannel.MapMode.READ_ONLY, fd.startOffset, fd.declaredLength)
    }

    private fun convert(bitmap: Bitmap) {
        imgData.rewind()
        bitmap.getPixels(intValues, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
        var pixel = 0
        for (i in 0 until INPUT_SIZE) {
            for (j in 0 until INPUT_SIZE) {
                val v = intValues[pixel++]
                imgData.putFloat(((v shr 16) and 0xFF) / 255.0f)
                imgData.putFloat(((v shr 8) and 0xFF) / 255.0f)
                imgData.putFloat((v and 0xFF) / 255.0f)
            }
        }
    }

    fun classify(bitmap: Bitmap): String {
        val scaled = Bitmap.createScaledBitmap(bitmap, INPUT_SIZE, INPUT_SIZE, true)
        convert(scaled)
        val result = Array(1) { FloatArray(NUM_CLASSES) }
        interpreter.run(imgData, result)
        val best = result[0].indices.maxByOrNull { result[0][it] } ?: 0
        return labels[best]
    }

    companion object {
        private const val MODEL_FILE = "leaf.tflite"
        private const val INPUT_SIZE = 96
        private const val NUM_CLASSES = 5
    }
}
