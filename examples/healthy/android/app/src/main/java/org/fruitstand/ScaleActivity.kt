package org.fruitstand

import android.app.Activity
import android.graphics.BitmapFactory
import android.os.Bundle
import android.widget.TextView
import java.io.File
import java.util.concurrent.Executors

/** Shows what lies on the scale: the scale writes its last picture to the app's folder. */
class ScaleActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor()
    private lateinit var answer: TextView

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        answer = TextView(this)
        setContentView(answer)
        worker.execute {
            FruitClassifier(this).use { classifier ->
                val picture = BitmapFactory.decodeFile(File(filesDir, "last.png").path) ?: return@execute
                val fruit = classifier.classify(picture)
                runOnUiThread { answer.text = fruit }
            }
        }
    }

    override fun onDestroy() {
        worker.shutdown()
        super.onDestroy()
    }
}
