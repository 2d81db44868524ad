# bash completion for gitlembic, made by `gitlembic completion bash`

_gitlembic() {
    local kind="" reply
    COMPREPLY=()
    {
        read -r kind
        while IFS= read -r reply; do
            COMPREPLY+=("$reply")
        done
    } < <(_GITLEMBIC_COMPLETE=bash "${1/#\~/$HOME}" "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    case $kind in
        file) compopt -o default 2>/dev/null ;;
        directory) compopt -o dirnames 2>/dev/null ;;
    esac
}

complete -o nosort -F _gitlembic gitlembic 2>/dev/null || complete -F _gitlembic gitlembic
