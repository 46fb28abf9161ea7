import Cloud
import Testing

@Suite("JSON") struct JSONTests {
  @Test(
    "is printed as it was read",
    arguments: [
      "null", "true", "-12", "0.5", "1e+300", "[]", "{}", #"{"a":[1,{"b":"ü\n\"\\"}]}"#,
      #""\u0001""#, "9223372036854775807",
    ])
  func roundTrip(text: String) throws {
    #expect(try JSONValue(parsing: text).description == text)
  }

  @Test(
    "is refused with the place where it goes wrong",
    arguments: [
      ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\":1,\n \"a\":2}", 2, 5), ("01", 1, 1),
      ("\"\\x\"", 1, 4), ("[1]]", 1, 4), ("nul", 1, 1), ("1e999", 1, 6), ("\"\\ud800\"", 1, 8),
      ("--1", 1, 1),
    ])
  func malformed(text: String, line: Int, column: Int) throws {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test("reads surrogate pairs and every escape")
  func escapes() throws {
    #expect(try JSONValue(parsing: #""\ud83d\ude00\/\b\f\r\t""#) == "😀/\u{8}\u{c}\r\t")
  }
}
