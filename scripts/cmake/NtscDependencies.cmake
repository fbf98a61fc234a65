# SPDX-License-Identifier: GPL-2.0-or-later
# wolfSSL (shared for TLS in ntsc-ke, its static archive for AES-SIV alone in ntsc-engine) and libcap;
# libseccomp is needed to build, but not to run.

# ntsc_need(VARIABLE WHAT PACKAGE): ends the configuration in words when VARIABLE was not found.
function(ntsc_need variable what package)
  if(NOT ${variable})
    message(FATAL_ERROR "${what} is missing. On Debian or Ubuntu: apt-get install ${package}, or "
      "scripts/install-deps, which also names the packages of other distributions.")
  endif()
endfunction()

find_path(WOLFSSL_INCLUDE_DIR wolfssl/ssl.h)
find_library(WOLFSSL_SHARED NAMES libwolfssl.so)
find_library(WOLFSSL_STATIC NAMES libwolfssl.a)
find_path(LIBCAP_INCLUDE_DIR sys/capability.h)
find_library(LIBCAP NAMES cap)
ntsc_need(WOLFSSL_INCLUDE_DIR "wolfSSL's headers (wolfssl/ssl.h)" libwolfssl-dev)
ntsc_need(WOLFSSL_SHARED "wolfSSL's shared library" libwolfssl-dev)
ntsc_need(WOLFSSL_STATIC "wolfSSL's static library (libwolfssl.a)" libwolfssl-dev)
ntsc_need(LIBCAP_INCLUDE_DIR "libcap's header (sys/capability.h)" libcap-dev)
ntsc_need(LIBCAP "libcap" libcap-dev)
find_path(LIBSECCOMP_INCLUDE_DIR seccomp.h)
find_library(LIBSECCOMP NAMES seccomp)
ntsc_need(LIBSECCOMP_INCLUDE_DIR "libseccomp's header (seccomp.h)" libseccomp-dev)
ntsc_need(LIBSECCOMP "libseccomp" libseccomp-dev)

# Debian 12's package before deb12u3 lacks fixes that matter to a TLS client; other systems are told
# apart by upstream's own version.
find_program(DPKG_QUERY dpkg-query)
if(DPKG_QUERY)
  execute_process(COMMAND ${DPKG_QUERY} -W -f "\${Version}" libwolfssl-dev
                  OUTPUT_VARIABLE WOLFSSL_PACKAGE ERROR_QUIET)
  if(WOLFSSL_PACKAGE)
    execute_process(COMMAND dpkg --compare-versions ${WOLFSSL_PACKAGE} lt 5.5.4-2+deb12u3
                    RESULT_VARIABLE WOLFSSL_NOT_OLD)
    if(WOLFSSL_NOT_OLD EQUAL 0)
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

add_library(ntsc_tls_library INTERFACE)
target_include_directories(ntsc_tls_library SYSTEM INTERFACE ${WOLFSSL_INCLUDE_DIR})
target_link_libraries(ntsc_tls_library INTERFACE ${WOLFSSL_SHARED})

# The archive's objects are pulled in one by one: AES-SIV comes without the TLS library.
add_library(ntsc_aead_library INTERFACE)
target_include_directories(ntsc_aead_library SYSTEM INTERFACE ${WOLFSSL_INCLUDE_DIR})
target_link_libraries(ntsc_aead_library INTERFACE ${WOLFSSL_STATIC} m)
target_link_options(ntsc_aead_library INTERFACE -Wl,--gc-sections)
