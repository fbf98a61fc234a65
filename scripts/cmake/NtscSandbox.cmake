# SPDX-License-Identifier: GPL-2.0-or-later
# The filters of system calls, compiled from client/shared/sandbox_table.c by a program that runs at build time.

add_executable(sandbox_compile client/shared/sandbox_compile.c client/shared/sandbox_table.c)
target_link_libraries(sandbox_compile PRIVATE ntsc_flags ${LIBSECCOMP})

include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h NTSC_GLIBC)

# ntsc_sandbox_filter(TARGET PROCESS [OPTION...]): gives a target the filter of a process; options are those of
# sandbox_compile.
function(ntsc_sandbox_filter target process)
  if(NTSC_SANITIZE)
    list(APPEND ARGN --sanitized)
  endif()
  if(NOT NTSC_GLIBC)
    list(APPEND ARGN --musl)
  endif()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/sandbox_${target}_${process}.c)
  add_custom_command(OUTPUT ${file} COMMAND sandbox_compile ${process} ${ARGN} > ${file}
                     DEPENDS sandbox_compile VERBATIM)
  target_sources(${target} PRIVATE ${file})
endfunction()
