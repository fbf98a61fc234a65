# SPDX-License-Identifier: GPL-2.0-or-later
# wolfSSL (shared for TLS in ntsc-ke, its static archive, where there is one, for AES alone in
# ntsc-engine) and libcap; libseccomp is needed to build, but not to run.

# ntsc_need(VARIABLE WHAT PACKAGE): ends the configuration in words when VARIABLE was not found.
function(ntsc_need variable what package)
  if(NOT ${variable})
    message(FATAL_ERROR "${what} is missing. On Debian or Ubuntu: apt-get install ${package}, or "
      "scripts/install-deps, which also names the packages of other distributions.")
  endif()
endfunction()

if(NTSC_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()

# Where pkg-config says; for another architecture only when it is told where that one's files are.
find_package(PkgConfig QUIET)
function(ntsc_hints variable package)
  if(PKG_CONFIG_FOUND AND (NOT CMAKE_CROSSCOMPILING OR DEFINED ENV{PKG_CONFIG_LIBDIR} OR
                           DEFINED ENV{PKG_CONFIG_SYSROOT_DIR}))
    pkg_check_modules(NTSC_PC_${variable} QUIET ${package})
    set(${variable}_INCLUDE_HINTS ${NTSC_PC_${variable}_INCLUDEDIR} ${NTSC_PC_${variable}_INCLUDE_DIRS} PARENT_SCOPE)
    set(${variable}_LIBRARY_HINTS ${NTSC_PC_${variable}_LIBDIR} ${NTSC_PC_${variable}_LIBRARY_DIRS} PARENT_SCOPE)
  endif()
endfunction()

ntsc_hints(WOLFSSL wolfssl)
find_path(WOLFSSL_INCLUDE_DIR wolfssl/ssl.h HINTS ${WOLFSSL_INCLUDE_HINTS})
find_library(WOLFSSL_SHARED NAMES libwolfssl.so HINTS ${WOLFSSL_LIBRARY_HINTS})
find_library(WOLFSSL_STATIC NAMES libwolfssl.a HINTS ${WOLFSSL_LIBRARY_HINTS})
ntsc_need(WOLFSSL_INCLUDE_DIR "wolfSSL's headers (wolfssl/ssl.h)" libwolfssl-dev)
if(NTSC_STATIC)
  ntsc_need(WOLFSSL_STATIC "wolfSSL's static library (libwolfssl.a)" libwolfssl-dev)
  set(WOLFSSL_LIBRARY ${WOLFSSL_STATIC})
else()
  ntsc_need(WOLFSSL_SHARED "wolfSSL's shared library" libwolfssl-dev)
  set(WOLFSSL_LIBRARY ${WOLFSSL_SHARED})
endif()
ntsc_hints(LIBCAP libcap)
find_path(LIBCAP_INCLUDE_DIR sys/capability.h HINTS ${LIBCAP_INCLUDE_HINTS})
find_library(LIBCAP NAMES cap HINTS ${LIBCAP_LIBRARY_HINTS})
ntsc_need(LIBCAP_INCLUDE_DIR "libcap's header (sys/capability.h)" libcap-dev)
ntsc_need(LIBCAP "libcap" libcap-dev)
# A program of the build machine takes the build machine's (NtscSandbox.cmake).
set(NTSC_BUILD_CC "" CACHE STRING "A compiler for the build machine, where that is not the target")
if(NOT CMAKE_CROSSCOMPILING AND NOT NTSC_BUILD_CC)
  ntsc_hints(LIBSECCOMP libseccomp)
  find_path(LIBSECCOMP_INCLUDE_DIR seccomp.h HINTS ${LIBSECCOMP_INCLUDE_HINTS})
  find_library(LIBSECCOMP NAMES seccomp HINTS ${LIBSECCOMP_LIBRARY_HINTS})
  ntsc_need(LIBSECCOMP_INCLUDE_DIR "libseccomp's header (seccomp.h)" libseccomp-dev)
  ntsc_need(LIBSECCOMP "libseccomp" libseccomp-dev)
endif()

# Debian 12's package before deb12u3 lacks fixes that matter to a TLS client; other systems are told
# apart by upstream's own version. It is judged only where the headers that are used are its own.
option(NTSC_OLD_WOLFSSL "For trying only: take a Debian package of wolfSSL that lacks security fixes" OFF)
find_program(DPKG_QUERY dpkg-query)
if(DPKG_QUERY)
  execute_process(COMMAND ${DPKG_QUERY} -S ${WOLFSSL_INCLUDE_DIR}/wolfssl/version.h
                  OUTPUT_VARIABLE WOLFSSL_OWNER ERROR_QUIET)
  set(WOLFSSL_PACKAGE)
  if(WOLFSSL_OWNER MATCHES "^(libwolfssl-dev(:[a-z0-9]+)?)[:,]")
    execute_process(COMMAND ${DPKG_QUERY} -W -f "\${Version}" ${CMAKE_MATCH_1}
                    OUTPUT_VARIABLE WOLFSSL_PACKAGE ERROR_QUIET)
  endif()
  if(WOLFSSL_PACKAGE)
    execute_process(COMMAND dpkg --compare-versions ${WOLFSSL_PACKAGE} lt 5.5.4-2+deb12u3
                    RESULT_VARIABLE WOLFSSL_NOT_OLD)
    if(WOLFSSL_NOT_OLD EQUAL 0 AND NTSC_OLD_WOLFSSL)
      message(WARNING "libwolfssl-dev ${WOLFSSL_PACKAGE} lacks security fixes: not for use, only for trying")
    elseif(WOLFSSL_NOT_OLD EQUAL 0)
      message(FATAL_ERROR "libwolfssl-dev ${WOLFSSL_PACKAGE} is too old: ntsc needs at least "
        "5.5.4-2+deb12u3, which has the security fixes. "
        "Run: apt-get update && apt-get install libwolfssl-dev (it is in bookworm-security)")
    endif()
  endif()
endif()
file(STRINGS ${WOLFSSL_INCLUDE_DIR}/wolfssl/version.h WOLFSSL_VERSION_LINE
     REGEX "define LIBWOLFSSL_VERSION_STRING")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" WOLFSSL_VERSION "${WOLFSSL_VERSION_LINE}")
if(WOLFSSL_VERSION VERSION_LESS 5.5.4)
  message(FATAL_ERROR "wolfSSL ${WOLFSSL_VERSION} is too old: ntsc needs at least 5.5.4")
endif()

include(NtscWolfssl)

add_library(ntsc_tls_library INTERFACE)
target_include_directories(ntsc_tls_library SYSTEM INTERFACE ${WOLFSSL_INCLUDE_DIR})
target_link_libraries(ntsc_tls_library INTERFACE ${WOLFSSL_LIBRARY} m)

# The archive's objects are pulled in one by one: AES comes without the TLS library. Where there is
# no archive (distributions leave it out) the engine loads the shared library.
add_library(ntsc_aead_library INTERFACE)
target_include_directories(ntsc_aead_library SYSTEM INTERFACE ${WOLFSSL_INCLUDE_DIR})
if(WOLFSSL_STATIC)
  target_link_libraries(ntsc_aead_library INTERFACE ${WOLFSSL_STATIC} m)
  target_link_options(ntsc_aead_library INTERFACE -Wl,--gc-sections)
else()
  message(STATUS "No libwolfssl.a: ntsc-engine loads ${WOLFSSL_SHARED} as well, which costs it memory and time to start")
  target_link_libraries(ntsc_aead_library INTERFACE ${WOLFSSL_SHARED} m)
endif()
