"""Apps for iOS and macOS: their Swift and Objective-C, their Xcode project and pods, and their models."""
