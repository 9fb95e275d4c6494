#include "run/json_text.h"

#include <chrono>

#include "tests/catch.h"

using namespace longhaul;

namespace {

JsonNode root_of(const std::string& text) {
  auto document = parse_json("x.json", text);
  REQUIRE(document.ok());
  REQUIRE(document.value().errors.empty());
  return document.value().root;
}

Error error_of(std::string_view text) {
  const auto document = parse_json("x.json", text);
  REQUIRE_FALSE(document.ok());
  REQUIRE(document.errors().size() == 1);
  return document.errors().front();
}

// "line:column value | expected"
std::string fault(std::string_view text) {
  const Error error = error_of(text);
  return std::to_string(error.line) + ":" + std::to_string(error.column) + " " + error.value +
         " | " + error.expected;
}

std::string slice(std::string_view text, const Span& span) {
  return std::string(text.substr(span.offset, span.length));
}

}  // namespace

TEST_CASE("json_text: every kind of value arrives with its text", "[run][json_text]") {
  const JsonNode root = root_of(
      R"({"t": "a\"\u00e9\n", "n": -1.50e+3, "b": true, "z": null, "l": [1, "x"], "o": {}})");
  REQUIRE(root.kind == JsonKind::object);
  REQUIRE(root.members.size() == 6);
  REQUIRE(root.find("t")->kind == JsonKind::text);
  REQUIRE(root.find("t")->text == "a\"\xC3\xA9\n");
  REQUIRE(root.find("n")->kind == JsonKind::number);
  REQUIRE(root.find("n")->text == "-1.50e+3");
  REQUIRE(root.find("b")->kind == JsonKind::boolean);
  REQUIRE(root.find("b")->text == "true");
  REQUIRE(root.find("z")->kind == JsonKind::null);
  REQUIRE(root.find("l")->items.at(0).text == "1");
  REQUIRE(root.find("l")->items.at(1).kind == JsonKind::text);
  REQUIRE(root.find("o")->kind == JsonKind::object);
  REQUIRE(root.find("absent") == nullptr);
}

TEST_CASE("json_text: spans are the bytes of the file, columns are characters",
          "[run][json_text]") {
  const std::string text = "{\n  \"é\": \"ü\", \"n\" : 12 ,\n  \"l\": [true, {\"a\": 3}]\n}";
  const JsonNode root = root_of(text);
  REQUIRE(slice(text, root.span) == text);
  REQUIRE(slice(text, root.members[0].key_span) == "\"é\"");
  REQUIRE(slice(text, root.members[0].value.span) == "\"ü\"");
  REQUIRE(slice(text, root.members[1].value.span) == "12");
  REQUIRE(slice(text, root.members[2].value.span) == "[true, {\"a\": 3}]");
  REQUIRE(slice(text, root.members[2].value.items[1].span) == "{\"a\": 3}");
  // Line 2 is `  "é": "ü", "n" : 12 ,`: two blanks, then "é" is columns 3 to 5, "ü" 8 to 10,
  // "n" 13 to 15, 12 begins at 19.
  REQUIRE(root.members[0].value.span.line == 2);
  REQUIRE(root.members[0].value.span.column == 8);
  REQUIRE(root.members[1].key_span.column == 13);
  REQUIRE(root.members[1].value.span.column == 19);
  REQUIRE(root.members[2].value.span.line == 3);
}

TEST_CASE("json_text: comments and a last comma are accepted", "[run][json_text]") {
  const std::string text =
      "// first\n{ /* \"a\": 1, */ \"b\": [1, 2, // two\n ], \"c\": \"// no */\", }";
  const JsonNode root = root_of(text);
  REQUIRE(root.members.size() == 2);
  REQUIRE(root.find("b")->items.size() == 2);
  REQUIRE(root.find("c")->text == "// no */");
  REQUIRE(slice(text, root.find("b")->span) == "[1, 2, // two\n ]");
  REQUIRE(root_of("[\"a\\\\\", \"b,]\",]").items.size() == 2);
  REQUIRE(root_of("\xEF\xBB\xBF{\"a\": 1}").members[0].key_span.column == 2);
}

TEST_CASE("json_text: commas without a value are refused where they stand", "[run][json_text]") {
  REQUIRE(fault("[,]") == "1:2 , | a value or ']'");
  REQUIRE(fault("[1,,2]") == "1:4 , | a value");
  REQUIRE(fault("[1,,]") == "1:4 , | a value");
  REQUIRE(fault("{,}") == "1:2 , | a key in double quotes or '}'");
  REQUIRE(fault("{\"a\":,}") == "1:6 , | a value");
  REQUIRE(fault("{\"a\"::1}") == "1:6 : | a value");
  REQUIRE(fault("[1:2]") == "1:3 : | ',' or ']'");
}

