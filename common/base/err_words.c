/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/err_words.h"

#include <errno.h>

#define TELL     "tell the server's operator, or use another server"
#define OF_NAMED "tell the operator of the server that named it, or use another server"
#define NEWER    TELL "; it may need a newer ntsc"
#define PORT     "check host and port (NTS key establishment is 4460/tcp)"
#define TAMPERED "something on the way may be altering it: try from another network"

static const struct err_words reasons[REASON_COUNT] = {
    [REASON_SYSTEM] = {"this machine refused: error", "check its memory, disk and permissions",
                       CODE_ERRNO},
    [REASON_CHILD_DIED] = {"a helper process of ntsc died",
                           "try again, and report it as a bug if it stays", CODE_WAIT},
    [REASON_NONSENSE] = {"what ntsc-ke was told, or what it said, makes no sense; octets:",
                         "install one version of all programs, and report it as a bug if it stays",
                         CODE_NUMBER},
    [REASON_CA_UNUSABLE] = {"the CA certificates cannot be read, or there are none",
                            "install ca-certificates, or check the file or directory given as CA",
                            CODE_NONE},

    [REASON_NO_SUCH_NAME] = {"there is no host of this name", "check its spelling", CODE_NONE},
    [REASON_NO_ADDRESS] = {"the host has no address of the wanted kind",
                           "leave out -4 or -6, or use another server", CODE_NONE},
    [REASON_DNS_DOWN] = {"no name server answered, or none was able to",
                         "check the network and /etc/resolv.conf, or see ip in ntsc.conf(5)",
                         CODE_NONE},
    [REASON_NO_HOST_THERE] = {"the name leads to 0.0.0.0 or ::, which is no host",
                              "a filter in the name server or in /etc/hosts blocks it", CODE_NONE},
    [REASON_BAD_REDIRECT] = {"server sent us to a host whose address can never be a server's", TELL,
                             CODE_NONE},

    [REASON_REFUSED] = {"connection refused", PORT, CODE_NONE},
    [REASON_UNREACHABLE] = {"no route to the server", "check this machine's network", CODE_NONE},
    [REASON_TIMEOUT] = {"no answer in time",
                        "check the network; a firewall may drop port 4460/tcp or 123/udp",
                        CODE_NONE},
    [REASON_RESET] = {"server ended the connection", "try again later; " PORT, CODE_NONE},

    [REASON_EXPIRED] = {"certificate expired", "check the clock, or tell the server's operator",
                        CODE_NOT_AFTER},
    [REASON_LONG_EXPIRED] = {"certificate has ended, however wrong this clock may be: it expired",
                             TELL, CODE_NOT_AFTER},
    [REASON_NOT_YET_VALID] = {"certificate is not valid",
                              "check the clock: it may be behind (no RTC, empty battery)",
                              CODE_NOT_BEFORE},

    [REASON_UNKNOWN_CA] = {"certificate does not lead to a CA that is trusted here",
                           "update ca-certificates, or give the server's CA with --ca; if others "
                           "fail too, the server omits its intermediate certificate",
                           CODE_ISSUER},
    [REASON_SELF_SIGNED] = {"certificate is self-signed", "give it with --ca if you trust it",
                            CODE_NONE},
    [REASON_PATH_LENGTH] = {"certificate chain is longer than a CA in it allows", TELL,
                            CODE_SUBJECT},
    [REASON_NOT_A_CA] = {"certificate was issued by one that is no CA", TELL, CODE_SUBJECT},
    [REASON_WRONG_USAGE] = {"certificate is not meant for servers, or its key not for this (key "
                            "usage, extended key usage)",
                            TELL, CODE_SUBJECT},
    [REASON_NAME_CONSTRAINT] = {"a CA may not issue for the names below it (name constraints)",
                                TELL, CODE_SUBJECT},
    [REASON_CRITICAL_EXTENSION] = {"certificate has a critical extension that ntsc does not know",
                                   TELL, CODE_SUBJECT},
    [REASON_BAD_CERTIFICATE] = {"server's certificate is malformed", TELL, CODE_NONE},
    [REASON_TOO_COMPLEX] = {"server's certificates lead more ways than ntsc tries", TELL,
                            CODE_SUBJECT},
    [REASON_BAD_SIGNATURE] = {"a signature in the certificate chain is wrong", TAMPERED,
                              CODE_SUBJECT},
    [REASON_OTHER_KEY] = {"certificate is signed with another key than that of the CA of that name "
                          "that is trusted here",
                          "update ca-certificates, or give the server's own CA with --ca",
                          CODE_SUBJECT},
    [REASON_WEAK_KEY] =
        {"certificate is too weak (RSA under 2048 bits, ECC under 256, SHA-1, MD5), "
         "or of a kind that ntsc does not know",
         TELL, CODE_SUBJECT},

    [REASON_WRONG_NAME] = {"certificate is for another name",
                           "use the name that the certificate gives, and check the address it "
                           "leads to",
                           CODE_NAMES},
    [REASON_NO_NAME] = {"certificate names no host (subjectAltName; its CN does not count)", TELL,
                        CODE_SUBJECT},

    [REASON_OLD_TLS] = {"server does not speak TLS 1.3", TELL, CODE_NONE},
    [REASON_NOT_TLS] = {"what answers there does not speak TLS", PORT ", and for a captive portal",
                        CODE_NONE},

    [REASON_ALERT] = {"server ended the TLS handshake with alert", PORT ", or " TELL, CODE_ALERT},
    [REASON_LIBRARY] = {"TLS failed with wolfSSL error", "try again later, or " TELL, CODE_NUMBER},
    [REASON_CHAIN_SIZE] = {"server sends more certificates than wolfSSL takes (nine, 18 kB)", TELL,
                           CODE_NONE},
    [REASON_NO_OTHER] = {"the pool gave no server that is not asked already",
                         "this is well when it is small: it is asked again later", CODE_NONE},
    [REASON_TICKET] = {"server sent a TLS session ticket, unasked, that this wolfSSL cannot take",
                       "use wolfSSL 5.6 or newer, or another server", CODE_NONE},

    [REASON_NO_ALPN] = {"server does not say that it speaks NTS key establishment (ALPN ntske/1)",
                        PORT, CODE_NONE},
    [REASON_OTHER_ALPN] = {"server speaks another protocol than NTS key establishment (ALPN)", PORT,
                           CODE_NONE},

    [REASON_TRUNCATED] = {"server closed the connection in the middle of its NTS-KE answer",
                          "try again later, or " TELL, CODE_NONE},
    [REASON_TOO_LONG] = {"NTS-KE answer is longer than 65536 octets", TELL, CODE_NONE},
    [REASON_MALFORMED] = {"NTS-KE answer has a malformed record", TELL, CODE_RECORD},
    [REASON_CRITICAL_UNKNOWN] = {"NTS-KE answer has an unknown critical record", NEWER,
                                 CODE_RECORD},
    [REASON_DUPLICATE] = {"NTS-KE answer has twice the record", TELL, CODE_RECORD},
    [REASON_MISSING] = {"NTS-KE answer lacks the record", TELL, CODE_RECORD},
    [REASON_BAD_PROTOCOL] = {"server does not offer NTPv4 with NTS", TELL, CODE_NONE},
    [REASON_BAD_AEAD] = {"server and ntsc have no AEAD algorithm in common; its answer (-1 for "
                         "none) was",
                         "see aead in ntsc.conf(5), or " TELL, CODE_NUMBER},
    [REASON_COOKIE_LENGTH] = {"all cookies of the server are empty or too long for a packet", TELL,
                              CODE_NONE},

    [REASON_KE_ERROR] = {"server refused with NTS-KE error", TELL, CODE_KE_ERROR},
    [REASON_KE_WARNING] = {"server sent the unknown NTS-KE warning", NEWER, CODE_NUMBER},

    [REASON_FORGED] = {"answers to the NTP query came, but none was authentic", TAMPERED,
                       CODE_NONE},
    [REASON_PLAIN] = {"something on the way answers with NTP that is not authenticated",
                      "the network may redirect port 123/udp: try from another network", CODE_NONE},
    [REASON_UNSYNCHRONIZED] = {"server has no synchronized time itself",
                               "wait, or use another server", CODE_NONE},
    [REASON_STRATUM] = {"server is at a stratum that cannot be used:", "use another server",
                        CODE_NUMBER},
    [REASON_ROOT_DISTANCE] =
        {"server's own time is too uncertain",
         "wait: one that was just started says so for a while; or use another server", CODE_MS},
    [REASON_TIMES] = {"server's timestamps contradict each other", TELL, CODE_NONE},
    [REASON_LOCAL_TIMES] = {"this machine's clock was changed while the query was under way",
                            "see who else sets it", CODE_NONE},
    [REASON_UNCERTIFIED] = {"server tells a time at which its own certificate is not valid", TELL,
                            CODE_NONE},
    [REASON_DELAY] = {"the round trip takes much longer than the shortest one",
                      "see maxdelay in ntsc.conf(5)", CODE_MS},
};

