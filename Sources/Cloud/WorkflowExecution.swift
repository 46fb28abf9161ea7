internal import SimulationKernel

/// One execution of a state machine: the interpreter of the States Language.
final class WorkflowExecution {
  private let workflow: Workflow
  private let name: String
  private let input: JSONValue
  private let tasks: Workflow.Tasks
  private let simulation: Simulation
  private let transition: LatencySource
  private var random: RandomStream
  private var eventCount = 0

  init(_ workflow: Workflow, name: String, input: JSONValue, tasks: Workflow.Tasks) {
    self.workflow = workflow
    self.name = name
    self.input = input
    self.tasks = tasks
    simulation = workflow.region.simulation
    transition = workflow.transition
    random = simulation.random(for: "workflow/transition", actor: name)
  }

  /// Runs the whole machine.
  func run() async throws -> JSONValue {
    let start = simulation.now
    defer { if workflow.kind == .express { billExpress(since: start) } }
    let machine = workflow.machine
    do {
      try addEvents(1)
      let luck = IntrinsicLuck(simulation.random(for: "workflow/intrinsic", actor: name))
      let context = StateContext(name: name, input: input, luck: luck)
      let own = machine.timeoutSeconds.map { Duration.seconds($0) }
      let limit = min(own ?? workflow.rules.executionLimit, workflow.rules.executionLimit)
      return try await simulation.withTimeout(limit) {
        try await run(machine, input: input, context: context)
      }
    } catch {
      let failure = StateFailure(error, in: machine.startAt)
      throw WorkflowFailed(
        error: failure.error, cause: failure.cause, state: failure.state,
        underlying: failure.underlying)
    }
  }

  /// Goes through a machine's states; returns the last one's output.
  private func run(
    _ machine: StateMachine, input: JSONValue, context: StateContext
  ) async throws -> JSONValue {
    var data = input
    var next: String? = machine.startAt
    while let name = next {
      guard let state = machine.states[name] else {
        throw StateFailure("States.Runtime", "there is no state \(name)")
      }
      (data, next) = try await visit(state, name, input: data, context: context)
      try workflow.rules.checkPayload(data.description.utf8.count)
    }
    return data
  }

  /// Enters a state, does what it is for, and says which one follows.
  private func visit(
    _ state: State, _ name: String, input: JSONValue, context: StateContext
  ) async throws -> (output: JSONValue, next: String?) {
    let start = simulation.now
    defer { record(state, name, since: start) }
    workflow.enteredStates.append(name)
    try addEvents(2)
    try await passTransition()
    let context = context.entering(name, at: simulation.now)
    do {
      return try await attempt(state, input: input, context: context)
    } catch {
      let failure = StateFailure(error, in: name)
      guard let catcher = state.catches.first(where: { failure.matches($0.errors) }) else {
        throw failure
      }
      return (try put(failure.json, at: catcher.resultPath, into: input), catcher.next)
    }
  }

  /// Does what a state is for, again where its retriers say so.
  private func attempt(
    _ state: State, input: JSONValue, context: StateContext
  ) async throws -> (output: JSONValue, next: String?) {
    var attempts = [Int](repeating: 0, count: state.retry.count)
    while true {
      do {
        let context = context.retrying(attempts.reduce(0, +))
        return try await perform(state, input: input, context: context)
      } catch {
        let failure = StateFailure(error, in: "")
        guard let index = state.retry.firstIndex(where: { failure.matches($0.errors) }),
          attempts[index] < state.retry[index].maxAttempts
        else { throw error }
        let pause = pause(of: state.retry[index], after: attempts[index])
        attempts[index] += 1
        try await simulation.sleep(for: pause)
        try addEvents(3)
        billTransition()
      }
    }
  }

  private func pause(of retrier: State.Retrier, after attempts: Int) -> Duration {
    var seconds = retrier.intervalSeconds
    for _ in 0..<attempts { seconds *= retrier.backoffRate }
    seconds = min(seconds, retrier.maxDelaySeconds ?? seconds)
    return .rounded(seconds: retrier.hasFullJitter ? seconds * random.uniform() : seconds)
  }

  private func perform(
    _ state: State, input: JSONValue, context: StateContext
  ) async throws -> (output: JSONValue, next: String?) {
    let selected = try StateTemplate(input: input, context: context).select(state.inputPath)
    let template = StateTemplate(input: selected, context: context)
    if case .choice(let rules, let otherwise) = state.kind {
      let next = try rules.first { try $0.condition.holds(in: template) }?.next ?? otherwise
      guard let next else {
        throw StateFailure("States.NoChoiceMatched", "no rule holds and there is no default")
      }
      return (try output(selected, of: state, context), next)
    }
    let argument = try state.parameters.map { try template.fill($0) } ?? selected
    var result = try await result(of: state, argument, template)
    if let selector = state.resultSelector {
      result = try StateTemplate(input: result, context: context).fill(selector)
    }
    let merged = try put(result, at: state.resultPath, into: state.isPlain ? selected : input)
    return (try output(merged, of: state, context), state.next)
  }

