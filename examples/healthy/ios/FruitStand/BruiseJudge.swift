import CoreML
import Vision

/// Tells bruised fruit from sound fruit.
public final class BruiseJudge {
    private let model: VNCoreMLModel

    public init() throws {
        guard let compiled = Bundle.module.url(forResource: "Bruise", withExtension: "mlmodelc") else {
            throw CocoaError(.fileNoSuchFile)
        }
        let configuration = MLModelConfiguration()
        configuration.computeUnits = .all
        model = try VNCoreMLModel(for: MLModel(contentsOf: compiled, configuration: configuration))
    }

    public func isBruised(_ photo: CGImage, orientation: CGImagePropertyOrientation) throws -> Bool {
        let request = VNCoreMLRequest(model: model)
        request.imageCropAndScaleOption = .scaleFill
        try VNImageRequestHandler(cgImage: photo, orientation: orientation, options: [:]).perform([request])
        let best = (request.results as? [VNClassificationObservation])?.first
        return best?.identifier == "bruised"
    }
}
