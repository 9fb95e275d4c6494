# cmake -DPROGRAM=... [-DARGUMENTS=a;b] -DGOLDEN=... -P compare_output.cmake
# Runs a program and compares what it prints with a golden file, which the
# environment variable LONGHAUL_REWRITE=1 makes it rewrite instead.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} OUTPUT_VARIABLE printed RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${code}")
endif()
if("$ENV{LONGHAUL_REWRITE}" STREQUAL "1")
  file(WRITE ${GOLDEN} "${printed}")
  message(STATUS "wrote ${GOLDEN}")
  return()
endif()
if(NOT EXISTS ${GOLDEN})
  message(FATAL_ERROR "${GOLDEN} does not exist; LONGHAUL_REWRITE=1 writes it")
endif()
file(READ ${GOLDEN} expected)
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} printed\n${printed}\nbut ${GOLDEN} holds\n${expected}")
endif()