  private func result(
    of state: State, _ argument: JSONValue, _ template: StateTemplate
  ) async throws -> JSONValue {
    switch state.kind {
    case .task(let resource): return try await call(resource, argument, state.timeoutSeconds)
    case .parallel(let branches):
      try addEvents(2)
      return .array(
        try await simulation.concurrently(Array(branches.enumerated())) { [self] branch in
          try await run(branch.element, input: argument, context: template.context)
        })
    case .map(let settings): return try await map(settings, state, template)
    case .wait(let time):
      let seconds = try WaitClock(template: template, now: simulation.now).seconds(time)
      if seconds > 0 { try await simulation.sleep(for: .rounded(seconds: seconds)) }
      return argument
    case .pass(let result): return result ?? argument
    case .succeed, .choice: return argument
    case .fail(let error, let cause): throw StateFailure(error, cause)
    }
  }

  private func call(
    _ resource: String, _ argument: JSONValue, _ timeoutSeconds: Int64?
  ) async throws -> JSONValue {
    guard let task = tasks[resource] else {
      throw StateFailure("States.Runtime", "there is no resource \(resource)")
    }
    try addEvents(3)
    guard let timeoutSeconds else { return try await task(argument) }
    return try await simulation.withTimeout(.seconds(timeoutSeconds)) { try await task(argument) }
  }

  private func map(
    _ settings: State.MapSettings, _ state: State, _ template: StateTemplate
  ) async throws -> JSONValue {
    guard let items = try template.value(at: settings.itemsPath).asArray else {
      throw StateFailure("States.Runtime", "\(settings.itemsPath) is no array")
    }
    try addEvents(2 + 2 * items.count)
    let limit = workflow.rules.mapConcurrency
    let concurrency = settings.maxConcurrency == 0 ? limit : min(settings.maxConcurrency, limit)
    let slots = Resource(simulation, capacity: concurrency, name: "iterations of \(name)")
    let selector = settings.itemSelector ?? state.parameters
    return .array(
      try await simulation.concurrently(Array(items.enumerated())) { [self] item in
        try await slots.use {
          let context = template.context.mapping(item.element, index: item.offset)
          let input = try selector.map {
            try StateTemplate(input: template.input, context: context).fill($0)
          }
          return try await run(settings.iterator, input: input ?? item.element, context: context)
        }
      })
  }

  private func put(
    _ result: JSONValue, at path: State.Path, into input: JSONValue
  ) throws -> JSONValue {
    guard case .at(let text) = path else { return input }
    return try StatePath(text).putting(result, into: input)
  }

  private func output(
    _ data: JSONValue, of state: State, _ context: StateContext
  ) throws -> JSONValue {
    try StateTemplate(input: data, context: context).select(state.outputPath)
  }

  private func passTransition() async throws {
    billTransition()
    let latency = try transition.draw(from: &random)
    if latency > .zero { try await simulation.sleep(for: latency) }
  }

  private func billTransition() {
    workflow.region.meter.countRequest("workflow.transition")
    if workflow.kind == .standard { workflow.endpoint.bill("transition", units: 1) }
  }

  /// Express executions are billed for memory and time, rounded up.
  private func billExpress(since start: Instant) {
    let granularity = workflow.rules.expressGranularity.wholeNanoseconds
    let milliseconds =
      (simulation.now - start).wholeNanoseconds.roundedUp(to: granularity) / 1_000_000
    workflow.endpoint.bill(
      "express-duration", units: Int64(workflow.rules.expressMemoryMB) * milliseconds)
  }

  private func addEvents(_ count: Int) throws {
    eventCount += count
    if workflow.kind == .standard, eventCount > workflow.rules.historyLimit {
      throw StateFailure(
        "States.Runtime", "the execution has more than \(workflow.rules.historyLimit) events")
    }
  }

  private func record(_ state: State, _ name: String, since start: Instant) {
    let log = simulation.log
    log.record(
      log.name("workflow/state"), by: simulation.actor, on: name, from: start, to: simulation.now)
  }
}

extension State {
  /// Whether the result replaces what the input path selected, and not the whole input.
  fileprivate var isPlain: Bool {
    switch kind {
    case .pass, .wait, .succeed: true
    default: false
    }
  }
}

/// Works out how long a Wait state waits.
private struct WaitClock {
  let template: StateTemplate
  let now: Instant

  func seconds(_ time: State.WaitTime) throws(StateFailure) -> Double {
    switch time {
    case .seconds(let seconds): return seconds
    case .secondsPath(let path):
      guard let seconds = try template.value(at: path).asDouble, seconds >= 0 else {
        throw StateFailure("States.Runtime", "\(path) is no number of seconds")
      }
      return seconds
    case .timestamp(let text): return try until(text)
    case .timestampPath(let path): return try until(template.value(at: path).asString ?? "")
    }
  }

  private func until(_ text: String) throws(StateFailure) -> Double {
    guard let end = Timestamp.seconds(text) else {
      throw StateFailure("States.Runtime", "'\(text)' is no timestamp")
    }
    return max(0, end - now.seconds)
  }
}
