#include "policy/lag_alert.h"

#include "base/check.h"

namespace longhaul {

LagAlertChange LagAlert::handle(TimePoint now, std::optional<Duration> lag) {
  CHECK(now >= now_);
  now_ = now;
  if (!lag || *lag <= config_.above) {
    const bool was_raised = raised_;
    above_since_.reset();
    raised_ = false;
    return was_raised ? LagAlertChange::ended : LagAlertChange::none;
  }
  if (!above_since_) above_since_ = now;
  if (raised_ || now - *above_since_ <= config_.lasting) return LagAlertChange::none;
  raised_ = true;
  return LagAlertChange::raised;
}

}  // namespace longhaul
