import SimulationKernel
import Testing
import Training

/// What a framework promises, beside what all of them keep.
struct FrameworkPromise: Sendable, CustomTestStringConvertible {
  /// How the replicas of a run end.
  enum Replicas: Sendable {
    /// Equal to the last bit.
    case equal
    /// Near each other.
    case near
  }

  /// How the model compares with AllReduce's after the same steps.
  enum Model: Sendable {
    case toTheBit
    /// Within 1e-5: sums are added in another order.
    case toTheOrderOfAddition
    /// Other updates, by design.
    case another
  }

  /// What becomes of a job when worker 1 of 3 dies.
  enum Death: Sendable {
    /// The others wait for it until their functions are killed at the time limit.
    case othersReachTheLimit
    /// The others give up waiting after their own timeout.
    case peersTimeOut
    /// The others go on without it.
    case othersGoOn
  }

  let type: any TrainingFramework.Type
  var replicas = Replicas.equal
  var model = Model.toTheBit
  var death = Death.othersReachTheLimit
  /// Whether the workers are on virtual machines.
  var usesMachines = false
  /// Whether a function near its limit goes on in another.
  var goesOnAfterTheLimit = true
  /// What lies in stores and queues in the end, after `steps` steps of W workers.
  var remains: @Sendable (_ workers: Int, _ steps: Int) -> [String] = { _, _ in [] }

  var name: String { type.declaration.name }
  var testDescription: String { name }

  static let all: [FrameworkPromise] = [
    FrameworkPromise(
      // One minibatch makes no round of its own: updates are fewer than AllReduce's.
      type: SPIRT.self, model: .another, death: .othersGoOn, goesOnAfterTheLimit: false,
      // The model and the last round in every database, and a message a round of every peer.
      remains: { workers, _ in
        (0..<workers).map { "memory-store database \($0): 4" } + [
          "queue synchronization: \(workers)"
        ]
      }),
    FrameworkPromise(
      // Four minibatches make a round, after which the model changes once.
      type: SPIRTLight.self, model: .another, goesOnAfterTheLimit: false,
      // Every gradient, average, aggregate and message: the protocol deletes none.
      remains: { workers, steps in
        let rounds = (steps + 3) / 4
        return [
          "object-store averages: \(workers * (steps + 2 * rounds))",
          "broker spirt-light: \(workers * rounds)",
        ]
      }),
    FrameworkPromise(
      type: MLLess.self, replicas: .near, model: .another, goesOnAfterTheLimit: false,
      // Every update that was ever sent: the protocol deletes none.
      remains: { workers, steps in
        workers == 1 ? [] : ["memory-store updates: \(workers * steps)"]
      }),
    FrameworkPromise(
      type: ScatterReduce.self,
      // The last step's chunks.
      remains: { workers, _ in ["object-store chunks: \(workers)"] }),
    FrameworkPromise(
      type: AllReduce.self,
      // The last step's mean.
      remains: { _, _ in ["object-store gradients: 1"] }),
    FrameworkPromise(
      type: TreeReduce.self, model: .toTheOrderOfAddition,
      // The last step's mean.
      remains: { _, _ in ["object-store sums: 1"] }),
    FrameworkPromise(type: ParameterServer.self),
    FrameworkPromise(
      type: RingAllReduce.self, model: .toTheOrderOfAddition, death: .peersTimeOut,
      usesMachines: true, goesOnAfterTheLimit: false),
    FrameworkPromise(
      // It has no worker 1 that could die.
      type: OneMachine.self, model: .toTheOrderOfAddition, death: .othersGoOn,
      usesMachines: true, goesOnAfterTheLimit: false),
    FrameworkPromise(type: Gossip.self, replicas: .near, model: .another),
  ]
}
