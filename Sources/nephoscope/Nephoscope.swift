@main struct Nephoscope { static func main() {} }
