# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of ntsc(8) for bash.

_ntsc()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} measure='' w
    local IFS=$'\n'

    COMPREPLY=()
    for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $w in
        -[!-]*[qs]* | -[qs]* | --query | --set) measure=1 ;;
        esac
    done
    case $before in
    -f | --config | -C | --ca | --import | -o | --output)
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    --runtime-dir | --starter-dir)
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -d -- "$word"))
        return
        ;;
    -p | --port | -t | --timeout | --samples | --warn | -c | --crit | --warn-bound | --crit-bound | --within | --ntp-server | --ntp-port)
        return
        ;;
    -n | -w)
        # Here a number follows, without -q and -s it is a command.
        [ -z "$measure" ] || return
        ;;
    esac
    case $word in
    -*)
        COMPREPLY=($(IFS=' '; compgen -W '-q --query -s --set -f --config -C --ca -p --port -4 -6
            -t --timeout -n --samples -w --warn -c --crit -j --json --no-state --ntp-server
            --ntp-port -x --monitor --check-config -i --info --openmetrics --plot --wait
            --runtime-dir --starter-dir --import -o --output --plugin --quiet --warn-bound --crit-bound --within -v --verbose -V --version -h --help' -- "$word"))
        ;;
    *)
        # The servers that it would ask without being told.
        [ -z "$measure" ] ||
            COMPREPLY=($(compgen -W "$("$1" -n 2>/dev/null | sed -n 's/^server \([^ ]*\).*/\1/p')" \
                -- "$word"))
        ;;
    esac
}

complete -F _ntsc ntsc
