package org.leafdoctor

import android.graphics.ImageDecoder
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import androidx.activity.result.contract.ActivityResultContracts
import androidx.appcompat.app.AppCompatActivity
import androidx.lifecycle.lifecycleScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

class MainActivity : AppCompatActivity() {
    private lateinit var answer: TextView
    private val pick = registerForActivityResult(ActivityResultContracts.GetContent()) { uri -> uri?.let(::diagnose) }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        answer = TextView(this)
        val button = Button(this).apply {
            text = "Choose a photo"
            setOnClickListener { pick.launch("image/*") }
        }
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            addView(button)
            addView(answer)
        })
    }

    private fun diagnose(uri: Uri) {
        lifecycleScope.launch {
            answer.text = withContext(Dispatchers.Default) {
                val photo = if (Build.VERSION.SDK_INT >= 28) {
                    ImageDecoder.decodeBitmap(ImageDecoder.createSource(contentResolver, uri)) { decoder, _, _ ->
                        decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
                    }
                } else {
                    @Suppress("DEPRECATION")
                    MediaStore.Images.Media.getBitmap(contentResolver, uri)
                }
                LeafClassifier(this@MainActivity).use { classifier ->
                    val (condition, score) = classifier.classify(photo)
                    "%s (%.0f%%)".format(condition, score * 100)
                }
            }
        }
    }
}
