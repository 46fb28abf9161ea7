extension PriceList {
  /// A range of usage with its price, before it is known of which product.
  private struct Dimension {
    var unit = ""
    var from = "0"
    var to = "Inf"
    var usd: String?
  }

  /// A product: its number and what it is.
  private struct Product {
    var sku = ""
    var attributes: [String: String] = [:]
  }

  /// Reads bulk JSON, or the output of `get-products`.
  func readJSON(_ json: JSONStream) throws(TraceError) {
    var products: [String: [String: String]]?
    var isPriceList = false
    try json.object { key throws(TraceError) in
      switch key {
      case "offerCode": offer = try json.string()
      case "version": version = try json.string()
      case "publicationDate": published = try json.string()
      case "products": products = try readProducts(json)
      case "terms":
        guard let products else { throw json.error("the products do not come before the terms") }
        isPriceList = true
        try readTerms(json, of: products)
      case "PriceList":
        isPriceList = true
        try json.array { () throws(TraceError) in try readElement(json) }
      default: try json.skip()
      }
    }
    guard isPriceList else {
      throw TraceError(file: name, line: 1, column: 1, "is no AWS price list")
    }
  }

  private func readProducts(_ json: JSONStream) throws(TraceError) -> [String: [String: String]] {
    var products: [String: [String: String]] = [:]
    try json.object { sku throws(TraceError) in
      let product = try readProduct(json)
      if isWanted(product.attributes) { products[sku] = product.attributes }
    }
    return products
  }

  private func readProduct(_ json: JSONStream) throws(TraceError) -> Product {
    var product = Product()
    try json.object { key throws(TraceError) in
      switch key {
      case "sku": product.sku = try json.string()
      case "productFamily": product.attributes["productfamily"] = try json.string()
      case "attributes":
        try json.object { name throws(TraceError) in
          product.attributes[PriceList.normalized(name)] = try json.string()
        }
      default: try json.skip()
      }
    }
    return product
  }

  private func readTerms(
    _ json: JSONStream, of products: [String: [String: String]]
  ) throws(TraceError) {
    try json.object { kind throws(TraceError) in
      guard kind == "OnDemand" else { return try json.skip() }
      try json.object { sku throws(TraceError) in
        guard let attributes = products[sku] else { return try json.skip() }
        try give(try readOffers(json), of: sku, attributes)
      }
    }
  }

  /// One product of `get-products`, an object or the text of one.
  private func readElement(_ json: JSONStream) throws(TraceError) {
    guard try json.isAtString() else { return try readElementObject(json) }
    let bytes = Array(try json.string().utf8)
    try readElementObject(JSONStream(ByteSource(bytes: bytes, name: name), name: name))
  }

  private func readElementObject(_ json: JSONStream) throws(TraceError) {
    var product = Product()
    var dimensions: [Dimension] = []
    try json.object { key throws(TraceError) in
      switch key {
      case "serviceCode": offer = try json.string()
      case "version": version = try json.string()
      case "publicationDate": published = max(published, try json.string())
      case "product": product = try readProduct(json)
      case "terms":
        try json.object { kind throws(TraceError) in
          guard kind == "OnDemand" else { return try json.skip() }
          dimensions = try readOffers(json)
        }
      default: try json.skip()
      }
    }
    if isWanted(product.attributes) {
      try give(dimensions, of: product.sku, product.attributes)
    }
  }

  /// The price dimensions of a product's offers.
  private func readOffers(_ json: JSONStream) throws(TraceError) -> [Dimension] {
    var dimensions: [Dimension] = []
    try json.object { _ throws(TraceError) in
      try json.object { key throws(TraceError) in
        guard key == "priceDimensions" else { return try json.skip() }
        try json.object { _ throws(TraceError) in dimensions.append(try readDimension(json)) }
      }
    }
    return dimensions
  }

  private func readDimension(_ json: JSONStream) throws(TraceError) -> Dimension {
    var dimension = Dimension()
    try json.object { key throws(TraceError) in
      switch key {
      case "unit": dimension.unit = try json.string()
      case "beginRange": dimension.from = try json.string()
      case "endRange": dimension.to = try json.string()
      case "pricePerUnit":
        try json.object { currency throws(TraceError) in
          let price = try json.string()
          if currency == "USD" { dimension.usd = price }
        }
      default: try json.skip()
      }
    }
    return dimension
  }

  private func give(
    _ dimensions: [Dimension], of sku: String, _ attributes: [String: String]
  ) throws(TraceError) {
    for dimension in dimensions {
      guard let usd = dimension.usd else { continue }
      try take(
        PriceListRate(
          sku: sku, attributes: attributes, unit: dimension.unit, from: dimension.from,
          to: dimension.to, usd: usd))
    }
  }
}
