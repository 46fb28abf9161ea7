internal import Cloud

extension Vocabulary {
  /// What goes wrong: members of the job that die or lag, workers that lie, services that fail.
  var faultForm: Form { .sentence(noun: "fault", memberFaults + attackFaults + serviceFaults) }

  private var memberFaults: [Sentence] {
    [
      Sentence(
        "crash", .member(numbered: ["worker", "database"], single: ["supervisor", "master"]),
        "Who dies: a worker, a worker's own database, the supervisor or the aggregating master.",
        [
          Setting("at", time, "When, after the job's submission."),
          Setting(
            "rate", .quantity(.frequency, 1000...Int64.max),
            "How often it would happen: dies once, at a time drawn from this rate."),
        ], exclusive: [["at", "rate"]]),
      Sentence(
        "slow", .member(numbered: ["worker"]), "A worker that lags behind the others.",
        [
          Setting(
            "factor", .number(.above(1, through: 1000)), .required,
            "How many times longer its computing takes.")
        ]),
    ]
  }

  private var attackFaults: [Sentence] {
    let strength = Form.number(.above(0, through: 1e6))
    return [
      Sentence(
        "attack",
        .name(noun: "attack", of: ["sign-flip", "gaussian", "scaled", "label-flip"]),
        "How workers lie about their gradients, or learn from turned labels.",
        [
          Setting("workers", .list(.count(0...9999)), .required, "The workers that lie."),
          Setting(
            "factor", strength,
            "What sign-flip and scaled multiply gradients by; 10 if absent, as in SPIRT's code."),
          Setting(
            "deviation", strength,
            "The standard deviation of gaussian noise; 100 if absent, as in SPIRT's code."),
        ])
    ]
  }

  private var serviceFaults: [Sentence] {
    let operations = Operations.names
    // The sandbox is the platform's own: nobody sends it a request.
    let requests = operations.filter { !$0.hasPrefix("function.") }
    let services = requests.map { String($0.prefix { $0 != "." }) }
    let distinct = services.enumerated().filter { services.firstIndex(of: $1) == $0 }.map(\.element)
    let carriers = distinct.filter { $0 == "broker" || $0.hasPrefix("queue") }
    let share = Form.number(.above(0, through: 1))
    return [
      Sentence(
        "storm", .name(noun: "service or operation", of: distinct + requests),
        "A service, or one of its operations, that refuses requests for a while.",
        [
          Setting("at", time, .required, "When it begins, after the job's submission."),
          Setting("for", time, .required, "How long it lasts."),
          Setting("throttled", share, .defaults("1"), "The share of requests that is refused."),
        ]),
      Sentence(
        "fail", .name(noun: "operation", of: requests), "An operation whose requests fail.",
        [Setting("share", share, .required, "The share of requests that fails.")]),
      Sentence(
        "lose", .name(noun: "service", of: carriers), "A service that loses messages.",
        [Setting("share", share, .required, "The share of messages that is lost.")]),
      Sentence(
        "duplicate", .name(noun: "service", of: carriers),
        "A service that delivers messages twice.",
        [Setting("share", share, .required, "The share of messages that comes twice.")]),
    ]
  }

  private var time: Form { .quantity(.duration, 0...Int64.max) }
}
