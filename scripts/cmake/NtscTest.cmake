# SPDX-License-Identifier: GPL-2.0-or-later
find_library(CMOCKA NAMES cmocka REQUIRED)

# ntsc_test(NAME SOURCES ... [LIBS ...]): one cmocka program, run as test unit.NAME.
function(ntsc_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE ntsc_core ${ARG_LIBS} ${CMOCKA} m)
  add_test(NAME unit.${name} COMMAND test_${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
