internal import Training

extension ScenarioDecoder {
  mutating func faults(_ tree: CheckedValue) -> [FaultSetting] {
    var faults: [FaultSetting] = []
    for item in tree.at("faults")?.items ?? [] {
      let (verb, told) = item.choice
      guard let told, let kind = kind(verb, told, in: tree) else { continue }
      let text = told.entries.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
      faults.append(FaultSetting(kind: kind, text: text))
    }
    return faults
  }

  private mutating func kind(
    _ verb: String, _ told: CheckedValue, in tree: CheckedValue
  ) -> FaultSetting.Kind? {
    func share() -> Double { told["share"].number }
    let object = told[verb]
    switch verb {
    case "crash": return crash(told, in: tree).map(FaultSetting.Kind.job)
    case "slow":
      let rank = rank(object, in: tree)
      return .job(.slow(worker: rank, factor: told["factor"].number))
    case "attack": return attack(told, in: tree).map(FaultSetting.Kind.job)
    case "storm":
      return .storm(
        operations: object.string, start: told["at"].duration, duration: told["for"].duration,
        share: told["throttled"].number)
    case "fail": return .failure(operation: object.string, share: share())
    case "lose": return .loss(service: object.string, share: share())
    case "duplicate": return .duplication(service: object.string, share: share())
    default: preconditionFailure("\(verb) passed a form that should not allow it")
    }
  }

  private mutating func crash(_ told: CheckedValue, in tree: CheckedValue) -> Fault? {
    let occurrence: Fault.Occurrence
    if let time = told.at("at") {
      occurrence = .at(time.duration)
    } else if let rate = told.at("rate") {
      occurrence = .rate(perHour: Double(rate.amount) / 1e9)
    } else {
      log.report(
        told.place, "faults", "does not say when: give 'at' a time, or 'rate' a frequency")
      return nil
    }
    let who = told["crash"]
    let member: Fault.Member =
      switch who.member.kind {
      case "worker": .worker(rank(who, in: tree))
      case "database": .database(rank(who, in: tree))
      case "supervisor": .supervisor
      default: .master
      }
    return .crash(member, occurrence)
  }

  private mutating func attack(_ told: CheckedValue, in tree: CheckedValue) -> Fault? {
    let name = told["attack"].string
    let strength = ["sign-flip": "factor", "scaled": "factor", "gaussian": "deviation"][name]
    for other in ["factor", "deviation"] where other != strength {
      guard let useless = told.at(other) else { continue }
      log.report(
        useless.place, "faults", "'\(name)' has no \(other)", allowed: strength ?? "nothing")
    }
    if tree["training.gradients"].string == TrainingSettings.Gradients.none.rawValue {
      log.report(
        told.place, "faults",
        "nothing is learned with 'gradients: none', so that an attack changes nothing")
    }
    let ranks = told["workers"].items.map { worker in
      check(worker.count, at: worker.place, isBelow: tree["workers"].count)
      return worker.count
    }
    func number(_ key: String, default value: Float) -> Float {
      told.at(key).map { Float($0.number) } ?? value
    }
    let attack: Attack =
      switch name {
      case "sign-flip": .signFlip(factor: number("factor", default: 10))
      case "scaled": .scaled(factor: number("factor", default: 10))
      case "gaussian": .gaussian(deviation: number("deviation", default: 100))
      default: .labelFlip
      }
    return .attack(attack, workers: ranks)
  }

  /// The number of a worker, or of a worker's database.
  private mutating func rank(_ value: CheckedValue, in tree: CheckedValue) -> Int {
    guard let number = value.member.number else {
      preconditionFailure("\(value.text) passed a form that should not allow it")
    }
    check(number, at: value.place, isBelow: tree["workers"].count)
    return number
  }

  private mutating func check(_ rank: Int, at place: SourcePlace, isBelow workers: Int) {
    if rank < workers { return }
    log.report(
      place, "faults", "there is no worker \(rank) among \(workers)",
      allowed: "worker 0 to worker \(workers - 1)")
  }
}
