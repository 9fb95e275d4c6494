# What the policy library needs from outside, object by object. Code that decides may need the rest
# of policy and base, memory copies and check_failed: no clock, random source, thread, file, socket
# or allocation. Only the field tables may allocate.
#
#   cmake -DNM=nm -DLIBRARY=liblonghaul_policy.a -P symbols.cmake
set(decision_symbols
    "longhaul::.*"
    "memcpy" "memmove" "memset" "memcmp"
    "__gxx_personality_v0" "_Unwind_Resume"
    "__stack_chk_fail" "_GLOBAL_OFFSET_TABLE_"
    "__u?(div|mod)ti3"                       # 128-bit arithmetic
    "strlen"                                 # text literals without optimisation
    "std::terminate\\(\\)" "__cxa_begin_catch")  # noexcept, as clang builds it; it throws nothing
set(table_symbols
    ${decision_symbols}
    "operator new\\(unsigned long\\)" "operator delete\\(void\\*(, unsigned long)?\\)"
    "__cxa_guard_(acquire|release|abort)" "__cxa_atexit" "__dso_handle"
    "__cxa_end_catch" "__cxa_rethrow"
    "std::__throw_[a-z_]+\\(.*\\)"
    "std::.*(basic_string|allocator|string_view).*")

execute_process(COMMAND ${NM} --undefined-only --demangle ${LIBRARY}
                OUTPUT_VARIABLE listing RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${NM} cannot read ${LIBRARY}")
endif()
string(REPLACE ";" "," listing "${listing}")
string(REGEX REPLACE "\n" ";" lines "${listing}")

set(object "")
set(objects_count 0)
set(offenders "")
foreach(line IN LISTS lines)
  if(line MATCHES "^([a-z_]+)\\.cpp\\.o:$")
    set(object ${CMAKE_MATCH_1})
    math(EXPR objects_count "${objects_count} + 1")
    set(allowed ${decision_symbols})
    if(object MATCHES "^fields")
      set(allowed ${table_symbols})
    endif()
  elseif(line MATCHES "^ +U (.*)$")
    set(symbol "${CMAKE_MATCH_1}")
    set(is_allowed FALSE)
    foreach(pattern IN LISTS allowed)
      if(symbol MATCHES "^${pattern}$")
        set(is_allowed TRUE)
      endif()
    endforeach()
    if(NOT is_allowed)
      string(APPEND offenders "  ${object}.cpp needs ${symbol}\n")
    endif()
  endif()
endforeach()

if(offenders)
  message(FATAL_ERROR "policy code reaches outside:\n${offenders}")
endif()
if(objects_count LESS 5)
  message(FATAL_ERROR "expected at least five objects in ${LIBRARY}, found ${objects_count}")
endif()
message(STATUS "${objects_count} objects need nothing that is forbidden")