static const struct err_words stages[STAGE_COUNT] = {
    [STAGE_OK] = {"all is well", NULL, CODE_NONE},
    [STAGE_LOCAL] = {"something failed on this machine", "see the system's log", CODE_NONE},
    [STAGE_RESOLVE] = {"the host's address could not be found",
                       "check its spelling and the name servers", CODE_NONE},
    [STAGE_CONNECT] = {"no connection to the server", PORT ", and firewalls", CODE_NONE},
    [STAGE_TLS_TIME] = {"certificate is not valid now", "check the clock, or " TELL, CODE_CLOCK},
    [STAGE_TLS_TRUST] = {"certificate is not trusted", "check --ca and ca-certificates", CODE_NONE},
    [STAGE_TLS_NAME] = {"certificate does not fit the host's name", "check the name", CODE_NONE},
    [STAGE_TLS_VERSION] = {"server does not speak TLS 1.3", PORT, CODE_NONE},
    [STAGE_TLS] = {"the TLS handshake failed", "try again later, or " TELL, CODE_NUMBER},
    [STAGE_ALPN] = {"server does not speak NTS key establishment (ALPN ntske/1)", PORT, CODE_NONE},
    [STAGE_KE_RECORD] = {"NTS-KE answer is not right", TELL, CODE_NONE},
    [STAGE_KE_ERROR] = {"server refused with NTS-KE error", TELL, CODE_KE_ERROR},
    [STAGE_NTP_TIMEOUT] = {"no valid answer to the NTP query",
                           "a firewall may drop port 123/udp or its longer packets", CODE_NONE},
    [STAGE_NTP_AUTH] = {"no answer to the NTP query was authentic", TAMPERED, CODE_NONE},
    [STAGE_NAK] = {"server no longer knows our cookie (NTSN)",
                   "a new key exchange is due; if it stays, " TELL, CODE_NONE},
    [STAGE_KISS] = {"server asks to be left alone, kiss code", "query less often, or use another",
                    CODE_KISS},
    [STAGE_NTP_SANITY] = {"server's answer is not a time to be used", "use another server",
                          CODE_NONE},
};

