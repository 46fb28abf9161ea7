internal import Cloud

extension SPIRT {
  /// The functions that the states call, as they would be named on AWS.
  enum Resource {
    private static let prefix = "arn:aws:lambda:us-east-1:123456789012:function:"
    static let authenticate = prefix + "authenticate"
    static let computeGradient = prefix + "compute-gradient"
    static let averageGradients = prefix + "average-gradients"
    static let synchronize = prefix + "synchronize"
    static let checkHeartbeat = prefix + "check-heartbeat"
    static let aggregate = prefix + "aggregate"
    static let updateModel = prefix + "update-model"
    static let checkConvergence = prefix + "check-convergence"
    static let triggerNext = prefix + "trigger-next"
  }

  /// The workflow of one round in the Amazon States Language, as plain JSON.
  ///
  /// - Parameter minibatches: how many the round has; each is a branch of its own.
  public static func workflowJSON(
    minibatches: Int, options: FrameworkOptions = FrameworkOptions()
  ) -> String {
    stateMachine(
      minibatches: minibatches, isReleased: options.choice(states) == "released",
      checksConvergence: options.choice(convergenceCheck) != "off"
    ).json.prettyPrinted + "\n"
  }

  /// The workflow of one round: the gradients in parallel, then one state after the other.
  ///
  /// The branches are generated, one for each minibatch, as the released generator does; an
  /// inline Map would stop at 40.
  static func stateMachine(
    minibatches: Int, isReleased: Bool, checksConvergence: Bool
  ) -> StateMachine {
    let branches = (0..<minibatches).map { index in
      var compute = State.task(Resource.computeGradient)
      compute.parameters = [
        "peer.$": "$.peer", "round.$": "$.round", "minibatch": .integer(Int64(index)),
      ]
      return StateMachine(sequence: [("Minibatch\(index)", compute)])
    }
    let gradients = ("ComputeGradients", dropping(.parallel(branches)))
    let check = ("CheckConvergence", dropping(.task(Resource.checkConvergence)))
    let published: [(String, State)] = [
      gradients,
      ("AverageGradients", dropping(.task(Resource.averageGradients))),
      ("Synchronize", dropping(.task(Resource.synchronize))),
      ("CheckHeartbeat", dropping(.task(Resource.checkHeartbeat))),
      ("Aggregate", dropping(.task(Resource.aggregate))),
      ("UpdateModel", dropping(.task(Resource.updateModel))),
    ]
    let released: [(String, State)] = [
      ("Authentication", dropping(.task(Resource.authenticate))),
      gradients,
      ("AverageGradients", dropping(.task(Resource.averageGradients))),
      ("CheckHeartbeat", dropping(.task(Resource.checkHeartbeat))),
      ("Aggregation", dropping(.task(Resource.aggregate))),
      ("Update", dropping(.task(Resource.updateModel))),
    ]
    let triggerNext = ("TriggerNext", dropping(.task(Resource.triggerNext)))
    let states = isReleased ? released : published
    return StateMachine(
      sequence: states + (checksConvergence ? [check] : []) + (isReleased ? [triggerNext] : []),
      comment: "One round of one SPIRT peer: \(minibatches) minibatches, one update of the model")
  }

  /// A state whose result nobody needs: the next one sees the same input.
  private static func dropping(_ state: State) -> State {
    var state = state
    state.resultPath = .null
    return state
  }
}

extension JSONValue {
  /// The minibatch that a branch of the workflow was generated for.
  var minibatch: Int {
    guard let index = self["minibatch"]?.asInteger else {
      preconditionFailure("a branch of the workflow names its minibatch")
    }
    return Int(index)
  }
}
