// Runs the stories in tests/policy/data: a comment that says why the story matters, commands,
// "----", and every action and reason that follows. LONGHAUL_REWRITE=1 writes what follows anew.
//
//   router us=primary:80ms eu=zone:1ms:3 ie=region:2ms freshness.rule=lsn_token [rollout=10%]
//       the first command: databases (nearness, latency, weight), settings, share of the users
//   at 1.5s probe eu lsn=0/5 lag=20ms|null [bytes=1MiB] [timeline=2] [primary] [sent=1s] [rtt=2ms]
//   at 2s fail eu sent=1s
//   at 2s timer
//   at 2s wrote ana lsn=0/5 [timeline=2]
//       an acknowledged write of session ana
//   at 2s read ana [max_staleness=30s] [queued=50ms] [number=50%] [user=50%]
//   at 2s write ana | locking_read ana | transaction ana
//       number and user are shares of the whole range of 64 bits
//   at 2s position eu lsn=0/5 [timeline=2]
//       an answer during the last wait
//   at 2s expired
//       the last wait has passed
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/units_text.h"
#include "policy/router.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

template <class T>
T parsed(const std::string& text) {
  const Result<T> result = parse_text<T>(text);
  if (!result) throw std::runtime_error("not a quantity: " + text);
  return result.value();
}

