internal import Cloud

/// The private network that a scenario's functions are in, as far as it is billed.
public struct NetworkSettings: Sendable, Hashable {
  /// How functions reach the services outside: `endpoints` or `nat`; `open` where they are in none.
  public var access: String
  /// The zones in which there are endpoints or gateways.
  public var zones: Int
  /// The part of the bytes between functions and servers that crosses zones.
  public var crossZone: Double

  /// The words for `access`.
  static let accesses = ["open"] + PrivateNetwork.Access.allCases.map(\.rawValue)

  /// What the cloud bills; nil where there is no private network.
  var privateNetwork: PrivateNetwork? {
    PrivateNetwork.Access(rawValue: access).map {
      PrivateNetwork($0, zones: zones, crossZoneShare: crossZone)
    }
  }
}

extension Vocabulary {
  var networkForm: Form {
    .record([
      Setting(
        "access", .name(noun: "access", of: NetworkSettings.accesses), .defaults("open"),
        "How functions reach services from inside: by interface endpoints or through a NAT gateway."
      ),
      Setting("zones", .count(1...10), .defaults("1"), "Zones with endpoints or gateways."),
      Setting(
        "cross-zone", .number(.closed(0...1)), .defaults("0"),
        "The part of the bytes between functions and servers that crosses zones."),
    ])
  }
}
