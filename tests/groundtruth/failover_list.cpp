#include "tests/groundtruth/failover_list.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace longhaul::groundtruth {
namespace {

FailoverRepetition repetition_of(const nlohmann::json& entry) {
  FailoverRepetition repetition;
  const nlohmann::json& given = entry.at("given");
  repetition.leader = given.value("leader", "");
  if (given.contains("loop_before")) repetition.loop_before = given.at("loop_before");
  repetition.to = entry.at("to");
  for (const auto& [name, value] : entry.at("measured").items()) {
    repetition.measured[name] = value;
  }
  repetition.measured["promoted_as_measured"] = 1;
  return repetition;
}

}  // namespace

bool FailoverMode::concerns(const std::string& name_of_figure) const {
  return figure == name_of_figure ||
         std::find(decides.begin(), decides.end(), name_of_figure) != decides.end();
}

std::vector<FailoverExperiment> read_failovers(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  const nlohmann::json all = nlohmann::json::parse(file);
  std::vector<FailoverExperiment> experiments;
  for (const nlohmann::json& entry : all.at("experiments")) {
    FailoverExperiment experiment;
    experiment.id = entry.at("id");
    experiment.scenario = entry.at("scenario");
    experiment.parameters = entry.at("parameters");
    for (const nlohmann::json& one : entry.at("repetitions")) {
      experiment.repetitions.push_back(repetition_of(one));
    }
    for (const nlohmann::json& one : entry.at("figures")) {
      experiment.figures.push_back({one.at("name"), one.at("unit"), one.at("definition")});
    }
    for (const nlohmann::json& one : entry.at("modes")) {
      experiment.modes.push_back({one.at("name"), one.at("figure"), one.at("from"), one.at("to"),
                                  one.value("decides", std::vector<std::string>{})});
    }
    for (const nlohmann::json& one : entry.at("known_disagreements")) {
      experiment.known.push_back({one.at("figure"), one.at("cause")});
    }
    experiment.beyond_chance = entry.value("beyond_chance", "");
    for (const nlohmann::json& one : entry.at("not_compared")) {
      experiment.not_compared.push_back({one.at("figures"), one.at("reason")});
    }
    experiments.push_back(std::move(experiment));
  }
  return experiments;
}

}  // namespace longhaul::groundtruth
