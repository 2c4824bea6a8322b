package org.fruitstand

import android.content.Context
import java.io.FileInputStream
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel

/** Maps an asset that the build leaves uncompressed. */
fun Context.mapAsset(name: String): MappedByteBuffer =
    assets.openFd(name).use { asset ->
        FileInputStream(asset.fileDescriptor).use { stream ->
            stream.channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
        }
    }
