# SPDX-License-Identifier: GPL-2.0-or-later
find_library(CMOCKA NAMES cmocka)
ntsc_need(CMOCKA "cmocka, which the tests need (or configure with -DNTSC_TESTS=OFF)," libcmocka-dev)

# Before the command of a test that only computes, for long: it leaves the processors to those that
# talk to one another, of which several run at once.
set(NTSC_ASIDE nice -n 10)

# What the unit tests run, and nothing else: scripts/unit builds it.
add_custom_target(unit_tests)

# Emulated processors are slow.
set(NTSC_UNIT_TIMEOUT 300)
if(CMAKE_CROSSCOMPILING)
  set(NTSC_UNIT_TIMEOUT 3000)
endif()

# ntsc_test(NAME SOURCES ... [LIBS ...]): one cmocka program, run as test unit.NAME.
function(ntsc_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE ntsc_core ${ARG_LIBS} ${CMOCKA} m)
  add_test(NAME unit.${name} COMMAND test_${name})
  add_dependencies(unit_tests test_${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT ${NTSC_UNIT_TIMEOUT})
endfunction()

# Tests that run what a user runs need the programs installed: test "install" does it once before
# them, into the prefix of this build and only when that lies inside the build directory, so that
# running the tests never changes the system. Elsewhere they are disabled, and "install" says why.
string(FIND "${CMAKE_INSTALL_PREFIX}/" "${CMAKE_BINARY_DIR}/" NTSC_PREFIX_AT)

function(ntsc_install_test)
  if(NTSC_PREFIX_AT EQUAL 0)
    add_test(NAME install COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR})
  else()
    add_test(NAME install COMMAND ${CMAKE_COMMAND} -E echo
      "SKIPPED: nothing is installed from here, because the prefix ${CMAKE_INSTALL_PREFIX} is not \
inside the build directory; tests of the installed programs are disabled. Configure with \
-DCMAKE_INSTALL_PREFIX=${CMAKE_BINARY_DIR}/prefix to run them.")
    set_tests_properties(install PROPERTIES SKIP_REGULAR_EXPRESSION "^SKIPPED")
  endif()
  set_tests_properties(install PROPERTIES FIXTURES_SETUP installed LABELS install TIMEOUT 120)
endfunction()

# ntsc_needs_install([TEST...]): these tests, by default all of the directory so far, run the
# installed programs.
function(ntsc_needs_install)
  set(tests ${ARGN})
  if(NOT tests)
    get_property(tests DIRECTORY PROPERTY TESTS)
  endif()
  if(NOT tests)
    return()
  endif()
  set_property(TEST ${tests} APPEND PROPERTY FIXTURES_REQUIRED installed)
  if(NOT NTSC_PREFIX_AT EQUAL 0)
    set_property(TEST ${tests} PROPERTY DISABLED TRUE)
  endif()
endfunction()

# ntsc_client_sources(LIST): names of sources in client/ become their paths, whatever room they are in.
function(ntsc_client_sources list)
  set(paths)
  foreach(name ${${list}})
    file(GLOB path ${PROJECT_SOURCE_DIR}/client/*/${name}.c)
    if(NOT path)
      message(FATAL_ERROR "client/ has no ${name}.c")
    endif()
    list(APPEND paths ${path})
  endforeach()
  set(${list} ${paths} PARENT_SCOPE)
endfunction()
