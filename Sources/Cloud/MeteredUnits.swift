extension BillingUnit {
  /// The base units that measure something; all others count.
  private static let measures = ["MB ms", "mCPU ms", "MHz ms", "s", "MB h", "KB"]

  /// What the base unit is of: itself, where it measures something.
  public var kind: String {
    BillingUnit.measures.contains(baseUnit) ? "usage in \(baseUnit)" : "a count"
  }

  /// What the usage of an item is, as the services meter it; nil for an item that none has.
  public static func kind(of item: String, of service: String) -> String? {
    switch (service, item) {
    case ("function", let item) where item.hasPrefix("vcpu-"): "usage in mCPU ms"
    case ("function", "request"), ("workflow", "transition"), ("workflow", "express-request"):
      "a count"
    case ("function", _), ("workflow", _): "usage in MB ms"
    case ("memory-store", _), ("broker", _), ("virtual-machine", _), ("network", "endpoint-hours"),
      ("network", "nat-hours"):
      "usage in s"
    case (_, "storage"): "usage in MB h"
    case ("network", _), ("logs", _), ("object-store-express", "put-bytes"),
      ("object-store-express", "get-bytes"):
      "usage in KB"
    case ("object-store", _), ("object-store-express", _), ("key-value-table", _), ("queue", _),
      ("queue-fifo", _):
      "a count"
    default: nil
    }
  }
}
