internal import Cloud
internal import Learning

/// One virtual machine that learns from the minibatches of all W workers at once.
///
/// It is what everything else is compared with: the same data, the same updates, no communication.
/// The machine boots before the job is submitted and is billed from its launch to the job's end.
public struct OneMachine: TrainingFramework {
  /// The machine.
  static let instance = MachineOptions.type(
    "instance", default: "c5.4xlarge",
    source: "LambdaML, SIGMOD 2021, figure 11 compares functions with c5.4xlarge",
    "Instance type of the machine.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "one-machine",
    summary: "One virtual machine takes the minibatches of all workers as one.",
    source: "the baseline of every comparison; prices and rates are the provider's",
    options: [instance, MachineOptions.purchase])

  private let job: TrainingJob
  private let machine: VirtualMachine

  /// Orders the machine.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    machine = try job.region.virtualMachine(
      "machine", type: options.choice(Self.instance), purchase: options.purchase)
    job.unite()
  }

  /// Trains, and stops the machine.
  public func train() async throws {
    defer { machine.stop() }
    try await job.forEachWorker { worker in
      try await job.occupy(machine, for: worker) { worker in
        for step in job.steps { try await take(step, as: worker) }
      }
    }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Fetch the minibatches of all.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute the gradient of all of them.
    let gradient = try await worker.computeGradient(of: minibatch)
    // 3. Update the model.
    try await worker.updateModel(with: gradient.values)
    try worker.finish(step)
  }
}
