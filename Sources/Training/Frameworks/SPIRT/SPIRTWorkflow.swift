internal import Cloud

extension SPIRT {
  /// The workflow of one round: the gradients in parallel, then one state after the other.
  ///
  /// The branches are generated, one for each minibatch, as the released generator does; an
  /// inline Map would stop at 40.
  static func stateMachine(minibatches: Int) -> StateMachine {
    let branches = (0..<minibatches).map { index in
      var compute = State.task("compute-gradient")
      compute.parameters = .object(["minibatch": .integer(Int64(index))])
      return StateMachine(sequence: [("Minibatch\(index)", compute)])
    }
    return StateMachine(
      sequence: [
        ("ComputeGradients", .parallel(branches)),
        ("AverageGradients", .task("average-gradients")),
        ("Synchronize", .task("synchronize")),
        ("Aggregate", .task("aggregate")),
        ("UpdateModel", .task("update-model")),
      ],
      comment: "One round of one peer: gradients of \(minibatches) minibatches, one update")
  }
}

extension JSONValue {
  /// The minibatch that a branch of the workflow was generated for.
  var minibatchIndex: Int {
    guard let index = self["minibatch"]?.asInteger else {
      preconditionFailure("a branch of the workflow names its minibatch")
    }
    return Int(index)
  }
}
