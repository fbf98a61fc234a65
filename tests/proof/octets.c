/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `run octets` lets Frama-C's Eva follow: any octets as messages of processes that may have
 * been taken over, and as NTP headers. Behind the octets there is nothing that may be read.
 */
#include <__fc_builtin.h>
#include <stddef.h>

#include "common/msg/msg.h"
#include "common/msg/msg_engine.h"
#include "common/nts/ntp_packet.h"

/* Fills an object with any octets; gives the number of which its receiver is told. */
#define ANY(object)                                                                                \
    (Frama_C_make_unknown((char *)&(object), sizeof(object)),                                      \
     Frama_C_size_t_interval(0, 2 * sizeof(object)))

static void key_exchange(void)
{
    static struct msg_ke_answer answer;
    static struct msg_ke_request request;
    size_t len = ANY(answer);

    if (msg_ke_answer_valid(&answer, len)) {
        //@ check len == sizeof(answer);
    }
    len = ANY(request);
    (void)msg_ke_request_valid(&request, len);
}

static void from_ntsc(unsigned servers)
{
    static struct msg_setup setup;
    static struct msg_server server;
    static struct msg_ke_socket ke_socket;
    static struct msg_clock_result result;
    static struct msg_control control;
    size_t len = ANY(setup);

    (void)msg_setup_valid(&setup, len);
    len = ANY(server);
    if (msg_server_valid(&server, len)) {
        //@ check len == sizeof(server);
        //@ check server.index < SERVERS_MAX;
    }
    len = ANY(ke_socket);
    if (msg_ke_socket_valid(&ke_socket, len, servers)) {
        //@ check len == sizeof(ke_socket);
    }
    len = ANY(result);
    (void)msg_clock_result_valid(&result, len);
    len = ANY(control);
    (void)msg_control_valid(&control, len);
}

static void from_engine(unsigned servers)
{
    static struct msg_ke_start ke_start;
    static struct msg_clock order;
    static struct msg_done done;
    static struct msg_alive alive;
    static struct msg_text text;
    size_t len = ANY(ke_start);

    if (msg_ke_start_valid(&ke_start, len, servers)) {
        //@ check len == sizeof(ke_start);
    }
    len = ANY(order);
    (void)msg_clock_valid(&order, len);
    len = ANY(done);
    (void)msg_done_valid(&done, len);
    len = ANY(alive);
    (void)msg_alive_valid(&alive, len);
    len = ANY(text);
    if (msg_text_valid(&text, len)) {
        //@ check len == sizeof(text);
    }
}

static void packets(void)
{
    static uint8_t octets[NTP_HEADER_LEN];
    static struct ntp_packet any;
    uint8_t header[NTP_HEADER_LEN];
    struct ntp_packet p;
    size_t len = ANY(octets);

    if (len <= sizeof octets && ntp_packet_decode(&p, octets, len))
        ntp_packet_encode(&p, header);
    len = ANY(any);
    ntp_packet_encode(&any, header);
}

int main(void)
{
    unsigned servers = Frama_C_unsigned_int_interval(0, SERVERS_MAX);

    key_exchange();
    from_ntsc(servers);
    from_engine(servers);
    packets();
    return 0;
}
