# SPDX-License-Identifier: GPL-2.0-or-later
# What ntsc needs of wolfSSL, asked of its headers and of the library when configuring: each lack is
# named with the option of wolfSSL's configure that mends it, all of them at once.
include(CheckCSourceCompiles)

set(NTSC_WOLFSSL_HEADERS "
#ifdef __has_include
#if __has_include(<wolfssl/options.h>)
#include <wolfssl/options.h>
#endif
#endif
#include <wolfssl/wolfcrypt/settings.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/aes.h>
")

# ntsc_wolfssl_has(VARIABLE CONDITION): whether the preprocessor finds it true behind wolfSSL's headers.
function(ntsc_wolfssl_has variable condition)
  set(CMAKE_REQUIRED_INCLUDES ${WOLFSSL_INCLUDE_DIR})
  set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
  set(CMAKE_REQUIRED_QUIET ON)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  check_c_source_compiles("${NTSC_WOLFSSL_HEADERS}
#if !(${condition})
#error lacks it
#endif
int nothing(void);
int nothing(void) { return 0; }" ${variable})
endfunction()

# What was found earlier says nothing of another library.
if(NOT NTSC_WOLFSSL_ASKED STREQUAL "${WOLFSSL_INCLUDE_DIR} ${WOLFSSL_LIBRARY} ${WOLFSSL_VERSION}")
  get_cmake_property(variables CACHE_VARIABLES)
  foreach(variable IN LISTS variables)
    if(variable MATCHES "^NTSC_WOLFSSL_HAS_")
      unset(${variable} CACHE)
    endif()
  endforeach()
  set(NTSC_WOLFSSL_ASKED "${WOLFSSL_INCLUDE_DIR} ${WOLFSSL_LIBRARY} ${WOLFSSL_VERSION}" CACHE INTERNAL "")
endif()

ntsc_wolfssl_has(NTSC_WOLFSSL_HAS_HEADERS 1)
if(NOT NTSC_WOLFSSL_HAS_HEADERS)
  message(FATAL_ERROR "The headers of wolfSSL in ${WOLFSSL_INCLUDE_DIR} cannot be compiled; see "
    "CMakeFiles/CMakeError.log, or CMakeFiles/CMakeConfigureLog.yaml, in the build directory.")
endif()

set(lacks)
# ntsc_wolfssl_needs(NAME CONDITION OPTION WORDS): adds to the lacks.
macro(ntsc_wolfssl_needs name condition option words)
  ntsc_wolfssl_has(NTSC_WOLFSSL_HAS_${name} "${condition}")
  if(NOT NTSC_WOLFSSL_HAS_${name})
    string(APPEND lacks "\n  ${words}: ${option}")
  endif()
endmacro()
ntsc_wolfssl_needs(TLS13 "defined(WOLFSSL_TLS13) && !defined(WOLFCRYPT_ONLY) && !defined(NO_WOLFSSL_CLIENT)"
  --enable-tls13 "TLS 1.3 for clients, the only version that ntsc speaks")
ntsc_wolfssl_needs(EXPORT "defined(HAVE_KEYING_MATERIAL)"
  --enable-keying-material "export of keying material, from which the keys come (RFC 8915 section 5.1)")
ntsc_wolfssl_needs(ALPN "defined(HAVE_ALPN)" --enable-alpn "ALPN, by which servers know key establishment")
ntsc_wolfssl_needs(SNI "defined(HAVE_SNI)" --enable-sni "SNI, the server's name for servers that have several")
ntsc_wolfssl_needs(CURVES "defined(HAVE_SUPPORTED_CURVES)" --enable-supportedcurves
  "supported groups, without which TLS 1.3 agrees on no key")
ntsc_wolfssl_needs(CHAIN "defined(SESSION_CERTS)" --enable-sessioncerts
  "the server's certificates behind the handshake")
ntsc_wolfssl_needs(WATCH "defined(WOLF_CRYPTO_CB) || defined(KEEP_PEER_CERT)" --enable-cryptocb
  "the server's own certificate behind the handshake")
ntsc_wolfssl_needs(AES "!defined(NO_AES) && (defined(WOLFSSL_AES_DIRECT) || defined(HAVE_AES_ECB) || \
defined(HAVE_AES_CBC))" "--enable-aescbc, or without --disable-aes" "AES")
ntsc_wolfssl_needs(GCM "defined(HAVE_AESGCM)" --enable-aesgcm
  "AES-GCM, which every TLS 1.3 server has (RFC 8446 section 9.1)")
ntsc_wolfssl_needs(ECC "defined(HAVE_ECC)" --enable-ecc "ECDSA, for certificates")
ntsc_wolfssl_needs(X25519 "defined(HAVE_CURVE25519)" --enable-curve25519 "X25519")
ntsc_wolfssl_needs(ED25519 "defined(HAVE_ED25519)" --enable-ed25519 "Ed25519, for certificates")
ntsc_wolfssl_needs(RSA "!defined(NO_RSA) && defined(WC_RSA_PSS)" --enable-rsapss "RSA-PSS, for certificates")
ntsc_wolfssl_needs(SHA "!defined(NO_SHA)" "without --disable-sha"
  "SHA-1, by which certificates of authorities are found (not for signatures)")
ntsc_wolfssl_needs(SHA512 "defined(WOLFSSL_SHA384) && defined(WOLFSSL_SHA512)" "--enable-sha384 --enable-sha512"
  "SHA-384 and SHA-512, for certificates")
if(lacks)
  message(FATAL_ERROR "wolfSSL ${WOLFSSL_VERSION} (${WOLFSSL_LIBRARY}) was built without what ntsc needs. "
    "What is missing, and the option of wolfSSL's configure that brings it:${lacks}")
endif()

# The headers may be those of another build than the library.
set(CMAKE_REQUIRED_INCLUDES ${WOLFSSL_INCLUDE_DIR})
set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
set(CMAKE_REQUIRED_LIBRARIES ${WOLFSSL_LIBRARY} m)
set(CMAKE_REQUIRED_QUIET ON)
check_c_source_compiles("${NTSC_WOLFSSL_HEADERS}
int main(void)
{
    unsigned char out[32];
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    WOLFSSL *ssl = wolfSSL_new(ctx);
    char alpn[] = \"x\";

    return wolfSSL_UseALPN(ssl, alpn, 1, WOLFSSL_ALPN_FAILED_ON_MISMATCH) +
           wolfSSL_export_keying_material(ssl, out, sizeof out, \"x\", 1, out, 0, 1);
}" NTSC_WOLFSSL_HAS_LIBRARY)
if(NOT NTSC_WOLFSSL_HAS_LIBRARY)
  message(FATAL_ERROR "${WOLFSSL_LIBRARY} cannot be linked with what the headers in ${WOLFSSL_INCLUDE_DIR} "
    "promise. Are they of the same build (WOLFSSL_INCLUDE_DIR, WOLFSSL_SHARED, WOLFSSL_STATIC)?")
endif()
ntsc_wolfssl_has(NTSC_WOLFSSL_HAS_SIV "defined(WOLFSSL_AES_SIV)")
foreach(variable CMAKE_REQUIRED_INCLUDES CMAKE_REQUIRED_DEFINITIONS CMAKE_REQUIRED_LIBRARIES CMAKE_REQUIRED_QUIET)
  unset(${variable})
endforeach()
