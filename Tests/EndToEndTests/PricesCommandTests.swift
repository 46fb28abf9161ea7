import Foundation
import Testing

/// Small price lists in the three formats of AWS.
private enum Lists {
  /// Products and terms of Lambda: a request, and compute in tiers.
  static let bulk = """
    {"formatVersion": "v1.0", "offerCode": "AWSLambda", "version": "20260919002359",
     "publicationDate": "2026-09-19T00:23:59Z",
     "products": {
      "AAA": {"sku": "AAA", "productFamily": "Serverless", "attributes":
        {"servicecode": "AWSLambda", "usagetype": "EUW3-Request", "operation": "\\u0041"}},
      "BBB": {"sku": "BBB", "attributes":
        {"servicecode": "AWSLambda", "usagetype": "EUW3-Lambda-GB-Second"}},
      "CCC": {"sku": "CCC", "attributes":
        {"servicecode": "AWSLambda", "usagetype": "EUW3-Lambda-Edge-GB-Second"}}},
     "terms": {"Reserved": {"AAA": {"AAA.X": {"priceDimensions": {}}}},
      "OnDemand": {
      "AAA": {"AAA.J": {"priceDimensions": {"AAA.J.1": {"beginRange": "0", "endRange": "Inf",
        "unit": "Requests", "pricePerUnit": {"USD": "0.0000002500"}, "appliesTo": []}}}},
      "BBB": {"BBB.J": {"priceDimensions": {
        "BBB.J.2": {"beginRange": "6000", "endRange": "Inf", "unit": "Lambda-GB-Second",
          "pricePerUnit": {"USD": "0.0000150000"}},
        "BBB.J.1": {"beginRange": "0", "endRange": "6000", "unit": "Lambda-GB-Second",
          "pricePerUnit": {"USD": "0.0000200000"}}}}},
      "CCC": {"CCC.J": {"priceDimensions": {"CCC.J.1": {"beginRange": "0", "endRange": "Inf",
        "unit": "GB", "pricePerUnit": {"USD": "7"}}}}}}}}
    """

  /// Machines with every filter once unmet.
  static let table =
    """
    "FormatVersion","v1.0"
    "Disclaimer","Informational, ""as is"", only"
    "Publication Date","2026-10-19T20:48:02Z"
    "Version","20261019204802"
    "OfferCode","AmazonEC2"
    "SKU","TermType","StartingRange","EndingRange","Unit","PricePerUnit","Currency",\
    "serviceCode","Instance Type","Tenancy","Operating System","usageType","CapacityStatus",\
    "Pre Installed S/W"

    """
    + [
      "OnDemand,0.0236,USD,t3.small,Shared,Linux,EUW3-BoxUsage:t3.small,Used,NA",
      "Reserved,0.0111,USD,t3.small,Shared,Linux,EUW3-BoxUsage:t3.small,Used,NA",
      "OnDemand,0.0420,USD,t3.small,Shared,Windows,EUW3-BoxUsage:t3.small,Used,NA",
      "OnDemand,0.0250,USD,t3.small,Dedicated,Linux,EUW3-DedicatedUsage:t3.small,Used,NA",
      "OnDemand,0.5000,USD,t3.small,Shared,Linux,EUW3-BoxUsage:t3.small,Used,SQL Std",
      "OnDemand,0.0000,USD,t3.small,Shared,Linux,EUW3-UnusedBox:t3.small,UnusedCapacity,NA",
      "OnDemand,0.2,CNY,t3.small,Shared,Linux,EUW3-BoxUsage:t3.small,Used,NA",
      "OnDemand,9.9,USD,x9.huge,Shared,Linux,EUW3-BoxUsage:x9.huge,Used,NA",
    ].enumerated().map { index, row in
      let fields = row.components(separatedBy: ",")
      return
        (["S\(index)", fields[0], "0", "Inf", "Hrs", fields[1], fields[2], "AmazonEC2"]
        + fields[3...]).map { "\"\($0)\"" }.joined(separator: ",") + "\n"
    }.joined()

