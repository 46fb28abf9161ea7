/// A model known by its size and work alone: priced, or timed, but never trained here.
public struct WorkloadProfile: Sendable, Hashable {
  /// The name that `priced-as` and time-only scenarios use.
  public let name: String
  /// What it is and where its numbers come from.
  public let source: String
  /// Parameters, operations and memory.
  public let cost: ModelCost
  /// Bytes of one stored sample.
  public let sampleBytes: Int

  /// A workload described by the user.
  public init(name: String, source: String, cost: ModelCost, sampleBytes: Int) {
    self.name = name
    self.source = source
    self.cost = cost
    self.sampleBytes = sampleBytes
  }

  /// The profile of a model of the zoo, computed from its layers.
  public init(of model: Model, sampleBytes: Int) {
    self.init(
      name: model.name, source: "computed from the layers", cost: model.cost,
      sampleBytes: sampleBytes)
  }

  /// The profile of that name.
  public static func named(_ name: String) throws(LearningError) -> WorkloadProfile {
    guard let profile = catalog.first(where: { $0.name == name }) else {
      throw LearningError(
        "there is no workload \"\(name)\"; known are "
          + catalog.map(\.name).joined(separator: ", "))
    }
    return profile
  }

  /// Well-known workloads; backward is counted as twice forward.
  public static let catalog: [WorkloadProfile] = [
    WorkloadProfile(
      "mobilenet", parameters: 3_217_226, tensors: 83, forwardFLOPs: 0.0945e9,
      activationBytes: 3_310_000, sampleBytes: cifar,
      source: "MobileNet-v1 for CIFAR-10, 12.9 MB: github.com/kuangliu/pytorch-cifar"),
    WorkloadProfile(
      "resnet50", parameters: 23_520_842, tensors: 161, forwardFLOPs: 2.6e9,
      activationBytes: 60_000_000, sampleBytes: cifar,
      source: "ResNet-50 for CIFAR-10, 89 MiB (LambdaML, SIGMOD 2021); activations assumed"),
    WorkloadProfile(
      "resnet50-imagenet", parameters: 25_557_032, tensors: 161, forwardFLOPs: 8.18e9,
      activationBytes: 89_000_000, sampleBytes: imageNet,
      source: "torchvision resnet50; activations twice those of arXiv:2003.13678"),
    WorkloadProfile(
      "vgg16", parameters: 138_357_544, tensors: 32, forwardFLOPs: 30.94e9,
      activationBytes: 60_400_000, sampleBytes: imageNet,
      source: "torchvision vgg16 (15.47 G multiply-adds)"),
    gpt2("gpt2", parameters: 124_439_808, layers: 12, width: 768, heads: 12),
    gpt2("gpt2-medium", parameters: 354_823_168, layers: 24, width: 1024, heads: 16),
    gpt2("gpt2-large", parameters: 774_030_080, layers: 36, width: 1280, heads: 20),
    gpt2("gpt2-xl", parameters: 1_557_611_200, layers: 48, width: 1600, heads: 25),
  ]

  /// 32x32 pixels of three floats, and a label.
  private static let cifar = 4 * 32 * 32 * 3 + 8
  /// 224x224 pixels of three floats, and a label.
  private static let imageNet = 4 * 224 * 224 * 3 + 8

  private init(
    _ name: String, parameters: Int, tensors: Int, forwardFLOPs: Double, activationBytes: Int,
    sampleBytes: Int, source: String
  ) {
    self.init(
      name: name, source: source,
      cost: ModelCost(
        parameterCount: parameters, tensorCount: tensors, forwardFLOPs: forwardFLOPs,
        backwardFLOPs: 2 * forwardFLOPs, activationBytes: activationBytes),
      sampleBytes: sampleBytes)
  }

  /// A GPT-2 on sequences of 1,024 tokens: two operations a parameter and token, and attention.
  private static func gpt2(
    _ name: String, parameters: Int, layers: Int, width: Int, heads: Int
  ) -> WorkloadProfile {
    let tokens = 1024
    let attention = 4 * layers * tokens * tokens * width
    // Activations by arXiv:2205.05198, equation 1, in single instead of half precision.
    let perLayer = 2 * (34 * tokens * width + 5 * heads * tokens * tokens)
    return WorkloadProfile(
      name, parameters: parameters, tensors: 4 + 12 * layers,
      forwardFLOPs: Double(2 * parameters * tokens + attention),
      activationBytes: layers * perLayer, sampleBytes: 8 * tokens,
      source: "GPT-2 with 1,024 tokens a sample; sizes of huggingface.co/openai-community")
  }
}
