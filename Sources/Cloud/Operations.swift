/// The operations whose latency a scenario may replace by a recording.
///
/// A provider has a latency for each of those under the same key.
public enum Operations {
  /// Their names, as in `object-store.get`, service by service.
  public static let names: [String] =
    ["function.invoke", "function.invoke-event", "function.sandbox"]
    + ["put", "get", "list", "delete"].flatMap {
      ["object-store.\($0)", "object-store-express.\($0)"]
    }
    + ["set", "get", "delete", "append", "run", "scan", "ping"].map { "memory-store.\($0)" }
    + ["put", "get", "query", "delete"].map { "key-value-table.\($0)" }
    + ["send", "receive", "delete", "count", "purge"].flatMap {
      ["queue.\($0)", "queue-fifo.\($0)"]
    }
    + ["publish", "deliver"].map { "broker.\($0)" }
    + ["start", "transition"].map { "workflow.\($0)" }
    + ["remote-service.call"]
}
