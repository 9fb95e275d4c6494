// The runbook that comes from a play, as Markdown: when, what to look at, what to type, how long
// each step takes, when to stop and how to undo it, how to verify and how to get home.
//
// The steps are those of the play in its order; their p50 and p95 come from a thousand draws of how
// long each takes, with its approval and with repetitions when it fails. Who reviews it adds what a
// simulation does not know: names, numbers to call, passwords' place.
#pragma once

#include <string>

#include "run/drill/score.h"
#include "run/drill/script.h"

namespace longhaul {

// `session` is the play at its end.
std::string runbook_markdown(const DrillSession& session, const DrillPlay& play,
                             const DrillVerdict& verdict);

struct StepTime {
  Duration p50;
  Duration p95;
};
StepTime step_time(const DrillAction& action);

}  // namespace longhaul
