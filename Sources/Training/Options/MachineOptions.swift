internal import Cloud

/// The options of everything that runs on virtual machines, declared once.
enum MachineOptions {
  /// The instance types that providers know, after their names on AWS.
  static let types = [
    "t2.medium", "t3.medium", "c5.large", "c5.xlarge", "c5.2xlarge", "c5.4xlarge", "m5.large",
    "m5.xlarge", "m5.2xlarge", "r5.large", "g4dn.xlarge", "g5.xlarge", "p3.2xlarge",
  ]

  /// How machines are paid for.
  static let purchase = FrameworkOption(
    "purchase", .choice(VirtualMachine.Purchase.allCases.map(\.rawValue)),
    default: .choice(VirtualMachine.Purchase.onDemand.rawValue),
    source: "assumed: never taken back",
    "On demand, or at the spot price until the provider takes the machine back.")

  /// The instance type of machines that have one purpose.
  static func type(_ key: String, default name: String, source: String, _ summary: String)
    -> FrameworkOption
  {
    FrameworkOption(key, .choice(types), default: .choice(name), source: source, summary)
  }
}

extension FrameworkOptions {
  /// How machines are paid for.
  var purchase: VirtualMachine.Purchase {
    VirtualMachine.Purchase(rawValue: choice(MachineOptions.purchase)) ?? .onDemand
  }
}
