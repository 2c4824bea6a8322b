plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

val tflite = "2.16.1"

android {
    namespace = "org.fruitstand"
    compileSdk = 34

    defaultConfig {
        applicationId = "org.fruitstand"
        minSdk = 26
        targetSdk = 34
        versionCode = 8
        versionName = "1.8"
        ndk {
            abiFilters += listOf("arm64-v8a", "x86_64")
        }
    }

    androidResources {
        noCompress += listOf("tflite", "onnx")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    kotlinOptions {
        jvmTarget = "17"
    }
}

dependencies {
    implementation("androidx.core:core-ktx:1.13.1")
    implementation("org.tensorflow:tensorflow-lite:$tflite")
    implementation("org.tensorflow:tensorflow-lite-select-tf-ops:$tflite")
    implementation("com.microsoft.onnxruntime:onnxruntime-android:1.20.0")
}
