// Catch2's own main, built here because the packaged one swallows the text of exceptions, and with
// it the condition of a failed CHECK.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
