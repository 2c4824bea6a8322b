import CoreML
import Vision

/// Cuts the leaf out of a photo.
final class LeafMask {
    private let model: VNCoreMLModel

    init() throws {
        guard let url = Bundle.main.url(forResource: "LeafSegmenter", withExtension: "mlmodelc") else {
            throw CocoaError(.fileNoSuchFile)
        }
        model = try VNCoreMLModel(for: MLModel(contentsOf: url))
    }

    func mask(of photo: CGImage, orientation: CGImagePropertyOrientation) throws -> MLMultiArray? {
        let request = VNCoreMLRequest(model: model)
        request.imageCropAndScaleOption = .scaleFill
        try VNImageRequestHandler(cgImage: photo, orientation: orientation, options: [:]).perform([request])
        let observation = request.results?.first as? VNCoreMLFeatureValueObservation
        return observation?.featureValue.multiArrayValue
    }
}
