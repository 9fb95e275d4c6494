// Edits of text against the same edits of trees, over all shipped scenarios.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "run/json_edit.h"
#include "run/layers.h"
#include "run/overrides.h"
#include "run/scenario.h"
#include "tests/catch.h"

using namespace longhaul;

namespace {

JsonNode tree(const std::string& text) {
  auto document = parse_json("x.json", text);
  if (!document) FAIL(to_text(document.errors().front()) << "\n" << text);
  return document.value().root;
}

bool same_tree(const JsonNode& a, const JsonNode& b) {
  const auto same_member = [](const JsonMember& x, const JsonMember& y) {
    return x.key == y.key && same_tree(x.value, y.value);
  };
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    same_member) &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_tree);
}

struct Leaf {
  std::string path;
  const JsonNode* node = nullptr;
};

void collect(const JsonNode& node, const ValueType& type, const std::string& path,
             std::vector<Leaf>& leaves);

void collect_object(const JsonNode& node, const FieldTable& table, const std::string& path,
                    std::vector<Leaf>& leaves) {
  for (const JsonMember& member : node.members) {
    for (const Field& field : table.fields) {
      if (field.name != member.key || field.name == "name") continue;
      collect(member.value, field.type, (path.empty() ? "" : path + ".") + member.key, leaves);
    }
  }
}

void collect(const JsonNode& node, const ValueType& type, const std::string& path,
             std::vector<Leaf>& leaves) {
  leaves.push_back({path, &node});
  if (type.kind == FieldKind::object) collect_object(node, type.table(), path, leaves);
  if (type.kind != FieldKind::list) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string at = path + element_segment(node.items[i], i);
    if (type.element()->kind == FieldKind::object) {
      collect_object(node.items[i], type.element()->table(), at, leaves);
    }
  }
}

}  // namespace

TEST_CASE("json_edit: Text and tree agree over edits of all shipped scenarios", "[json_edit]") {
  const FieldTable& fields = ScenarioConfig::fields();
  std::uint64_t dice = 1;
  const auto roll = [&](std::size_t sides) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;  // Knuth, MMIX
    return static_cast<std::size_t>(dice >> 33) % sides;
  };
  int edits = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(LONGHAUL_ROOT "/scenarios")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".json") || path.ends_with("schema.json")) continue;
    const auto text = read_text_file(path);
    REQUIRE(text.ok());
    const JsonNode root = tree(text.value());
    if (root.find("extends")) continue;
    std::vector<Leaf> leaves;
    collect_object(root, fields, "", leaves);
    for (int i = 0; i < 12; ++i) {
      const Leaf& leaf = leaves[roll(leaves.size())];
      INFO(path << " " << leaf.path);
      const Span& span = leaf.node->span;
      const std::string old = text.value().substr(span.offset, span.length);
      CHECK(written_at(text.value(), fields, leaf.path) == old);

      // Something else there, as --set would have it, and then what had been there.
      const std::string other = leaf.node->kind == JsonKind::list     ? "[]"
                                : leaf.node->kind == JsonKind::number ? "7"
                                : leaf.node->kind == JsonKind::text
                                    ? leaves[roll(leaves.size())].path
                                    : "";
      if (!other.empty() && leaf.node->kind != JsonKind::object) {
        const bool bare = leaf.node->kind != JsonKind::text;
        const auto edited =
            with_value(text.value(), fields, leaf.path, bare ? other : '"' + other + '"');
        if (!edited) FAIL(to_text(edited.errors().front()));
        JsonDocument set_tree = parse_json(path, text.value()).value();
        REQUIRE_FALSE(set_by_path(set_tree, fields, leaf.path, other));
        CHECK(same_tree(tree(edited.value()), set_tree.root));
        // Choosing another variant takes more away than this value.
        if (tree(edited.value()).members.size() == root.members.size() &&
            edited.value().size() + old.size() ==
                text.value().size() + other.size() + (bare ? 0 : 2)) {
          CHECK(with_value(edited.value(), fields, leaf.path, old).value() == text.value());
        }
      }
      // Out, which leaves everything else in its order.
      const auto removed = without(text.value(), fields, leaf.path);
      REQUIRE(removed.ok());
      CHECK(removed.value().size() < text.value().size());
      CHECK(written_at(removed.value(), fields, leaf.path).empty());
      // One more, and away with it.
      if (leaf.node->kind == JsonKind::list && !leaf.node->items.empty()) {
        const auto more = with_element(text.value(), fields, leaf.path, "{\"name\": \"x-y-z\"}");
        REQUIRE(more.ok());
        const std::string last = leaf.path + "[" + std::to_string(leaf.node->items.size()) + "]";
        CHECK(without(more.value(), fields, last).value() == text.value());
      }
      edits += 1;
    }
  }
  CHECK(edits > 500);
}
