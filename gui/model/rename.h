// A thing of a scenario under another name, and with it everything that names it.
#pragma once

#include <string>

#include "gui/model/design_edits.h"

namespace longhaul {

// A server, app, cache, member, controller, data set, population or page by its path, or a region
// ("topology.regions[1]"). One step of the document: fields that refer to it, words of settings and
// commands, and labels of expectations follow; comments and prose stay. A name that would leave
// more mistakes than there are, or a thing that a file below has, is refused with the reason.
EditAnswer rename_thing(Document& document, const std::string& path, const std::string& name);

}  // namespace longhaul
