#include <set>
#include <string>

#include "policy/config.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

std::vector<std::string> complaints_about(const PolicyConfig& config) {
  std::vector<std::string> paths;
  for (const Complaint& complaint : validate(config)) paths.emplace_back(complaint.path);
  return paths;
}

// Blocks hold parameters, and blocks of parameters.
void require_documented(const FieldTable& table) {
  for (const Field& field : table.fields) {
    INFO(table.title << "." << field.name);
    REQUIRE_FALSE(field.doc.empty());
    if (field.type.kind == FieldKind::object) {
      require_documented(field.type.table());
    } else {
      REQUIRE((field.is_required || !field.default_source.empty()));
    }
  }
}

}  // namespace

TEST_CASE("policy fields: every parameter is documented and says where its default comes from",
          "[policy][fields]") {
  for (const Field& block : PolicyConfig::fields().fields) {
    const bool is_list = block.type.kind == FieldKind::list;
    const ValueType& type = is_list ? *block.type.element() : block.type;
    REQUIRE(type.kind == FieldKind::object);
    require_documented(type.table());
  }
}

TEST_CASE("policy fields: every name of an enumeration has its sentence", "[policy][fields]") {
  for (const EnumNames* names :
       {&enum_names<FreshnessRule>(), &enum_names<FreshnessOtherwise>(), &enum_names<TokenScope>(),
        &enum_names<PrimaryReads>(), &enum_names<WhenNoReplica>(), &enum_names<BeyondCap>(),
        &enum_names<Prefer>(), &enum_names<Balance>()}) {
    REQUIRE(names->names.size() == names->docs.size());
  }
  REQUIRE(enum_text(FreshnessRule::lsn_token) == "lsn_token");
  REQUIRE(enum_text(FreshnessOtherwise::serve_stale) == "serve_stale");
  REQUIRE(enum_text(TokenScope::user) == "user");
  REQUIRE(enum_text(PrimaryReads::fallback_only) == "fallback_only");
  REQUIRE(enum_text(WhenNoReplica::fail) == "fail");
}

TEST_CASE("policy fields: the defaults are valid", "[policy][fields]") {
  REQUIRE(validate(PolicyConfig{}).empty());
}

TEST_CASE("policy fields: thresholds in the wrong order are named", "[policy][fields]") {
  PolicyConfig config;
  config.lag_breaker.close_below = config.lag_breaker.open_above;  // as pgpool-II: no hysteresis
  REQUIRE(complaints_about(config).empty());
  config.lag_breaker.close_below = config.lag_breaker.open_above + nanoseconds(1);
  REQUIRE(complaints_about(config) == std::vector<std::string>{"lag_breaker.close_below"});
}

TEST_CASE("policy fields: byte thresholds come together and in order", "[policy][fields]") {
  PolicyConfig config;
  config.lag_breaker.open_above_bytes = mebibytes(8);
  REQUIRE(complaints_about(config) == std::vector<std::string>{"lag_breaker.close_below_bytes"});
  config.lag_breaker.close_below_bytes = mebibytes(9);
  REQUIRE(complaints_about(config) == std::vector<std::string>{"lag_breaker.close_below_bytes"});
  config.lag_breaker.close_below_bytes = mebibytes(1);
  REQUIRE(complaints_about(config).empty());
  config.lag_breaker.open_above_bytes.reset();
  REQUIRE(complaints_about(config) == std::vector<std::string>{"lag_breaker.open_above_bytes"});
}

TEST_CASE("policy fields: all complaints come at once", "[policy][fields]") {
  PolicyConfig config;
  config.lag_breaker.close_below = seconds(30);
  config.lag_breaker.stale_after = seconds(1);  // the probe interval: each pause would open it
  REQUIRE(complaints_about(config) ==
          std::vector<std::string>{"lag_breaker.close_below", "lag_breaker.stale_after"});
}

TEST_CASE("policy reasons: each has its own name and a sentence", "[policy][reasons]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    REQUIRE(names.insert(to_text(reason)).second);
    REQUIRE(explain(reason).back() == '.');
  }
  REQUIRE(to_text(Reason::lag_returned) == "lag_returned");
}

}  // namespace longhaul
