// A drill as text: what the trainee sees, and the debriefing.
#pragma once

#include <string>

#include "run/drill/score.h"
#include "run/drill/script.h"

namespace longhaul {

std::string clock_text(Duration since_start);  // "4:07"

// Title, role, briefing, what may be done. Nothing that is hidden.
std::string briefing_text(const DrillSetup& setup, bool colour);

// What may be typed, with how long it usually takes.
std::string actions_text(const DrillSetup& setup, bool colour);

// The dashboards as they stand now.
std::string dashboard_text(const DrillSession& session, bool colour);

// A line of what was shown or typed.
std::string shown_text(const Shown& shown, bool colour);

// All of a play in the order of time.
std::string transcript_text(const DrillSession& session, const DrillPlay& play, bool colour);

std::string debrief_text(const DrillSetup& setup, const DrillPlay& play,
                         const DrillVerdict& verdict, bool colour);

}  // namespace longhaul
