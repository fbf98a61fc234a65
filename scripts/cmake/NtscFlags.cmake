# SPDX-License-Identifier: GPL-2.0-or-later
# One INTERFACE target carries language level, warnings, hardening and sanitizers.

add_library(ntsc_flags INTERFACE)
target_compile_features(ntsc_flags INTERFACE c_std_17)
target_include_directories(ntsc_flags INTERFACE ${PROJECT_SOURCE_DIR})
# 64 bits for times and files, also where the C library still has both (glibc on 32 bits).
target_compile_definitions(ntsc_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64 _TIME_BITS=64
  NTSC_VERSION="${PROJECT_VERSION}")
target_compile_options(ntsc_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
  -Wundef -Wvla -Wimplicit-fallthrough -fstack-protector-strong -fno-strict-aliasing
  $<$<BOOL:${NTSC_WERROR}>:-Werror>)
target_link_options(ntsc_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
# What nobody calls is no part of a program, nor are calls of libm where the processor has an
# instruction: nobody asks for their errno.
target_compile_options(ntsc_flags INTERFACE -ffunction-sections -fdata-sections -fno-math-errno)
target_link_options(ntsc_flags INTERFACE -Wl,--gc-sections)
set(CMAKE_C_EXTENSIONS OFF)
include(CheckSymbolExists)
set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
check_symbol_exists(close_range unistd.h NTSC_HAS_CLOSE_RANGE)
unset(CMAKE_REQUIRED_DEFINITIONS)
if(NOT NTSC_HAS_CLOSE_RANGE)
  target_compile_definitions(ntsc_flags INTERFACE NTSC_NO_CLOSE_RANGE)
endif()
option(NTSC_STATIC "Programs that need no shared library, not even libc's: for musl" OFF)
if(NTSC_STATIC)
  target_link_options(ntsc_flags INTERFACE -static)
endif()
# Not where all is in one static program for a small machine: relocations would be written into pages
# that processes could have shared.
option(NTSC_PIE "Programs that are loaded at a random address" ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ${NTSC_PIE})
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

if(NTSC_SANITIZE)
  target_compile_options(ntsc_flags INTERFACE
    -fsanitize=${NTSC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ntsc_flags INTERFACE -fsanitize=${NTSC_SANITIZE})
  target_compile_definitions(ntsc_flags INTERFACE NTSC_SANITIZED)
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(ntsc_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  include(CheckCCompilerFlag)
  foreach(flag stack-clash-protection cf-protection)
    check_c_compiler_flag(-f${flag} NTSC_HAS_${flag})
    if(NTSC_HAS_${flag})
      target_compile_options(ntsc_flags INTERFACE -f${flag})
    endif()
  endforeach()
endif()

if(NTSC_COVERAGE)
  target_compile_options(ntsc_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(ntsc_flags INTERFACE -fprofile-instr-generate)
endif()
