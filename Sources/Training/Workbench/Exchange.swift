public import Learning

/// One worker's side of the exchange: what it sends after a step, and what it does with what all
/// have become together.
public final class Exchange {
  private enum Subject {
    case gradients
    case models
    case admm(ADMM)
  }

  private let localSteps: Int
  private let sender: GradientSender
  private var subject: Subject

  /// The exchange of a worker that has taken no step yet.
  public init(_ declared: ExchangeOptions, sentAs format: WireFormat, for worker: Worker) {
    let options = worker.job.configuration.options
    localSteps = options.integer(declared.localSteps)
    sender = GradientSender(format, for: worker)
    subject =
      switch options.choice(declared.subject) {
      case ExchangeOptions.models: .models
      case ExchangeOptions.admm:
        .admm(
          ADMM(
            start: worker.replica.parameters, rho: Float(options.real(declared.rho)),
            lambda: Float(options.real(declared.lambda))))
      default: .gradients
      }
  }

  /// Memory that the exchange keeps between steps, in whole vectors.
  var keptVectors: Int {
    if case .admm = subject { return 2 }
    return sender.format.compression.keepsResidual ? 1 : 0
  }

  /// What the worker has to send for its gradient; nil where it goes on by itself.
  ///
  /// Models learn at once, gradients wait for the others'.
  public func contribution(
    of gradient: Gradient, in step: Step, as worker: Worker
  ) async throws -> [Float]? {
    switch subject {
    case .gradients:
      return try await sender.shorten(gradient.values, in: step, as: worker)
    case .models:
      try await worker.updateModel(with: gradient.values)
      return isDue(step, worker.job) ? worker.replica.parameters : nil
    case .admm(let admm):
      try await worker.process(bytes: 5 * worker.job.gradientBytes)
      var pulled = gradient.values
      admm.correct(&pulled, at: worker.replica.parameters)
      try await worker.updateModel(with: pulled)
      return isDue(step, worker.job) ? admm.message(from: worker.replica.parameters) : nil
    }
  }

  /// Takes in what the contributions of all have become.
  public func apply(_ common: [Float], as worker: Worker) async throws {
    switch subject {
    case .gradients:
      try await worker.updateModel(with: common)
    case .models:
      worker.begin(.update)
      try await worker.process(bytes: 2 * worker.job.gradientBytes)
      worker.replica.parameters = common
    case .admm(var admm):
      worker.begin(.update)
      try await worker.process(bytes: 6 * worker.job.gradientBytes)
      admm.endRound(
        meanMessage: common, parameters: worker.replica.parameters,
        workers: worker.job.workers.count)
      subject = .admm(admm)
    }
  }

  /// Whether models meet after a step; they do after the last.
  private func isDue(_ step: Step, _ job: TrainingJob) -> Bool {
    (step.number + 1).isMultiple(of: localSteps) || step.number == job.steps.last?.number
  }
}
