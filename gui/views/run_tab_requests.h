// The requests worth asking about, and one of them followed: its path as a waterfall, what the
// router saw and why it chose, what was true.
#pragma once

#include <cstdint>
#include <string>

#include "gui/views/run_look.h"
#include "run/explain_find.h"

namespace longhaul {

struct App;

class RunRequestsTab {
 public:
  void draw(App& app, const RunLook& look);

 private:
  void list(App& app, const RunLook& look, const FoundRequests& found);
  void follow(App& app, const RunLook& look, const std::string& id);
  void by_name(App& app, const RunLook& look);
  void explanation(const Explanation& explanation);

  std::uint64_t asked_run_ = 0;
  const Design* design_ = nullptr;
  FoundKind kind_ = FoundKind::slowest;
  std::uint64_t followed_run_ = 0;
  char name_[64] = {};
};

}  // namespace longhaul
