# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of jabberd-ctl for bash. What may come next is the host's to say, for components bring commands of their own.
_jabberd_ctl()
{
    local words word current socket=()
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:COMP_POINT-1:1} == [[:space:]] ]] && words+=('')
    words=("${words[@]:1}")
    current=${words[-1]}
    COMPREPLY=()
    while ((${#words[@]} > 1)); do
        word=${words[0]}
        case $word in
            -s | --socket | -f | --filter | --color)
                if ((${#words[@]} == 2)); then
                    [[ $word == -s || $word == --socket ]] && mapfile -t COMPREPLY < <(compgen -f -- "$current")
                    return
                fi
                [[ $word == -s || $word == --socket ]] && socket=(--socket "${words[1]}")
                words=("${words[@]:2}")
                ;;
            --socket=*)
                socket=("$word")
                words=("${words[@]:1}")
                ;;
            -*) words=("${words[@]:1}") ;;
            *) break ;;
        esac
    done
    if ((${#words[@]} == 1)) && [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--socket --json --filter --color --help' -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(jabberd-ctl "${socket[@]}" complete "${words[@]}" 2>/dev/null)
    # The shell breaks words at these, too, and replaces what is behind the last of them only.
    local before=${current%"${current##*[@:=]}"}
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}
complete -o default -F _jabberd_ctl jabberd-ctl
