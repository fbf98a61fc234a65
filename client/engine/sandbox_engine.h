/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox of ntsc-engine. */
#ifndef NTSC_SANDBOX_ENGINE_H
#define NTSC_SANDBOX_ENGINE_H

/*
 * For good: files below these open directories (-1: none) and no others, no TCP, no programs, no
 * process but this.
 */
void sandbox_engine_enter(int state_dir, int status_dir);

#endif
