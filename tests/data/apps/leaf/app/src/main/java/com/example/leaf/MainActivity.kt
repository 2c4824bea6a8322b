package com.example.leaf

import android.os.Bundle
import androidx.appcompat.app.AppCompatActivity
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import androidx.camera.lifecycle.ProcessCameraProvider
import java.util.concurrent.Executors

class MainActivity : AppCompatActivity() {
    private val executor = Executors.newSingleThreadExecutor()
    private lateinit var classifier: LeafClassifier

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_main)
        executor.execute {
            classifier = LeafClassifier(this)
            classifier.setup()
        }
        startCamera()
    }

    private fun startCamera() {
        val future = ProcessCameraProvider.getInstance(this)
        future.addListener({
            val analysis = ImageAnalysis.Builder().setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST).build()
            analysis.setAnalyzer(executor, Analyzer())
            future.get().bindToLifecycle(this, selector, analysis)
        }, mainExecutor)
    }

    private inner class Analyzer : ImageAnalysis.Analyzer {
        override fun analyze(image: ImageProxy) {
            val bitmap = rotate(image.toBitmap(), image.imageInfo.rotationDegrees)
            val label = classifier.classify(bitmap)
            runOnUiThread { text.text = label }
            image.close()
        }
    }
}
