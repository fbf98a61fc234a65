# SPDX-License-Identifier: GPL-2.0-or-later
# The filters of system calls, compiled from client/shared/sandbox_table.c by a program that runs at build time.
#
# Where programs of the target do not run here (a cross build), or libseccomp is not there for the
# target (musl beside glibc), it is a program of the build machine: NTSC_BUILD_CC makes it with the
# build machine's libseccomp. The numbers in the table stay those of the target's headers: the
# target's compiler expands them before the other one sees them.

# What libseccomp calls the target's architecture.
function(ntsc_seccomp_arch variable)
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" cpu)
  if(cpu MATCHES "^(x86_64|amd64|i[3-6]86|x86)$")
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
      set(cpu x86)
    else()
      set(cpu x86_64)
    endif()
  elseif(cpu MATCHES "^(arm64|aarch64|armv8)")
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
      set(cpu arm)
    else()
      set(cpu aarch64)
    endif()
  elseif(cpu MATCHES "^arm")
    set(cpu arm)
  endif()
  set(${variable} ${cpu} PARENT_SCOPE)
endfunction()

set(sandbox_sources client/shared/sandbox_compile.c client/shared/sandbox_table.c)
if(CMAKE_CROSSCOMPILING OR NTSC_BUILD_CC)
  if(NTSC_BUILD_CC)
    set(build_cc ${NTSC_BUILD_CC})
  else()
    find_program(NTSC_FOUND_BUILD_CC NAMES cc gcc clang REQUIRED)
    set(build_cc ${NTSC_FOUND_BUILD_CC})
  endif()
  ntsc_seccomp_arch(arch)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/build_machine)
  set(NTSC_SANDBOX_COMPILE ${PROJECT_BINARY_DIR}/build_machine/sandbox_compile)
  set(NTSC_SANDBOX_ARCH --arch ${arch})
  set(table ${PROJECT_BINARY_DIR}/build_machine/sandbox_table.i)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_C_FLAGS}")
  if(CMAKE_C_COMPILER_TARGET)
    list(PREPEND flags --target=${CMAKE_C_COMPILER_TARGET})
  endif()
  if(CMAKE_SYSROOT)
    list(PREPEND flags --sysroot=${CMAKE_SYSROOT})
  endif()
  add_custom_command(OUTPUT ${NTSC_SANDBOX_COMPILE}
    COMMAND ${CMAKE_C_COMPILER} ${CMAKE_C_COMPILER_ARG1} ${flags} -std=c17 -D_GNU_SOURCE -U_FORTIFY_SOURCE
      -I${PROJECT_SOURCE_DIR} -E -P -o ${table} ${PROJECT_SOURCE_DIR}/client/shared/sandbox_table.c
    # Warnings of the other architecture's headers say nothing here.
    COMMAND ${build_cc} -std=c17 -w -x cpp-output -c -o ${table}.o ${table}
    COMMAND ${build_cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -I${PROJECT_SOURCE_DIR}
      -o ${NTSC_SANDBOX_COMPILE} ${PROJECT_SOURCE_DIR}/client/shared/sandbox_compile.c ${table}.o -lseccomp
    DEPENDS ${sandbox_sources} client/shared/sandbox_table.h VERBATIM)
  add_custom_target(sandbox_compile DEPENDS ${NTSC_SANDBOX_COMPILE})
  set(sandbox_depends ${NTSC_SANDBOX_COMPILE})
else()
  add_executable(sandbox_compile ${sandbox_sources})
  target_link_libraries(sandbox_compile PRIVATE ntsc_flags ${LIBSECCOMP})
  target_include_directories(sandbox_compile SYSTEM PRIVATE ${LIBSECCOMP_INCLUDE_DIR})
  set(NTSC_SANDBOX_COMPILE $<TARGET_FILE:sandbox_compile>)
  set(NTSC_SANDBOX_ARCH)
endif()

include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h NTSC_GLIBC)

# ntsc_sandbox_source(FILE WORD...): makes a C source of what sandbox_compile prints.
function(ntsc_sandbox_source file)
  add_custom_command(OUTPUT ${file} COMMAND ${NTSC_SANDBOX_COMPILE} ${ARGN} ${NTSC_SANDBOX_ARCH} > ${file}
                     DEPENDS sandbox_compile ${sandbox_depends} VERBATIM)
endfunction()

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
  ntsc_sandbox_source(${file} ${process} ${ARGN})
  target_sources(${target} PRIVATE ${file})
endfunction()
