/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can go wrong with one server, as data. The core never writes a message; it fills a
 * `struct failure`, which crosses process boundaries as it is, and failure_text() makes words of
 * it.
 */
#ifndef NTSC_ERR_H
#define NTSC_ERR_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/time.h"

#define NTSC_CHECK_RESULT __attribute__((warn_unused_result))

/* Where an exchange ended. The names of failure_stage_name() are part of the interface (-j). */
enum stage {
    STAGE_OK,
    STAGE_LOCAL,       /* this machine: no memory, no process, no permission */
    STAGE_RESOLVE,     /* name to address */
    STAGE_CONNECT,     /* TCP */
    STAGE_TLS_TIME,    /* certificate not valid now */
    STAGE_TLS_TRUST,   /* chain does not lead to a trusted CA, or a weak or wrong certificate */
    STAGE_TLS_NAME,    /* certificate is for another name */
    STAGE_TLS_VERSION, /* server does not speak TLS 1.3, or no TLS at all */
    STAGE_TLS,         /* handshake failed for another reason */
    STAGE_ALPN,        /* server does not speak ntske/1 */
    STAGE_KE_RECORD,   /* NTS-KE answer malformed or incomplete */
    STAGE_KE_ERROR,    /* NTS-KE error or unknown warning record; code holds its number */
    STAGE_NTP_TIMEOUT, /* no valid answer to the NTP query */
    STAGE_NTP_AUTH,    /* answers came, none passed authentication */
    STAGE_NAK,         /* server does not know the cookie (NTSN) */
    STAGE_KISS,        /* authenticated kiss-o'-death; code holds its four letters */
    STAGE_NTP_SANITY,  /* authenticated, but not a time to be used */
    STAGE_COUNT
};

