"""Android apps: their Java and Kotlin, their Gradle build, and the models among their assets."""
