#include "base/fields.h"

#include "base/units_text.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

enum class Shape : std::uint8_t { constant, range };

struct Leaf {
  std::string name;
  Duration rtt = milliseconds(80);

  static const FieldTable& fields() {
    static const FieldTable table = field_table<Leaf>(
        "leaf",
        {field<&Leaf::name>("name").about("What it is called.").required(),
         field<&Leaf::rtt>("rtt").about("There and back.").between(Duration{}, seconds(2))});
    return table;
  }
};

struct Tree {
  Shape shape = Shape::constant;
  int low = 3;
  std::optional<Bytes> high;
  std::vector<Leaf> leaves;

  static const FieldTable& fields();
};

}  // namespace

template <>
const EnumNames& enum_names<Shape>() {
  static const EnumNames names{{"constant", "range"}, {"Always the same.", "Between two."}};
  return names;
}

namespace {

const FieldTable& Tree::fields() {
  static const FieldTable table = field_table<Tree>(
      "tree", {field<&Tree::shape>("shape").about("Which one."),
               field<&Tree::low>("low").about("The least.").between(0, 10),
               field<&Tree::high>("high").about("The most.").only_when("shape", Shape::range),
               field<&Tree::leaves>("leaves").about("Some leaves.").items(0, 4)});
  return table;
}

// The only mistake of a table made of `broken` behind the field "shape".
std::string mistake(Field broken) {
  FieldTable table =
      field_table<Tree>("tree", {field<&Tree::shape>("shape").about("Which one."), broken});
  std::vector<std::string> mistakes = mistakes_in(table);
  REQUIRE(mistakes.size() == 1);
  return mistakes.front();
}

}  // namespace

TEST_CASE("fields: a table reaches members, optionals and lists", "[base][fields]") {
  const std::vector<Field>& fields = Tree::fields().fields;
  Tree tree;
  REQUIRE(fields[1].type.integer_set(fields[1].slot.make(&tree), 7));
  REQUIRE(tree.low == 7);
  REQUIRE_FALSE(fields[1].type.integer_set(fields[1].slot.make(&tree), 1LL << 40));
  REQUIRE(tree.low == 7);

  REQUIRE(fields[2].optional);
  REQUIRE(fields[2].slot.get(&tree) == nullptr);
  REQUIRE_FALSE(fields[2].type.text->parse("16KiB", fields[2].slot.make(&tree)).has_value());
  REQUIRE(tree.high == kibibytes(16));
  fields[2].slot.clear(&tree);
  REQUIRE_FALSE(tree.high.has_value());

  const ListAccess& list = fields[3].type.list;
  void* leaf = list.append(fields[3].slot.make(&tree));
  REQUIRE(fields[3].type.element()->kind == FieldKind::object);
  const FieldTable& leaf_table = fields[3].type.element()->table();
  REQUIRE(leaf_table.named);
  REQUIRE(leaf_table.fields[1].type.text->print(leaf_table.fields[1].slot.get(leaf)) == "80ms");
  REQUIRE(list.size(fields[3].slot.get(&tree)) == 1);
  REQUIRE(list.at(fields[3].slot.get(&tree), 0) == leaf);
}

TEST_CASE("fields: defaults are the initialisers of the members", "[base][fields]") {
  const FieldTable& table = Tree::fields();
  REQUIRE_FALSE(table.named);
  REQUIRE(table.fields[1].type.integer_get(table.fields[1].slot.get(table.defaults())) == 3);
  REQUIRE(table.fields[0].type.enum_print(table.fields[0].slot.get(table.defaults())) ==
          "constant");
}

TEST_CASE("fields: mistakes_in: a sound table has none", "[base][fields]") {
  REQUIRE(mistakes_in(Tree::fields()) == std::vector<std::string>{});
}

TEST_CASE("fields: mistakes_in: what is there is not absent", "[base][fields]") {
  FieldTable table =
      field_table<Tree>("tree", {field<&Tree::shape>("shape").about("Which one.")}, {"colour"});
  REQUIRE(mistakes_in(table) == std::vector<std::string>{});
  table.absent.push_back("shape");
  REQUIRE(mistakes_in(table) ==
          std::vector<std::string>{"tree: an absent word is there, or named twice"});
}

TEST_CASE("fields: mistakes_in: each mistake is found", "[base][fields]") {
  auto low = [](std::string_view name = "low") { return field<&Tree::low>(name).about("Low."); };
  REQUIRE(mistake(low("Low")) == "tree.Low: the name is not in snake case");
  REQUIRE(mistake(low("shape")) == "tree: two fields have one name");
  REQUIRE(mistake(low().about("")) == "tree.low: the documentation is not a sentence");
  REQUIRE(mistake(low().between(4, 10)) == "tree.low: the default is outside the bounds");
  REQUIRE(mistake(low().items(1, 2)) == "tree.low: only lists have a number of items");
  REQUIRE(mistake(low().one_of("size")) == "tree.low: nothing shares its group");
  REQUIRE(mistake(low().only_when("form", Shape::range)) ==
          "tree.low: its condition names no enumeration beside it");
  REQUIRE(mistake(low().only_when("shape", 2)) ==
          "tree.low: its condition names no value of the enumeration");
  REQUIRE(mistake(field<&Tree::leaves>("leaves").about("Leaves.").between(0, 1)) ==
          "tree.leaves: only integers have bounds");
  REQUIRE(mistake(field<&Tree::leaves>("leaves").about("Leaves.").items(1, 2)) ==
          "tree.leaves: the default has the wrong number of items");
  REQUIRE(mistake(field<&Tree::leaves>("leaves").about("Leaves.").items(2, 1).required()) ==
          "tree.leaves: the numbers of items are the wrong way round");
}

TEST_CASE("fields: mistakes_in: a required field has no default to judge", "[base][fields]") {
  FieldTable table = field_table<Tree>(
      "tree", {field<&Tree::low>("low").about("The least.").between(5, 10).required()});
  REQUIRE(mistakes_in(table).empty());
}

}  // namespace longhaul