/* Why, within the stage. Words and a cure for each are in err_words.c. */
enum reason {
    REASON_NONE,
    /* STAGE_LOCAL */
    REASON_SYSTEM,      /* code: errno */
    REASON_CHILD_DIED,  /* code: wait status */
    REASON_CA_UNUSABLE, /* CA file or directory cannot be read or holds no certificate */
    /* STAGE_RESOLVE */
    REASON_NO_SUCH_NAME,
    REASON_NO_ADDRESS,   /* the name exists, but not with an address of the wanted family */
    REASON_DNS_DOWN,     /* no answer from any name server */
    REASON_BAD_REDIRECT, /* the server sent us to an address that is never one of a server */
    /* STAGE_CONNECT */
    REASON_REFUSED,
    REASON_UNREACHABLE,
    REASON_TIMEOUT,
    REASON_RESET, /* connection ended by the other side, also later stages */
    /* STAGE_TLS_TIME; not_before and not_after say when */
    REASON_EXPIRED,
    REASON_NOT_YET_VALID,
    /* STAGE_TLS_TRUST */
    REASON_UNKNOWN_CA,
    REASON_SELF_SIGNED,
    REASON_PATH_LENGTH,
    REASON_NOT_A_CA,    /* an intermediate without CA:TRUE */
    REASON_WRONG_USAGE, /* key usage or extended key usage */
    REASON_BAD_SIGNATURE,
    REASON_WEAK_KEY, /* RSA under 2048 bits, ECC under 256, SHA-1, MD5 */
    /* STAGE_TLS_NAME */
    REASON_WRONG_NAME,
    REASON_NO_NAME, /* no subjectAltName at all; the CN does not count */
    /* STAGE_TLS_VERSION */
    REASON_OLD_TLS,
    REASON_NOT_TLS,
    /* STAGE_TLS */
    REASON_ALERT,   /* code: TLS alert number */
    REASON_LIBRARY, /* code: the TLS library's number */
    /* STAGE_ALPN */
    REASON_NO_ALPN,
    REASON_OTHER_ALPN,
    /* STAGE_KE_RECORD */
    REASON_TRUNCATED, /* connection closed before End of Message */
    REASON_TOO_LONG,
    REASON_MALFORMED,        /* code: record type */
    REASON_CRITICAL_UNKNOWN, /* code: record type */
    REASON_DUPLICATE,        /* code: record type */
    REASON_MISSING,          /* code: record type that has to be there */
    REASON_BAD_PROTOCOL,     /* next protocol is not NTPv4 */
    REASON_BAD_AEAD,         /* code: an algorithm we did not offer, or -1 for none in common */
    REASON_COOKIE_LENGTH,    /* all cookies empty or larger than a packet can hold */
    /* STAGE_KE_ERROR */
    REASON_KE_ERROR,
    REASON_KE_WARNING,
    /* STAGE_NTP_AUTH, STAGE_NTP_SANITY */
    REASON_FORGED,
    REASON_UNSYNCHRONIZED, /* leap indicator 3 or stratum 0 */
    REASON_STRATUM,        /* code: stratum */
    REASON_ROOT_DISTANCE,  /* infinite or above the limit; code: milliseconds */
    REASON_TIMES,          /* T3 before T2, negative delay, transmit time zero */
    REASON_LOCAL_TIMES,    /* our own two clocks contradict each other over the exchange */
    REASON_UNCERTIFIED, /* a time at which the server's certificates are not valid; the dates tell
                         */
    REASON_DELAY,       /* round trip longer than is accepted of this server; code: milliseconds */
    /* STAGE_TLS_TIME again: status.json has the numbers */
    REASON_LONG_EXPIRED, /* whatever the clock says: before ntsc was built, for example */
    /* Later ones, of whatever stage: the numbers are told by -j, and stay as they are. */
    REASON_TICKET, /* STAGE_TLS: a session ticket that wolfSSL before 5.6 does not stand */
    /* STAGE_TLS_TRUST again */
    REASON_NAME_CONSTRAINT,    /* a CA that may not issue for the names of one below it */
    REASON_CRITICAL_EXTENSION, /* one that is critical and not understood here */
    REASON_BAD_CERTIFICATE,    /* the server's own cannot be read */
    REASON_TOO_COMPLEX,        /* more ways to a CA than are tried */
    REASON_NO_OTHER,      /* STAGE_RESOLVE: the pool has no server that we have not got already */
    REASON_PLAIN,         /* STAGE_NTP_AUTH: answers without any authentication, and no others */
    REASON_NO_HOST_THERE, /* STAGE_RESOLVE: only 0.0.0.0 or ::, with which a filter blocks a name */
    REASON_CHAIN_SIZE,    /* STAGE_TLS: more or larger certificates than the TLS library takes */
    REASON_NONSENSE,      /* STAGE_LOCAL: a message of ntsc-ke or to it is none; code: its octets */
    REASON_OTHER_KEY,     /* STAGE_TLS_TRUST: the trusted CA of the issuer's name has another key */
    REASON_COUNT
};

/* A host name of usual length, or the name of a CA. */
#define FAILURE_DETAIL_MAX 95

struct failure {
    uint16_t stage;  /* enum stage */
    uint16_t reason; /* enum reason */
    int32_t code;    /* as the stage or reason says, else 0 */
    /* Dates of the offending certificate, seconds since 1970; 0 when not known. */
    int64_t not_before_s, not_after_s;
    /*
     * Of a certificate: whose it is, or the names that it has where those are wrong, or whose
     * issuer is missing. Of an NTP server without address, route or answer: what it is, where
     * key establishment named it. Printable ASCII, "" when there is nothing to tell; 0 up to the
     * end.
     */
    char detail[FAILURE_DETAIL_MAX + 1];
};

/* The word for a stage as -j and the log give it ("tls-time"); "?" outside the enumeration. */
const char *failure_stage_name(uint16_t stage);

/*
 * Writes what happened and what to do about it, one line without line end, to buf (at most n
 * octets with the 0). `now` is this machine's clock: certificate dates are told beside it.
 */
void failure_text(const struct failure *f, struct wall now, char *buf, size_t n);

/*@ assigns \nothing; */
static inline struct failure failure_make(enum stage stage, enum reason reason, int32_t code)
{
    return (struct failure){.stage = (uint16_t)stage, .reason = (uint16_t)reason, .code = code};
}

#endif
