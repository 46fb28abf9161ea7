internal import Cloud
internal import Learning
internal import SimulationKernel

/// How vectors become messages and back.
///
/// LambdaML's table 2 has 75 MB on the way from one function of 3 GB to a c5.4xlarge in 1.85 s, and
/// from ten in 3.7 s. What the network does not explain of either gives the rates of gRPC here.
enum ParameterCodec: String, CaseIterable {
  /// As they lie in memory.
  case raw
  /// Floats in protocol buffers.
  case grpc
  /// Lists of doubles, 8 bytes a value; assumed to take as long a byte as gRPC.
  case thrift

  /// Bytes of one value of a vector on the wire.
  var bytesPerValue: Int { self == .thrift ? 8 : 4 }

  /// Bytes per second that one processor of a function turns into messages, or back.
  private static let functionRate = 69e6
  /// Bytes per second that the server reads, one message after the other.
  private static let serverRate = 373e6
  /// Bytes of gradient per second that the server adds to its model: 75 MB take it 2.3 s.
  private static let updateRate = 75e6 / 2.3

  /// Spends a function's time for a vector of so many values.
  func convert(_ count: Int, as worker: Worker) async throws {
    switch self {
    case .raw: try await worker.process(bytes: bytesPerValue * count)
    case .grpc, .thrift: try await worker.spend(time(count, Self.functionRate))
    }
  }

  /// What the server does to read a message of so many values.
  func reading(_ count: Int) -> Work {
    switch self {
    case .raw: .vector(bytes: Int64(bytesPerValue * count))
    case .grpc, .thrift: .seconds(time(count, Self.serverRate))
    }
  }

  /// What the server does to add so many values to its model.
  func updating(_ count: Int) -> Work {
    switch self {
    case .raw: .vector(bytes: Int64(3 * bytesPerValue * count))
    case .grpc, .thrift: .seconds(.rounded(seconds: Double(4 * count) / Self.updateRate))
    }
  }

  private func time(_ count: Int, _ rate: Double) -> Duration {
    .rounded(seconds: Double(bytesPerValue * count) / rate)
  }
}

/// The model in the memory of a parameter server.
final class ServedModel {
  /// Steps that all workers have pushed.
  private(set) var stepsOfAll = 0

  private let job: TrainingJob
  private let machine: VirtualMachine
  private let codec: ParameterCodec
  private let aggregator: Aggregator?
  private let replica: Replica
  /// Messages are read, and the model is updated, by one thread.
  private let processor: Resource
  private var gradients: [[Float]]
  private var pushes: [Int: Int] = [:]
  private var waiting: [Int: Signal] = [:]

  /// - Parameter aggregator: Makes one gradient of all; without it each counts as it comes.
  init(
    _ job: TrainingJob, on machine: VirtualMachine, codec: ParameterCodec,
    aggregatedBy aggregator: Aggregator?
  ) {
    self.job = job
    self.machine = machine
    self.codec = codec
    self.aggregator = aggregator
    replica = Replica(job.configuration)
    processor = Resource(job.simulation, capacity: 1, name: "the parameter server")
    gradients = Array(repeating: [], count: job.workers.count)
  }

  /// Takes a worker's gradient in; the last of a step lets those go on who wait for it.
  func push(_ gradient: [Float], of step: Step, from rank: Int) async throws {
    let count = job.configuration.workload.parameterCount
    try await processor.use {
      try await machine.compute(codec.reading(count))
      try await machine.compute(codec.updating(count))
    }
    gradients[rank] = gradient
    pushes[step.number, default: 0] += 1
    let isComplete = pushes[step.number] == job.workers.count
    if let aggregator {
      if isComplete { try await update(with: aggregator) }
    } else {
      // As LambdaML's server: the learning rate of one worker is a W-th of that of all.
      var share = gradient
      Vectors.scale(&share, by: 1 / Float(job.workers.count))
      replica.update(with: share)
    }
    if isComplete { completeStep(step) }
  }

  /// Updates the model with what all gradients become; a sum or mean has grown as they came.
  private func update(with aggregator: Aggregator) async throws {
    if let rule = aggregator.rule, !aggregator.isAdditive {
      let bytes = rule.workBytes(gradientBytes: job.gradientBytes, workers: gradients.count)
      try await machine.compute(.vector(bytes: Int64(bytes)))
    }
    replica.update(with: aggregator.combined(gradients))
  }

  private func completeStep(_ step: Step) {
    pushes[step.number] = nil
    stepsOfAll = step.number + 1
    waiting.removeValue(forKey: stepsOfAll)?.fire()
  }

  /// Waits until all workers have pushed so many steps.
  func wait(for steps: Int) async throws {
    if stepsOfAll >= steps { return }
    let signal = waiting[steps] ?? Signal(job.simulation, name: "step \(steps) of all workers")
    waiting[steps] = signal
    try await signal.wait()
  }

  /// The parameters as they are, and after how many updates.
  var present: (parameters: [Float], updates: Int) { (replica.parameters, replica.updates) }
}