  /// Nodes of three engines, as `get-products` prints them: texts of JSON, and one object.
  static func products() throws -> String {
    let nodes = [
      ("Redis", "NodeUsage:cache.t3.small", "0.0360000000"),
      ("Valkey", "NodeUsage:cache.t3.small", "0.0288000000"),
      ("Redis", "ExtendedSupportYr1-NodeUsage:cache.t3.small", "0.9"),
      ("Memcached", "NodeUsage:cache.t3.small", "0.0350000000"),
    ]
    let texts = nodes.enumerated().map { index, node in
      """
      {"product":{"productFamily":"Cache Instance","attributes":{"cacheEngine":"\(node.0)",\
      "usagetype":"\(node.1)","servicecode":"AmazonElastiCache"},"sku":"N\(index)"},\
      "serviceCode":"AmazonElastiCache","terms":{"OnDemand":{"N\(index).J":{"priceDimensions":{\
      "N\(index).J.1":{"unit":"Hrs","endRange":"Inf","beginRange":"0",\
      "pricePerUnit":{"USD":"\(node.2)"}}}}}},"version":"20261001",\
      "publicationDate":"2026-10-01T12:00:00Z"}
      """
    }
    let encoded = try texts.prefix(3).map {
      String(decoding: try JSONSerialization.data(withJSONObject: [$0]), as: UTF8.self)
        .dropFirst().dropLast()
    }
    return "{\"FormatVersion\":\"aws_v1\",\"NextToken\":\"x\",\"PriceList\":["
      + (encoded.map(String.init) + [texts[3]]).joined(separator: ",") + "]}"
  }
}

