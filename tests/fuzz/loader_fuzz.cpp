// libFuzzer entry: any bytes at all as a configuration file. Whatever loads must survive being
// printed and loaded again.
// `./dev fuzz` runs it on tests/fuzz/seeds/loader with the words of tests/fuzz/loader.dict.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "run/config_json.h"
#include "run/json_text.h"
#include "run/overrides.h"
#include "tests/run/sample_config.h"

using namespace longhaul;
using Config = sample::Config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto document = parse_json("fuzz.json", text);
  if (!document.ok()) return 0;
  // A comment in the first line is an assignment as well: //nodes.n1.role=primary
  if (text.starts_with("//")) {
    set_by_path(document.value(), Config::fields(), text.substr(2, text.find('\n') - 2));
  }
  const auto config = load_config<Config>(document.value());
  for (const Error& error : config.errors()) to_text(error);
  if (!config.ok()) return 0;
  const std::string printed = dump(Config::fields(), &config.value()).dump();
  const auto again = load_config<Config>(parse_json("printed.json", printed).value());
  CHECK(again.ok() && again.value() == config.value());
  return 0;
}
