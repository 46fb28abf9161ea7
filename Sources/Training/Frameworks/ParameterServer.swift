internal import Cloud
internal import Learning
internal import SimulationKernel

/// Functions that push gradients to a parameter server on a virtual machine, and pull the model.
///
/// LambdaML's hybrid: what functions cannot do, listen, a machine does for them. Most of its time
/// goes into turning vectors into messages and back, and into updates that the server makes one
/// after the other. With `codec: raw` it is lambdaDNN's: nothing but bytes on the network.
///
/// Source: Jiang et al., SIGMOD 2021, section 3.2 and table 2; Xu et al., "lambdaDNN: Achieving
/// Predictable Distributed DNN Training with Serverless Architectures", IEEE TC 71(2), 2022.
public struct ParameterServer: TrainingFramework {
  /// The server's machine.
  static let server = MachineOptions.type(
    "server", default: "c5.4xlarge", source: "LambdaML, SIGMOD 2021, table 2",
    "Instance type of the machine that the server is on.")
  /// How vectors become messages.
  static let codec = FrameworkOption(
    "codec", .choice(ParameterCodec.allCases.map(\.rawValue)), default: .choice("grpc"),
    released: .choice("thrift"),
    source: "LambdaML measures gRPC and Thrift; its public code has Thrift; lambdaDNN counts bytes",
    "How vectors become messages: in gRPC, as Thrift's lists of doubles, or as they lie in memory.")
  static let synchronization = SynchronizationOptions()
  static let aggregation = AggregationOptions(refusing: [
    "zeno": "the server has no samples to judge gradients by"
  ])
  /// How long to wait before asking again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.zero...(.seconds(60))), default: .duration(.zero),
    released: .duration(.milliseconds(100)),
    source: "DS3Lab/LambdaML e7d466e asks can_pull every 0.1 s; zero is a server that answers late",
    "Pause between two questions whether the model is ready; at 0 s the server answers when it is.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "parameter-server",
    summary: "Functions push gradients to a server on a machine, which updates the model for all.",
    source: "LambdaML's hybrid, SIGMOD 2021; lambdaDNN, IEEE TC 71(2), 2022",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [server, codec, pollInterval, MachineOptions.purchase] + synchronization.all
      + aggregation.all)

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    let options = arrangement.options
    let isMean = options.choice(aggregation.rule) == "mean"
    if isMean || synchronization.isBulk(options) { return aggregation.conflicts(in: arrangement) }
    return [OptionConflict(aggregation.rule, "only bsp has the gradients of all at once")]
  }

  private let job: TrainingJob
  private let function: Function
  private let machine: VirtualMachine
  private let server: RemoteService
  private let model: ServedModel
  private let codec: ParameterCodec
  private let slack: Int
  private let pollInterval: Duration

  /// Registers the function and orders the machine.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    function = try job.region.functions.register(job.configuration.function)
    machine = try job.region.virtualMachine(
      "parameter server", type: options.choice(Self.server), purchase: options.purchase)
    server = try job.region.remoteService("parameters", on: machine)
    codec = ParameterCodec(rawValue: options.choice(Self.codec)) ?? .grpc
    pollInterval = options.duration(Self.pollInterval)
    slack = Self.slack(options, steps: job.steps.count)
    let aggregator = Self.aggregation.aggregator(options, workers: job.workers.count)
    model = ServedModel(
      job, on: machine, codec: codec,
      aggregatedBy: Self.synchronization.isBulk(options) ? aggregator : nil)
  }

  /// How many steps the fastest worker may be ahead of the slowest.
  private static func slack(_ options: FrameworkOptions, steps: Int) -> Int {
    if synchronization.isBulk(options) { return 0 }
    return synchronization.isAsynchronous(options) ? steps : options.integer(synchronization.slack)
  }

  /// Trains until the last worker has ended, and stops the machine.
  public func train() async throws {
    defer { machine.stop() }
    try await job.forEachStep(in: function) { step, worker in try await take(step, as: worker) }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch).values
    // 3. Push the gradient; the server reads it and adds it to the model.
    worker.begin(.upload)
    try await codec.convert(job.configuration.workload.parameterCount, as: worker)
    try await server.call("push", sending: messageBytes) {
      try await model.push(gradient, of: step, from: worker.rank)
    }
    // 4. Pull the model as soon as nobody is too far behind.
    worker.begin(.wait)
    try await awaitTurn(after: step)
    worker.begin(.download)
    let (parameters, updates) = try await server.call("pull", receiving: messageBytes) {
      model.present
    }
    try await codec.convert(job.configuration.workload.parameterCount, as: worker)
    worker.begin(.update)
    worker.replica.adopt(parameters, updates: updates)
    try worker.finish(step)
  }

  /// Waits until the slowest worker is at most `slack` steps behind.
  private func awaitTurn(after step: Step) async throws {
    let needed = step.number + 1 - slack
    if pollInterval == .zero {
      return try await server.call("can pull") { try await model.wait(for: needed) }
    }
    while try await !server.call("can pull", { model.stepsOfAll >= needed }) {
      try await job.simulation.sleep(for: pollInterval)
    }
  }

  /// Bytes of a gradient, or of the model, as a message.
  private var messageBytes: Int {
    codec.bytesPerValue * job.configuration.workload.parameterCount
  }
}
