internal import Cloud
public import Training

/// Something that goes wrong in the runs of a scenario.
public struct FaultSetting: Sendable, Hashable {
  /// Who or what fails, and how.
  public enum Kind: Sendable, Hashable {
    /// A member of the job dies, lags or lies.
    case job(Fault)
    /// A service refuses a `share` of the requests for a while.
    case storm(operations: String, start: Duration, duration: Duration, share: Double)
    /// A share of an operation's requests fails.
    case failure(operation: String, share: Double)
    /// A share of a service's messages is lost.
    case loss(service: String, share: Double)
    /// A share of a service's messages comes twice.
    case duplication(service: String, share: Double)
  }

  /// Who or what fails, and how.
  public let kind: Kind
  /// The fault as the file tells it, as in `crash: worker 2, at: 30 s`.
  public let text: String
}

extension Scenario {
  /// What befalls the members of a job.
  var jobFaults: [Fault] {
    faults.compactMap { fault in
      if case .job(let fault) = fault.kind { fault } else { nil }
    }
  }
}

extension RegionOptions {
  /// Lets services fail as a fault says; one about a member of the job changes nothing here.
  mutating func add(_ fault: FaultSetting) {
    switch fault.kind {
    case .job: break
    case .storm(let operations, let start, let duration, let share):
      throttleStorms.append(
        ThrottleStorm(operations, from: start, lasting: duration, share: share))
    case .failure(let operation, let share): failureRates[operation] = share
    case .loss(let service, let share): lossRates[service] = share
    case .duplication(let service, let share): duplicateRates[service] = share
    }
  }
}