TEST_CASE("json_text: a syntax error says what was found and what belongs there",
          "[run][json_text]") {
  REQUIRE(fault("{\n  \"a\" 1}") == "2:7 1 | ':' behind the key");
  REQUIRE(fault("{\"a\": 1 \"b\": 2}") == "1:9 \"b\": 2} | ',' or '}'");
  REQUIRE(fault("{a: 1}") == "1:2 a | a key in double quotes or '}'");
  REQUIRE(fault("{\"a\": 'x'}") == "1:7 'x' | a value");
  REQUIRE(fault("{\"a\": True}") == "1:7 True | a value");
  REQUIRE(fault("[1 2]") == "1:4 2 | ',' or ']'");
  REQUIRE(fault("[01]") == "1:3 1 | ',' or ']'");
  REQUIRE(fault("{} {}") == "1:4 { | nothing behind the last bracket");
  REQUIRE(fault("[1}") == "1:3 } | ',' or ']'");
  REQUIRE(fault("[/* x") == "1:2 /* | a comment that ends with */");
  REQUIRE(fault("[1e999]") == "1:2 1e999 | a smaller number");
  REQUIRE(error_of("[\"\\q\"]").expected.find("a string in double quotes (") == 0);
  REQUIRE(error_of("[\"\\ud800\"]").expected.find("a string in double quotes (") == 0);
  REQUIRE(error_of("[\"a\nb\"]").column == 2);
}

TEST_CASE("json_text: a file that ends too early names the open bracket", "[run][json_text]") {
  REQUIRE(fault("") == "1:1 the end of the file | a JSON object");
  REQUIRE(fault(" \n // nothing\n") == "3:1 the end of the file | a JSON object");
  REQUIRE(fault("{\"a\": [1,\n 2") ==
          "2:3 the end of the file | ',' or ']'; the '[' of line 1, column 7 is not closed");
  REQUIRE(fault("{\"a\":") ==
          "1:6 the end of the file | a value; the '{' of line 1, column 1 is not closed");
}

TEST_CASE("json_text: NUL bytes and broken UTF-8 are refused, also in comments",
          "[run][json_text]") {
  using namespace std::string_view_literals;
  REQUIRE(fault("{}\0{}"sv) == "1:3 a NUL byte | text without NUL bytes");
  REQUIRE(fault("{} // \xC0\x80") == "1:7 a byte that is not UTF-8 | text in UTF-8");
  REQUIRE(fault("[\"\xED\xA0\x80\"]") == "1:3 a byte that is not UTF-8 | text in UTF-8");
  REQUIRE(fault("[\"\xF4\x90\x80\x80\"]") == "1:3 a byte that is not UTF-8 | text in UTF-8");
  REQUIRE(fault("[\"\xE2\x82") == "1:3 a byte that is not UTF-8 | text in UTF-8");
  REQUIRE(root_of("[\"\xF0\x9F\x90\x98\"]").items[0].span.length == 6);
}

TEST_CASE("json_text: duplicate keys are all reported with the first place", "[run][json_text]") {
  const auto document = parse_json(
      "x.json",
      "{\"a\": 1,\n \"l\": [{\"name\": \"n1\", \"b\": 1, \"b\": 2, \"b\": 3}],\n \"a\": 2}");
  REQUIRE(document.ok());
  const auto& errors = document.value().errors;
  REQUIRE(errors.size() == 3);
  REQUIRE(errors[0].path == "a");
  REQUIRE(errors[0].line == 3);
  REQUIRE(errors[0].column == 2);
  REQUIRE(errors[0].expected == "each key once (the first is in line 1, column 2)");
  REQUIRE(errors[1].path == "l.n1.b");
  REQUIRE(errors[2].path == "l.n1.b");
  REQUIRE(errors[1].column < errors[2].column);
}

TEST_CASE("json_text: depth, size and number of values have a limit", "[run][json_text]") {
  REQUIRE(parse_json("x", std::string(64, '[') + std::string(64, ']')).ok());
  REQUIRE(error_of(std::string(65, '[') + std::string(65, ']')).value ==
          "brackets nested deeper than 64");
  REQUIRE(error_of(std::string((std::size_t{16} << 20) + 1, ' ')).expected ==
          "a file of at most 16 MiB");
  std::string zeros = "[";
  for (int i = 0; i < 200'000; ++i) zeros += "0,";
  REQUIRE(error_of(zeros + "0]").value == "more than 200000 values");
}

TEST_CASE("json_text: megabytes of brackets are refused within a second", "[run][json_text]") {
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE_FALSE(parse_json("x", std::string(20'000'000, '[')).ok());
  REQUIRE_FALSE(parse_json("x", std::string(16'000'000, '[')).ok());
  REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

TEST_CASE("json_text: numbers of any length stay as they are written", "[run][json_text]") {
  const std::string digits(400, '9');
  REQUIRE(root_of("[123456789012345678901234567890]").items[0].text ==
          "123456789012345678901234567890");
  REQUIRE(root_of("[-0]").items[0].text == "-0");
  REQUIRE(error_of("[" + digits + "]").expected == "a smaller number");
}

TEST_CASE("json_text: names are short words of lower case", "[run][json_text]") {
  REQUIRE(is_name("aws:eu-west-1"));
  REQUIRE(is_name("a_b.c"));
  REQUIRE_FALSE(is_name(""));
  REQUIRE_FALSE(is_name("Db"));
  REQUIRE_FALSE(is_name("a b"));
  REQUIRE_FALSE(is_name(std::string(101, 'a')));
  REQUIRE(clipped("ééé", 2) == "éé...");
  REQUIRE(clipped("ééé", 3) == "ééé");
}