@Suite("The prices command") struct PricesCommandTests {
  @Test("imports bulk JSON, bulk CSV and get-products into a provider file that can be read")
  func imports() throws {
    try Tool.inDirectory { tool in
      try tool.write(Lists.bulk, to: "lambda.json")
      try tool.write(Lists.table, to: "ec2.csv")
      try tool.write(try Lists.products(), to: "cache.json")
      let output = try tool.run(
        "prices", "import", "lambda.json", "ec2.csv", "cache.json", "-o", "paris.yaml")
      #expect(output.status == 0, "\(output.error)")
      #expect(output.error.contains("4 prices"))
      let shown = try tool.run("prices", "show", "paris.yaml")
      #expect(shown.status == 0, "\(shown.error)")
      func line(_ service: String, _ item: String) -> String? {
        shown.out.split(separator: "\n").map { $0.split(separator: " ") }
          .first { $0.count > 2 && $0[0] == service && $0[1] == item }?
          .dropFirst(2).joined(separator: " ")
      }
      #expect(
        line("function", "request")
          == "0.25 USD per 1000000 requests; 1 free in the free tier")
      #expect(
        line("function", "duration-x86_64")
          == "0.00002 USD up to 6000, then 0.000015 USD per GB-second; "
          + "400000 free in the free tier")
      #expect(line("virtual-machine", "t3.small") == "0.0236 USD per hour")
      #expect(line("memory-store", "cache.t3.small") == "0.036 USD per hour")
      // What the lists do not have is as before.
      #expect(line("object-store", "put") == "0.005 USD per 1000 requests")
      let valkey = try tool.run("prices", "import", "cache.json", "--engine", "Valkey")
      #expect(valkey.out.contains("value: 0.0288 USD"))
    }
  }

  @Test("a difference in prices is one in money for a scenario, as one can count")
  func diff() throws {
    try Tool.inDirectory { tool in
      try tool.write(Lists.bulk, to: "lambda.json")
      #expect(try tool.run("prices", "import", "lambda.json", "-o", "b.yaml").status == 0)
      let scenario = Quick.scenario.replacing(
        "[spirt, mlless, scatter-reduce, all-reduce]", with: "[all-reduce]")
      let prices = try tool.run("prices", "diff", "aws/us-east-1", "b.yaml")
      #expect(prices.status == 0, "\(prices.error)")
      #expect(prices.out.contains("+25.0 %") && prices.out.contains("+20.0 %"))
      #expect(!prices.out.contains("object-store"))
      let document = try tool.run("prices", "diff", "aws/us-east-1", "b.yaml", "--json").document()
      let differences = try #require(document["prices"] as? [[String: Any]])
      #expect(differences.map { $0["item"] as? String } == ["request", "duration-x86_64"])
      #expect(abs((differences[0]["change"] as? Double ?? 0) - 0.25) < 1e-12)
      let same = try tool.run("prices", "diff", "b.yaml", "b.yaml")
      #expect(same.out == "all prices are the same\n")

      try tool.write(
        scenario,
        to: "quick.yaml")
      let bills = try tool.run(
        "prices", "diff", "aws/us-east-1", "b.yaml", "--scenario", "quick.yaml")
      #expect(bills.status == 0, "\(bills.error)")
      let run = try tool.run("run", "quick.yaml", "--json").document()
      let bill = try #require((run["runs"] as? [[String: Any]])?.first)
      let cost = try #require(bill["cost_usd"] as? String)
      let row = try #require(bills.out.split(separator: "\n").first { $0.hasPrefix("all-reduce") })
      let sums = row.matches(of: /([0-9.]+) USD/).compactMap { Double($0.output.1) }
      #expect(abs(sums[0] - (Double(cost) ?? 0)) < 1e-15)
      let json = try tool.run(
        "prices", "diff", "aws/us-east-1", "b.yaml", "--scenario", "quick.yaml", "--json"
      ).document()
      let difference = try #require((json["bills"] as? [[String: Any]])?.first)
      #expect(difference["first_usd"] as? String == cost)
      // The same run with the other provider costs as much as the recomputed bill says.
      try tool.write(
        scenario
          + "\nprovider: ./b.yaml\n", to: "other.yaml")
      let other = try tool.run("run", "other.yaml", "--json")
      #expect(other.status == 0, "\(other.error)")
      let total = try #require(
        (try other.document()["runs"] as? [[String: Any]])?.first?["cost_usd"] as? String)
      #expect(abs(sums[1] - (Double(total) ?? 0)) < 1e-15)
      #expect(difference["second_usd"] as? String == total)
    }
  }

  @Test("says what is wrong with a price list")
  func mistakes() throws {
    try Tool.inDirectory { tool in
      func status(_ text: String, says message: String) throws {
        try tool.write(text, to: "list")
        let output = try tool.run("prices", "import", "list")
        #expect(output.status == 65 && output.error.contains(message), "\(output.error)")
        #expect(output.out.isEmpty)
      }
      try status("{}", says: "is no AWS price list")
      try status("a,b\n1,2\n", says: "is no AWS price list")
      try status(String(Lists.bulk.dropLast(40)), says: "list:")
      for (part, replacement, message) in [
        (
          "EUW3-Lambda-Edge-GB-Second", "EUW1-Lambda-GB-Second",
          "has two prices, of the products BBB and CCC"
        ),
        ("0.0000002500", "cheap", "a price of 'cheap'"),
        ("0.0000002500", "-0.0000002500", "a price of '-0.0000002500'"),
        (
          "\"6000\", \"endRange\"", "\"7000\", \"endRange\"", "has no single price in USD from unit"
        ),
        ("{\"USD\": \"0.0000200000\"", "{\"CNY\": \"1\"", "no single price in USD from unit 0 on"),
        (
          "\"Inf\", \"unit\": \"Lambda", "\"9000\", \"unit\": \"Lambda", "no price in USD from unit"
        ),
        (
          "\"AWSLambda\", \"usagetype\"", "\"AmazonX\", \"usagetype\"",
          "has no price that aws/us-east-1 has"
        ),
      ] {
        try status(Lists.bulk.replacing(part, with: replacement), says: message)
      }
      #expect(try tool.run("prices", "import", "none.json").status == 66)
      #expect(try tool.run("prices", "show", "aws/mars").status == 66)
    }
  }
}