const struct err_words *err_reason_words(uint16_t reason)
{
    return reasons[reason].what != NULL ? &reasons[reason] : NULL;
}

const struct err_words *err_stage_words(uint16_t stage)
{
    return &stages[stage];
}

const char *err_cure_of_named(uint16_t reason)
{
    switch (reason) {
    case REASON_NO_SUCH_NAME:
    case REASON_NO_ADDRESS:
        return OF_NAMED;
    case REASON_DNS_DOWN:
        return "check the network and /etc/resolv.conf, or " OF_NAMED;
    case REASON_UNREACHABLE:
        return "check this machine's network, or " OF_NAMED;
    default:
        return NULL;
    }
}

const char *err_stage_when(uint16_t stage)
{
    switch (stage) {
    case STAGE_RESOLVE:
        return "while its address was asked for";
    case STAGE_CONNECT:
        return "while connecting";
    case STAGE_TLS_TIME:
    case STAGE_TLS_TRUST:
    case STAGE_TLS_NAME:
    case STAGE_TLS_VERSION:
    case STAGE_TLS:
    case STAGE_ALPN:
        return "during the TLS handshake";
    case STAGE_KE_RECORD:
    case STAGE_KE_ERROR:
        return "during key establishment";
    case STAGE_NTP_TIMEOUT:
    case STAGE_NTP_AUTH:
    case STAGE_NAK:
    case STAGE_KISS:
    case STAGE_NTP_SANITY:
        return "during the NTP query";
    default:
        return "before anything was sent";
    }
}

/* The ones that occur; the C library's own words depend on the locale. */
const char *err_errno_words(int32_t code)
{
    switch (code) {
    case EPERM:
        return "operation not permitted";
    case ENOENT:
        return "no such file or directory";
    case EIO:
        return "input/output error";
    case EAGAIN:
        return "resource temporarily unavailable";
    case ENOMEM:
        return "out of memory";
    case EACCES:
        return "permission denied";
    case ENOSYS:
        return "not supported by this kernel";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case ENOSPC:
        return "no space left on device";
    case EROFS:
        return "read-only file system";
    case ENOBUFS:
        return "no buffer space";
    case EADDRNOTAVAIL:
        return "no local address fits";
    case EAFNOSUPPORT:
        return "address family not supported";
    case ENETDOWN:
        return "network is down";
    case ENETUNREACH:
        return "network is unreachable";
    case EHOSTUNREACH:
        return "no route to host";
    default:
        return NULL;
    }
}

/* RFC 8446 section 6 */
const char *err_alert_words(int32_t code)
{
    switch (code) {
    case 10:
        return "unexpected message";
    case 40:
        return "handshake failure: nothing in common";
    case 42:
        return "bad certificate";
    case 47:
        return "illegal parameter";
    case 50:
        return "decode error";
    case 51:
        return "decrypt error";
    case 70:
        return "protocol version";
    case 71:
        return "insufficient security";
    case 80:
        return "internal error";
    case 109:
        return "missing extension";
    case 112:
        return "name not known there";
    case 116:
        return "wants a certificate of ours";
    case 120:
        return "no application protocol in common";
    default:
        return NULL;
    }
}

/* RFC 8915 section 7.6 */
const char *err_record_words(int32_t code)
{
    static const char *const names[] = {
        "End of Message", "NTS Next Protocol", "Error",        "Warning",
        "AEAD Algorithm", "New Cookie",        "NTPv4 Server", "NTPv4 Port",
    };

    return code >= 0 && code < (int32_t)(sizeof names / sizeof names[0]) ? names[code] : NULL;
}

/* RFC 8915 section 4.1.3 */
const char *err_ke_error_words(int32_t code)
{
    switch (code) {
    case 0:
        return "unrecognized critical record";
    case 1:
        return "bad request";
    case 2:
        return "internal server error";
    default:
        return NULL;
    }
}
