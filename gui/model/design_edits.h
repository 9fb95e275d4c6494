// What one does to a design on the map, each as one step of its document: add, move, connect,
// duplicate, remove.
//
// New things take after what is there: names after the region, connections and pools after their
// neighbours, users ask for what others ask for. What cannot be done leaves the document as it is.
#pragma once

#include <optional>
#include <string>

#include "gui/model/document.h"

namespace longhaul {

struct EditAnswer {
  std::optional<Error> error;
  std::string path;  // of what was made or changed, to be selected
  std::string note;  // what else was done, for people; may be empty
};

// Follows the primary.
EditAnswer add_replica(Document& document, const std::string& region);
EditAnswer add_app(Document& document, const std::string& region);
EditAnswer add_users(Document& document, const std::string& region);

// A link between two regions that the scenario names, with a bandwidth to be changed.
EditAnswer connect_regions(Document& document, const std::string& a, const std::string& b);

// A server, app, cache or population to another region.
EditAnswer move_thing(Document& document, const std::string& path, const std::string& region);

// An element of a list with names, under a new name.
EditAnswer duplicate_thing(Document& document, const std::string& path);

// The others of its cluster follow it from then on.
EditAnswer make_primary(Document& document, const std::string& path);

// With the expectations about it; what followed it follows what it followed.
EditAnswer remove_thing(Document& document, const std::string& path);

}  // namespace longhaul
