// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "FruitStand",
    platforms: [.iOS(.v15)],
    products: [.library(name: "FruitStand", targets: ["FruitStand"])],
    targets: [
        .target(
            name: "FruitStand",
            path: "FruitStand",
            resources: [.process("Bruise.mlpackage"), .process("Ripeness.mlmodel")]
        )
    ]
)
