#include "base/digest.h"

#include <set>
#include <string>

#include "base/stream_key.h"
#include "tests/catch.h"

namespace longhaul {

TEST_CASE("digest: depends on the order and the boundaries of what is added", "[base][digest]") {
  auto of = [](auto... parts) {
    Digest digest;
    (digest.add(parts), ...);
    return digest.value();
  };
  using Text = std::string_view;
  REQUIRE(of(std::uint64_t{1}, std::uint64_t{2}) != of(std::uint64_t{2}, std::uint64_t{1}));
  REQUIRE(of(Text("ab"), Text("c")) != of(Text("a"), Text("bc")));
  REQUIRE(of(std::uint64_t{0}) != of(std::uint64_t{0}, std::uint64_t{0}));
  REQUIRE(of(Text("ab")) == digest_of("ab"));
}

TEST_CASE("digest: mix64 is the finaliser of MurmurHash3", "[base][digest]") {
  // Every step of fmix64 maps zero to zero; 0xb456bcfc34c2cb2c is the published image of one.
  REQUIRE(mix64(0) == 0);
  REQUIRE(mix64(1) == 0xb456bcfc34c2cb2cULL);
}

TEST_CASE("stream_key: name, seed and index each lead to another stream", "[base][stream_key]") {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const char* name : {"eu", "us", "eu/node"}) {
      keys.insert(stream(seed, name).value);
      for (std::uint64_t index = 0; index < 10; ++index) {
        keys.insert(stream(seed, name, index).value);
      }
    }
  }
  REQUIRE(keys.size() == 100 * 3 * 11);
  static_assert(stream(1, "eu") == stream(1, "eu"));
}

}  // namespace longhaul
