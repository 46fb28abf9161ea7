/// One price of a product, for usage in a range.
public struct PriceListRate: Hashable, Sendable {
  /// The product's number.
  public let sku: String
  /// What the product is, by names in small letters: `usagetype`, `instancetype`.
  public let attributes: [String: String]
  /// What the price is for one of, as the list calls it.
  public let unit: String
  /// Units from which the price holds.
  public let from: String
  /// Units up to which it holds; `Inf` for the last.
  public let to: String
  /// The price in US dollars, as written.
  public let usd: String
}

/// An AWS price list: bulk JSON, bulk CSV, or what `aws pricing get-products` prints.
///
/// A list is read piece by piece: of its products only those that are wanted stay in memory.
public final class PriceList {
  /// The service, such as `AmazonEC2`, where the list says it.
  public internal(set) var offer = ""
  /// The list's version, where it says it.
  public internal(set) var version = ""
  /// When the list was published, as in `2026-09-19`.
  public internal(set) var published = ""

  let name: String
  let isWanted: ([String: String]) -> Bool
  let take: (PriceListRate) throws(TraceError) -> Void

  /// Reads the list at `path` and gives the on-demand rates of the wanted products to `take`.
  ///
  /// - Throws: `TraceError` where the file is no price list; what `take` throws.
  public init(
    path: String, isWanted: @escaping ([String: String]) -> Bool,
    take: @escaping (PriceListRate) throws(TraceError) -> Void
  ) throws(TraceError) {
    name = path
    self.isWanted = isWanted
    self.take = take
    let first = try ByteSource(path: path, name: path).next().first { byte in
      !" \t\r\n".utf8.contains(byte)
    }
    if first == UInt8(ascii: "{") {
      try readJSON(JSONStream(try ByteSource(path: path, name: path), name: path))
    } else {
      try readTable()
    }
    published = String(published.prefix(10))
  }

  /// A name of a column or an attribute, without what differs between the formats.
  static func normalized(_ name: String) -> String {
    String(name.lowercased().filter(\.isLetter))
  }

  // MARK: CSV

  /// Five lines about the list come before the header.
  private func readTable() throws(TraceError) {
    var reader = try CSVReader(try ByteSource(path: name, name: name), name: name)
    var columns: [String]?
    while columns == nil {
      guard let row = try reader.next(), row.line <= 10 else {
        throw TraceError(file: name, line: 1, column: 1, "is no AWS price list")
      }
      if row.fields.first == "SKU" { columns = row.fields.map(PriceList.normalized) }
      guard row.fields.count >= 2 else { continue }
      switch row.fields[0] {
      case "Publication Date": published = row.fields[1]
      case "Version": version = row.fields[1]
      case "OfferCode": offer = row.fields[1]
      default: break
      }
    }
    let names = columns ?? []
    for needed in ["termtype", "startingrange", "endingrange", "unit", "priceperunit", "currency"]
    where !names.contains(needed) {
      throw TraceError(file: name, "has no column '\(needed)'")
    }
    while let row = try reader.next() {
      if row.isBlank { continue }
      guard row.fields.count == names.count else {
        throw TraceError(
          file: name, line: row.line, column: 1,
          "has \(row.fields.count) fields where the header has \(names.count)")
      }
      let fields = Dictionary(zip(names, row.fields)) { first, _ in first }
      guard fields["termtype"] == "OnDemand", fields["currency"] == "USD", isWanted(fields) else {
        continue
      }
      try take(
        PriceListRate(
          sku: row.fields[0], attributes: fields, unit: fields["unit"] ?? "",
          from: fields["startingrange"] ?? "", to: fields["endingrange"] ?? "",
          usd: fields["priceperunit"] ?? ""))
    }
  }
}
