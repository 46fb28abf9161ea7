/// A workflow's definition in the Amazon States Language.
public struct StateMachine: Hashable, Sendable {
  /// The first state.
  public var startAt: String
  /// The states by name.
  public var states: [String: State]
  /// What it is for.
  public var comment: String?
  /// Seconds after which an execution fails; nil for the service's limit.
  public var timeoutSeconds: Int64?

  /// A machine of `states` that begins with `startAt`.
  public init(
    startAt: String, states: [String: State], comment: String? = nil,
    timeoutSeconds: Int64? = nil
  ) {
    self.startAt = startAt
    self.states = states
    self.comment = comment
    self.timeoutSeconds = timeoutSeconds
  }

  /// A machine that goes through named states in order: each one leads to the next.
  public init(sequence: [(name: String, state: State)], comment: String? = nil) {
    precondition(!sequence.isEmpty, "a machine has a state")
    self.init(startAt: sequence[0].name, states: [:], comment: comment)
    for (index, step) in sequence.enumerated() {
      var state = step.state
      if state.next == nil, index + 1 < sequence.count { state.next = sequence[index + 1].name }
      states[step.name] = state
    }
  }
}

/// One state of a state machine.
public struct State: Hashable, Sendable {
  /// What a state does.
  public indirect enum Kind: Hashable, Sendable {
    /// Calls a resource.
    case task(resource: String)
    /// Runs machines at the same time; the result is the array of their outputs.
    case parallel([StateMachine])
    /// Runs a machine for every element of an array.
    case map(MapSettings)
    /// Goes on with the first rule that holds.
    case choice([ChoiceRule], otherwise: String?)
    /// Waits.
    case wait(WaitTime)
    /// Passes its input on, or a fixed result.
    case pass(result: JSONValue?)
    /// Ends the machine well.
    case succeed
    /// Ends the machine with an error.
    case fail(error: String, cause: String)
  }

  /// How a Map state goes through its elements.
  public struct MapSettings: Hashable, Sendable {
    /// What runs for each element.
    public var iterator: StateMachine
    /// Where the elements are.
    public var itemsPath: String
    /// What each iteration gets instead of its element; a template with `$$.Map.Item`.
    public var itemSelector: JSONValue?
    /// How many iterations run at once; 0 for as many as the service allows.
    public var maxConcurrency: Int

    /// Runs `iterator` for the elements at `itemsPath`.
    public init(
      _ iterator: StateMachine, itemsPath: String = "$", itemSelector: JSONValue? = nil,
      maxConcurrency: Int = 0
    ) {
      self.iterator = iterator
      self.itemsPath = itemsPath
      self.itemSelector = itemSelector
      self.maxConcurrency = maxConcurrency
    }
  }

  /// How long a Wait state waits.
  public enum WaitTime: Hashable, Sendable {
    /// A number of seconds.
    case seconds(Double)
    /// The number of seconds at a path of the input.
    case secondsPath(String)
    /// Until a time of day, in the simulation counted from its start at 1970-01-01T00:00:00Z.
    case timestamp(String)
    /// Until the time at a path of the input.
    case timestampPath(String)
  }

  /// When to try a state again.
  public struct Retrier: Hashable, Sendable {
    /// The errors it is for; `States.ALL` for all.
    public var errors: [String]
    /// The first pause.
    public var intervalSeconds: Double = 1
    /// What the pause is multiplied by each time.
    public var backoffRate: Double = 2
    /// Tries beside the first.
    public var maxAttempts: Int = 3
    /// The longest pause; nil for none.
    public var maxDelaySeconds: Double?
    /// Whether each pause is drawn between zero and its length.
    public var hasFullJitter = false

    /// A retrier with the language's defaults: after 1, 2 and 4 seconds.
    public init(errors: [String]) { self.errors = errors }
  }

  /// Where to go on after an error.
  public struct Catcher: Hashable, Sendable {
    /// The errors it is for; `States.ALL` for all.
    public var errors: [String]
    /// The state to go on with.
    public var next: String
    /// Where in the input the error goes; `$` replaces all of it.
    public var resultPath: Path

    /// Goes on with `next` after one of `errors`.
    public init(errors: [String], next: String, resultPath: Path = .at("$")) {
      self.errors = errors
      self.next = next
      self.resultPath = resultPath
    }
  }

  /// A path into a document, or explicitly none.
  public enum Path: Hashable, Sendable {
    /// The language's `null`: nothing is taken, or the result is dropped.
    case null
    /// A path such as `$.model`.
    case at(String)
  }

  /// What it does.
  public var kind: Kind
  /// The state after it; nil at the end.
  public var next: String?
  /// What it is for.
  public var comment: String?
  /// The part of the input it sees.
  public var inputPath: Path = .at("$")
  /// The part of its output that is passed on.
  public var outputPath: Path = .at("$")
  /// A template for what it gets instead of its input.
  public var parameters: JSONValue?
  /// A template for what its result becomes.
  public var resultSelector: JSONValue?
  /// Where in the input the result goes.
  public var resultPath: Path = .at("$")
  /// When to try again.
  public var retry: [Retrier] = []
  /// Where to go on after an error.
  public var catches: [Catcher] = []
  /// Seconds after which a task fails with `States.Timeout`.
  public var timeoutSeconds: Int64?

  /// A state.
  public init(_ kind: Kind, next: String? = nil) {
    self.kind = kind
    self.next = next
  }

  /// A state that calls a resource.
  public static func task(_ resource: String, next: String? = nil) -> State {
    State(.task(resource: resource), next: next)
  }

  /// A state that runs machines at the same time.
  public static func parallel(_ branches: [StateMachine], next: String? = nil) -> State {
    State(.parallel(branches), next: next)
  }
}

/// One rule of a Choice state.
public struct ChoiceRule: Hashable, Sendable {
  /// A condition on the state's input.
  public indirect enum Condition: Hashable, Sendable {
    /// All of them hold.
    case and([Condition])
    /// One of them holds.
    case or([Condition])
    /// It does not hold.
    case not(Condition)
    /// The value at a path compares so with another; the operator is the language's own name.
    case compare(variable: String, operator: String, value: JSONValue)
  }

  /// When it holds.
  public var condition: Condition
  /// The state to go on with.
  public var next: String

  /// Goes on with `next` if `condition` holds.
  public init(_ condition: Condition, next: String) {
    self.condition = condition
    self.next = next
  }
}
