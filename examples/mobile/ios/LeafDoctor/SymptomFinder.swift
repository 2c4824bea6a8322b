import Foundation
import TensorFlowLite

/// Scores seven symptoms in four marked spots of a photo.
final class SymptomFinder {
    private let interpreter: Interpreter

    init() throws {
        guard let path = Bundle.main.path(forResource: "symptoms", ofType: "tflite") else {
            throw CocoaError(.fileNoSuchFile)
        }
        interpreter = try Interpreter(modelPath: path)
        try interpreter.allocateTensors()
    }

    /// - Parameters:
    ///   - photo: 96 x 96 RGB values, 0..255, row by row
    ///   - boxes: four boxes of y1, x1, y2, x2 in 0..1
    func find(photo: [Float32], boxes: [Float32]) throws -> [Float32] {
        // The converter sorts the inputs by name: boxes come first.
        try interpreter.copy(boxes.withUnsafeBytes { Data($0) }, toInputAt: 0)
        try interpreter.copy(photo.withUnsafeBytes { Data($0) }, toInputAt: 1)
        try interpreter.invoke()
        let symptoms = try interpreter.output(at: 0)
        return symptoms.data.withUnsafeBytes { Array($0.bindMemory(to: Float32.self)) }
    }
}
