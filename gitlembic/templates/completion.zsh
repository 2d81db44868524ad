#compdef gitlembic
# zsh completion for gitlembic, made by `gitlembic completion zsh`

_gitlembic() {
    local -a lines
    lines=("${(@f)$(
        exec 2>/dev/null
        _GITLEMBIC_COMPLETE=zsh ${~words[1]} "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}"
    )}")
    local kind=$lines[1]
    shift lines
    case $kind in
        file) compset -P '--*='; _files ;;
        directory) compset -P '--*='; _files -/ ;;
        words) (( $#lines )) && _describe -V gitlembic lines ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _gitlembic "$@"
else
    compdef _gitlembic gitlembic
fi
