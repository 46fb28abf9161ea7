/// Which products of AWS's price lists are which prices of a provider file.
enum PriceListProducts {
  /// The price keys, without `prices.`, that a product sets.
  struct Match: Hashable {
    let keys: [String]
    /// Base units in one unit of the list; nil where the list has the unit of the provider file.
    var baseUnits: Int64?
  }

  /// What a product is to a provider file; nil for what a provider file does not have.
  ///
  /// - Parameter engine: The memory store whose nodes are wanted: one usage type has the prices
  ///   of all engines.
  static func match(_ attributes: [String: String], engine: String) -> Match? {
    let usage = withoutRegion(attributes["usagetype"] ?? "")
    // Old engines cost more, under usage types of their own.
    if usage.contains("ExtendedSupport") { return nil }
    switch attributes["servicecode"] ?? "" {
    case "AWSLambda": return functions[usage]
    case "AmazonS3": return objects[usage]
    case "AWSQueueService": return queues[usage]
    case "AmazonStates": return workflows[usage]
    case "AmazonDynamoDB": return tables[usage]
    case "AmazonElastiCache": return node(usage, attributes, engine: engine)
    case "AmazonMQ": return broker(usage, attributes)
    case "AmazonCloudWatch": return usage == "DataProcessing-Bytes" ? logs : nil
    case "AmazonVPC": return networks[usage]
    case "AWSDataTransfer":
      return attributes["transfertype"] == "IntraRegion" ? networks[usage] : nil
    case let code where code.hasPrefix("AmazonEC2"):
      return networks[usage] ?? machine(usage, attributes)
    default: return nil
    }
  }

  private static let functions = [
    "Request": Match(keys: ["function.request"], baseUnits: 1),
    "Lambda-GB-Second": Match(keys: ["function.duration-x86_64"]),
    "Lambda-GB-Second-ARM": Match(keys: ["function.duration-arm64"]),
    "Lambda-Storage-GB-Second": Match(keys: ["function.ephemeral-storage"]),
    "Lambda-Provisioned-GB-Second": Match(keys: ["function.provisioned-duration-x86_64"]),
    "Lambda-Provisioned-GB-Second-ARM": Match(keys: ["function.provisioned-duration-arm64"]),
    "Lambda-Provisioned-Concurrency": Match(keys: ["function.provisioned-concurrency-x86_64"]),
    "Lambda-Provisioned-Concurrency-ARM": Match(keys: ["function.provisioned-concurrency-arm64"]),
  ]

  private static let objects = [
    "TimedStorage-ByteHrs": Match(keys: ["object-store.storage"]),
    "Requests-Tier1": Match(keys: ["object-store.put", "object-store.list"], baseUnits: 1),
    "Requests-Tier2": Match(keys: ["object-store.get"], baseUnits: 1),
    // Express One Zone, as the S3 User Guide's page on billing and usage reports names it.
    "TimedStorage-XZ-ByteHrs": Match(keys: ["object-store-express.storage"]),
    "Requests-XZ-Tier1": Match(
      keys: ["object-store-express.put", "object-store-express.list"], baseUnits: 1),
    "Requests-XZ-Tier2": Match(keys: ["object-store-express.get"], baseUnits: 1),
    "Upload-XZ": Match(keys: ["object-store-express.put-bytes"]),
    "Retrieval-XZ": Match(keys: ["object-store-express.get-bytes"]),
  ]

  /// Gateways and endpoints of private networks, and bytes between zones.
  private static let networks = [
    "NatGateway-Hours": Match(keys: ["network.nat-hours"]),
    "NatGateway-Bytes": Match(keys: ["network.nat-bytes"]),
    "VpcEndpoint-Hours": Match(keys: ["network.endpoint-hours"]),
    "VpcEndpoint-Bytes": Match(keys: ["network.endpoint-bytes"]),
    "DataTransfer-Regional-Bytes": Match(keys: ["network.cross-zone"]),
  ]

  private static let logs = Match(keys: ["logs.ingest"])

  private static let queues = [
    "Requests-RBP": Match(keys: ["queue.request"], baseUnits: 1),
    "Requests-FIFO-RBP": Match(keys: ["queue-fifo.request"], baseUnits: 1),
  ]

  private static let workflows = [
    "StateTransition": Match(keys: ["workflow.transition"], baseUnits: 1),
    "StepFunctions-Request": Match(keys: ["workflow.express-request"], baseUnits: 1),
    "StepFunctions-GB-Second": Match(keys: ["workflow.express-duration"]),
  ]

  private static let tables = [
    "WriteRequestUnits": Match(keys: ["key-value-table.write-unit"], baseUnits: 1),
    // Reads are counted in halves, for those that are eventually consistent.
    "ReadRequestUnits": Match(keys: ["key-value-table.read-unit"], baseUnits: 2),
    "TimedStorage-ByteHrs": Match(keys: ["key-value-table.storage"]),
  ]

  private static func node(
    _ usage: String, _ attributes: [String: String], engine: String
  ) -> Match? {
    let prefix = "NodeUsage:"
    guard usage.hasPrefix(prefix), attributes["cacheengine"] == engine else { return nil }
    return Match(keys: ["memory-store.\(usage.dropFirst(prefix.count))"])
  }

  /// RabbitMQ on one instance.
  private static func broker(_ usage: String, _ attributes: [String: String]) -> Match? {
    guard attributes["brokerengine"] == "RabbitMQ", attributes["deploymentoption"] == "Single-AZ",
      let type = usage.firstRange(of: "mq.")
    else { return nil }
    return Match(keys: ["broker.\(usage[type.lowerBound...])"])
  }

  /// Linux on shared hardware, without software that costs, and not reserved ahead.
  private static func machine(_ usage: String, _ attributes: [String: String]) -> Match? {
    let wanted = [
      ("operatingsystem", "Linux"), ("tenancy", "Shared"), ("preinstalledsw", "NA"),
      ("capacitystatus", "Used"),
    ]
    guard usage.hasPrefix("BoxUsage"), let type = attributes["instancetype"],
      wanted.allSatisfy({ name, value in attributes[name] == value })
    else { return nil }
    return Match(keys: ["virtual-machine.\(type)"])
  }

  /// `EUW3-BoxUsage:t3.small` without `EUW3-`, which us-east-1 does not have.
  private static func withoutRegion(_ usage: String) -> String {
    guard let dash = usage.firstIndex(of: "-") else { return usage }
    let prefix = usage[..<dash]
    let isRegion =
      (2...5).contains(prefix.count)
      && prefix.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
    return isRegion ? String(usage[usage.index(after: dash)...]) : usage
  }
}
