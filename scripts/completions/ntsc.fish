# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of ntsc(8) for fish.

function __ntsc_measures
    __fish_contains_opt -s q query; or __fish_contains_opt -s s set
end

function __ntsc_servers
    ntsc -n 2>/dev/null | string replace -rf '^server (\S+).*' '$1'
end

complete -c ntsc -f
complete -c ntsc -n __ntsc_measures -a '(__ntsc_servers)' -d server
complete -c ntsc -s q -l query -d 'Measure, never touch the clock'
complete -c ntsc -s s -l set -d 'Measure, then step the clock once'
complete -c ntsc -s f -l config -r -F -d 'Configuration'
complete -c ntsc -s C -l ca -r -F -d 'Trust these CA certificates only'
complete -c ntsc -s p -l port -x -d 'Port of key establishment'
complete -c ntsc -s 4 -d 'Only IPv4'
complete -c ntsc -s 6 -d 'Only IPv6'
complete -c ntsc -s t -l timeout -x -d 'Seconds for everything together'
complete -c ntsc -s n -d 'Check the configuration; with -q, -s: queries per host'
complete -c ntsc -l samples -x -d 'Queries per host'
complete -c ntsc -s w -d 'Wait until synchronized; with -q: exit with 1 beyond this'
complete -c ntsc -l warn -x -d 'With -q: exit with 1 when off by more'
complete -c ntsc -s c -l crit -x -d 'With -q: exit with 2 when off by more'
complete -c ntsc -l warn-bound -x -d 'With -q: exit with 1 when the bound is larger'
complete -c ntsc -l crit-bound -x -d 'With -q: exit with 2 when the bound is larger'
complete -c ntsc -l within -x -d 'With --wait: also until it is off by no more'
complete -c ntsc -s o -l output -r -d 'With --import: replace this file'
complete -c ntsc -l plugin -d 'With -q: print as monitoring plug-ins do'
complete -c ntsc -l quiet -d 'With -q, -s: print nothing when all is well'
complete -c ntsc -s j -l json -d 'One JSON object'
complete -c ntsc -l no-state -d 'Neither use nor keep cookies'
complete -c ntsc -l ntp-server -x -d 'Ask for this NTP server'
complete -c ntsc -l ntp-port -x -d 'Ask for this NTP port'
complete -c ntsc -s x -l monitor -d 'Daemon: watch the clock only'
complete -c ntsc -l check-config -d 'Check the configuration and print it'
complete -c ntsc -s i -l info -d 'What the running daemon knows'
complete -c ntsc -l openmetrics -d 'With -i: for a metrics collector'
complete -c ntsc -l plot -d 'With -i: the last day as a chart'
complete -c ntsc -l wait -d 'Wait until the clock is synchronized'
complete -c ntsc -l runtime-dir -x -a '(__fish_complete_directories)' -d 'Where the status is'
complete -c ntsc -l starter-dir -x -a '(__fish_complete_directories)' -d 'Where a service manager starts its processes'
complete -c ntsc -l import -r -F -d "Another time daemon's configuration as ntsc's"
complete -c ntsc -s v -l verbose -d 'Say what is being done'
complete -c ntsc -s V -l version -d 'Version'
complete -c ntsc -s h -l help -d 'Summary of the options'