// Sets `path` (block.field) of the configuration as a loader would, through the field tables.
void set_field(void* object, const FieldTable& table, const std::string& path,
               const std::string& text) {
  const std::string name = path.substr(0, path.find('.'));
  const auto found = std::find_if(table.fields.begin(), table.fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  if (found == table.fields.end()) throw std::runtime_error("no parameter " + path);
  void* value = found->slot.make(object);
  const ValueType& type = found->type;
  switch (type.kind) {
    case FieldKind::object:
      set_field(value, type.table(), path.substr(name.size() + 1), text);
      return;
    case FieldKind::boolean:
      *static_cast<bool*>(value) = text == "true";
      return;
    case FieldKind::integer:
      type.integer_set(value, std::stoll(text));
      return;
    case FieldKind::quantity:
      if (type.text->parse(text, value)) throw std::runtime_error("not a quantity: " + text);
      return;
    case FieldKind::enumeration: {
      const auto& names = type.names()->names;
      const auto at = std::find(names.begin(), names.end(), text);
      if (at == names.end()) throw std::runtime_error("no choice " + text);
      type.enum_store(value, static_cast<std::size_t>(at - names.begin()));
      return;
    }
    default:
      throw std::runtime_error("policies have no such field: " + path);
  }
}

// The words of one command: bare ones in order, the others by the key before "=".
struct Words {
  std::vector<std::string> bare{};
  std::vector<std::pair<std::string, std::string>> keyed{};

  explicit Words(const std::string& line) {
    std::istringstream in(line);
    for (std::string word; in >> word;) {
      const auto equals = word.find('=');
      if (equals == std::string::npos) {
        bare.push_back(word);
      } else {
        keyed.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      }
    }
  }
  std::string value(const std::string& key, const std::string& otherwise) const {
    for (const auto& [name, text] : keyed) {
      if (name == key) return text;
    }
    return otherwise;
  }
  bool has(const std::string& word) const {
    return std::find(bare.begin(), bare.end(), word) != bare.end();
  }
};

class Interpreter {
 public:
  std::string run(const std::string& line) {
    const Words words(line);
    out_.str("");
    if (words.bare.at(0) == "router") {
      build(words);
    } else {
      now_ = TimePoint{} + parsed<Duration>(words.bare.at(1));
      run_at(words.bare.at(2), words);
    }
    return out_.str();
  }

 private:
  void build(const Words& words) {
    PolicyConfig config;
    std::vector<Candidate> candidates;
    Ratio rollout = percent(100);
    for (const auto& [key, text] : words.keyed) {
      if (key.find('.') != std::string::npos) {
        set_field(&config, PolicyConfig::fields(), key, text);
        continue;
      }
      if (key == "rollout") {
        rollout = parsed<Ratio>(text);
        continue;
      }
      candidates.push_back(candidate(text));
      names_.push_back(key);
    }
    for (const Complaint& complaint : validate(config)) {
      out_ << complaint.path << ": expected " << complaint.expected << "\n";
    }
    router_ = Router(config, candidates, rollout);
  }

  // "1ms", "primary:1ms", "zone:1ms", "region:1ms:3".
  static Candidate candidate(const std::string& text) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
      if (c == ':') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    Candidate result;
    std::size_t next = 0;
    for (; next + 1 < parts.size(); ++next) {
      if (parts[next] == "primary") {
        result.is_primary = true;
      } else if (parts[next] == "zone") {
        result.nearness = Nearness::same_zone;
      } else if (parts[next] == "region") {
        result.nearness = Nearness::same_region;
      } else {
        break;
      }
    }
    result.latency = parsed<Duration>(parts[next]);
    if (next + 1 < parts.size()) result.weight = std::stoi(parts[next + 1]);
    return result;
  }

  void run_at(const std::string& verb, const Words& words) {
    if (verb == "probe") {
      router_.handle(now_, database(words), observation(words));
      report_actions();
    } else if (verb == "fail") {
      router_.handle(now_, database(words), ProbeFailed{sent(words)});
      report_actions();
    } else if (verb == "timer") {
      router_.on_timer(now_);
      report_actions();
    } else if (verb == "wrote") {
      note_write(sessions_[words.bare.at(3)], timeline(words), lsn(words), now_);
    } else if (verb == "position") {
      const WaitVerdict verdict = judge_wait(waiting_, observation(words));
      if (verdict == WaitVerdict::keep_waiting) {
        out_ << "keep waiting\n";
      } else {
        report(router_.after_wait(now_, {}, waiting_, verdict));
      }
    } else if (verb == "expired") {
      report(router_.after_wait(now_, {}, waiting_, WaitVerdict::keep_waiting));
    } else {
      report(router_.decide(now_, request(verb, words), sessions_[words.bare.at(3)]));
    }
  }

  // A share of the numbers of 64 bits, all but their lowest bits.
  static std::uint64_t spread(const std::string& text) {
    return static_cast<std::uint64_t>(parsed<Ratio>(text).ppm) * (~std::uint64_t{0} / 1'000'000);
  }
  static StatementRequest request(const std::string& verb, const Words& words) {
    if (verb == "read") {
      return {.statement = StatementClass::read,
              .max_staleness = optional<Duration>(words.value("max_staleness", "null")),
              .queued_for = parsed<Duration>(words.value("queued", "0s")),
              .number = spread(words.value("number", "0%")),
              .user = spread(words.value("user", "0%"))};
    }
    if (verb == "write") return {.statement = StatementClass::write};
    if (verb == "locking_read") return {.statement = StatementClass::locking_read};
    if (verb == "transaction") {
      return {.statement = StatementClass::read, .in_writing_transaction = true};
    }
    throw std::runtime_error("no such command: " + verb);
  }

  DatabaseIndex database(const Words& words) const {
    const auto found = std::find(names_.begin(), names_.end(), words.bare.at(3));
    if (found == names_.end()) throw std::runtime_error("no database " + words.bare.at(3));
    return DatabaseIndex{static_cast<std::uint32_t>(found - names_.begin())};
  }
  TimePoint sent(const Words& words) const {
    const std::string text = words.value("sent", "");
    return text.empty() ? now_ : TimePoint{} + parsed<Duration>(text);
  }
  static std::uint32_t timeline(const Words& words) {
    return static_cast<std::uint32_t>(std::stoul(words.value("timeline", "1")));
  }
  static Lsn lsn(const Words& words) { return parsed<Lsn>(words.value("lsn", "0/0")); }
  template <class T>
  static std::optional<T> optional(const std::string& text) {
    if (text == "null") return std::nullopt;
    return parsed<T>(text);
  }
  Observation observation(const Words& words) const {
    return {.measured_at = sent(words),
            .is_primary = words.has("primary"),
            .timeline = timeline(words),
            .replay_lsn = lsn(words),
            .lag = optional<Duration>(words.value("lag", "0s")),
            .lag_bytes = optional<Bytes>(words.value("bytes", "null")),
            .round_trip = optional<Duration>(words.value("rtt", "null"))};
  }

  std::string name(DatabaseIndex database) const {
    return database.valid() ? names_.at(database.value) : "nobody";
  }

  void report_actions() {
    while (const auto action = router_.poll()) {
      if (action->kind == RouterActionKind::primary_changed) {
        out_ << "primary is " << name(action->database);
      } else {
        const BreakerTransition& moved = action->transition;
        out_ << name(action->database) << ": " << to_text(moved.from) << " -> " << to_text(moved.to)
             << ", lag " << (moved.lag ? to_text(*moved.lag) : "unknown");
        if (moved.lag_bytes) out_ << " " << to_text(*moved.lag_bytes);
      }
      out_ << ", because " << to_text(action->reason) << "\n";
    }
    const auto deadline = router_.next_deadline();
    out_ << "next deadline " << (deadline ? to_text(*deadline - TimePoint{}) : "none") << "\n";
  }

  void report(const Decision& decision) {
    switch (decision.kind) {
      case DecisionKind::serve:
        out_ << "serve at " << name(decision.database);
        break;
      case DecisionKind::refuse:
        out_ << "refuse";
        break;
      case DecisionKind::queue:
        out_ << "queue for " << to_text(decision.wait);
        break;
      case DecisionKind::wait_then_serve:
        waiting_ = decision;
        out_ << "wait up to " << to_text(decision.wait) << " for " << name(decision.database)
             << " to reach " << to_text(decision.required_lsn) << " on timeline "
             << decision.required_timeline << ", otherwise " << name(decision.otherwise);
        break;
    }
    out_ << ", because " << to_text(decision.reason)
         << (decision.may_be_stale ? " (may be stale)" : "") << "\n";
  }

  Router router_;
  std::vector<std::string> names_;
  std::map<std::string, SessionToken> sessions_;
  Decision waiting_;
  TimePoint now_{};
  std::ostringstream out_;
};

