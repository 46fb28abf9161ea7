import Foundation
import Testing

/// A product of a price list with one rate.
private struct Product {
  let offer, usage, usd: String
  var attributes: [String: String] = [:]
  /// The price that it is to a provider file; nil for what it does not have.
  let price: (service: String, item: String)?

  init(
    _ offer: String, _ usage: String, _ usd: String, _ attributes: [String: String] = [:],
    is price: (service: String, item: String)?
  ) {
    self.offer = offer
    self.usage = usage
    self.usd = usd
    self.attributes = attributes
    self.price = price
  }

  private static let rabbit = ["brokerEngine": "RabbitMQ", "deploymentOption": "Single-AZ"]
  private static let active = ["brokerEngine": "ActiveMQ", "deploymentOption": "Single-AZ"]
  private static let cluster = ["brokerEngine": "RabbitMQ", "deploymentOption": "Multi-AZ"]

  static let all = [
    Product(
      "AmazonS3", "EUW1-TimedStorage-XZ-ByteHrs", "0.12", is: ("object-store-express", "storage")),
    Product("AmazonS3", "EUW1-Requests-XZ-Tier1", "0.0000012", is: ("object-store-express", "put")),
    Product(
      "AmazonS3", "EUW1-Requests-XZ-Tier2", "0.00000004", is: ("object-store-express", "get")),
    Product("AmazonS3", "EUW1-Upload-XZ", "0.0033", is: ("object-store-express", "put-bytes")),
    Product("AmazonS3", "EUW1-Retrieval-XZ", "0.0007", is: ("object-store-express", "get-bytes")),
    Product("AmazonS3", "EUW1-Retrieval-ZIA", "9", is: nil),
    Product("AmazonMQ", "EUW1-mq.m5.large", "0.32", rabbit, is: ("broker", "mq.m5.large")),
    Product("AmazonMQ", "EUW1-mq.m5.large", "9", active, is: nil),
    Product("AmazonMQ", "EUW1-MultiAZ:mq.m5.large", "9", cluster, is: nil),
    Product("AmazonEC2", "EUW1-NatGateway-Hours", "0.048", is: ("network", "nat-hours")),
    Product("AmazonEC2", "EUW1-NatGateway-Bytes", "0.049", is: ("network", "nat-bytes")),
    Product("AmazonVPC", "EUW1-VpcEndpoint-Hours", "0.011", is: ("network", "endpoint-hours")),
    Product("AmazonVPC", "EUW1-VpcEndpoint-Bytes", "0.012", is: ("network", "endpoint-bytes")),
    Product(
      "AWSDataTransfer", "EUW1-DataTransfer-Regional-Bytes", "0.013",
      ["transferType": "IntraRegion"], is: ("network", "cross-zone")),
    Product(
      "AWSDataTransfer", "EUW1-DataTransfer-Regional-Bytes", "9", ["transferType": "x"], is: nil),
    Product("AmazonCloudWatch", "EUW1-DataProcessing-Bytes", "0.57", is: ("logs", "ingest")),
  ]

  /// The offers' names, each once.
  static var offers: [String] {
    all.map(\.offer).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The bulk list of one offer.
  static func list(of offer: String) throws -> String {
    var (products, terms): ([String: Any], [String: Any]) = ([:], [:])
    for (index, product) in all.enumerated() where product.offer == offer {
      let sku = "SKU\(index)"
      let own = ["servicecode": offer, "usagetype": product.usage]
      products[sku] = [
        "sku": sku, "attributes": own.merging(product.attributes) { first, _ in first },
      ]
      let dimension: [String: Any] = [
        "beginRange": "0", "endRange": "Inf", "unit": "x", "pricePerUnit": ["USD": product.usd],
      ]
      terms[sku] = ["\(sku).J": ["priceDimensions": ["\(sku).J.1": dimension]]]
    }
    func text(_ value: Any) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
    return """
      {"offerCode": "\(offer)", "version": "1", "publicationDate": "2026-10-02",
       "products": \(try text(products)), "terms": \(try text(["OnDemand": terms]))}
      """
  }
}

@Suite("Imported prices") struct ImportedPriceTests {
  @Test("are also those of one zone, brokers, gateways, endpoints, bytes between zones and logs")
  func more() throws {
    try Tool.inDirectory { tool in
      for offer in Product.offers {
        try tool.write(try Product.list(of: offer), to: "\(offer).json")
      }
      let output = try tool.run(
        ["prices", "import"] + Product.offers.map { "\($0).json" } + ["-o", "ireland.yaml"])
      #expect(output.status == 0, "\(output.error)")
      let document = try tool.run("prices", "show", "ireland.yaml", "--json").document()
      let prices = try #require(document["prices"] as? [[String: Any]])
      func usd(_ service: String, _ item: String) throws -> Double {
        let price = prices.first {
          $0["service"] as? String == service && $0["item"] as? String == item
        }
        let tiers = (price?["price"] as? [String: Any])?["tiers"] as? [[String: Any]]
        let text = try #require(tiers?.first?["usd"] as? String)
        return try #require(Double(text))
      }
      for product in Product.all {
        guard let (service, item) = product.price else { continue }
        // The provider's prices are for a thousand requests.
        let scale = product.usage.contains("Requests") ? 1000.0 : 1
        let expected = try #require(Double(product.usd)) * scale
        #expect(abs(try usd(service, item) / expected - 1) < 1e-9, "\(service)/\(item)")
      }
      // Lists cost as much as uploads; what no list has is as before.
      #expect(abs(try usd("object-store-express", "list") - 0.0012) < 1e-12)
      #expect(try usd("object-store", "put") == 0.005)
    }
  }
}