// Copies the transcript, with what the policy says now below each "----".
std::string replay(const std::string& transcript) {
  std::istringstream in(transcript);
  Interpreter interpreter;
  std::string replayed;
  std::string output;
  bool in_output = false;
  for (std::string line; std::getline(in, line);) {
    if (in_output && !line.empty()) continue;
    in_output = false;
    replayed += line + "\n";
    if (line == "----") {
      replayed += output;
      output.clear();
      in_output = true;
    } else if (!line.empty() && line[0] != '#') {
      output += interpreter.run(line);
    }
  }
  return replayed;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("policy transcripts: each story goes as it is told", "[policy][transcripts]") {
  for (const char* story :
       {"lagging_replica", "read_your_writes", "failover", "silence", "pinned_sessions",
        "all_breakers_open", "nowhere_to_read", "unknown_lag", "lag_in_bytes", "page_classes",
        "cap_and_panic", "queue", "zones_and_weights", "rollout"}) {
    INFO(story);
    const std::string path = std::string(LONGHAUL_ROOT) + "/tests/policy/data/" + story + ".txt";
    const std::string told = read_file(path);
    const std::string replayed = replay(told);
    if (std::getenv("LONGHAUL_REWRITE") != nullptr) {
      std::ofstream(path) << replayed;
      continue;
    }
    REQUIRE(replayed == told);
  }
}

TEST_CASE("policy transcripts: a story that no longer holds is noticed", "[policy][transcripts]") {
  const std::string told = "router us=primary:1ms\n----\n\nat 1s write ana\n----\nrefuse\n";
  REQUIRE(replay(told) != told);
  REQUIRE(replay(told).find("serve at us, because write_statement") != std::string::npos);
}

}  // namespace longhaul
