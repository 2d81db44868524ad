# fish completion for gitlembic, made by `gitlembic completion fish`

function __gitlembic_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~(?=/)' $HOME -- $words[1])
    set -l token (commandline -ct)
    set -l current (string unescape -- "$token")
    set -l lines (env _GITLEMBIC_COMPLETE=fish $program $words[2..-1] "$current" 2>/dev/null)
    set -l option (string match -r '^--[^=]*=' -- "$current")
    set -l path (string replace -r '^--[^=]*=' '' -- "$current")
    switch "$lines[1]"
        case file
            printf '%s\n' "$option"(__fish_complete_path "$path")
        case directory
            printf '%s\n' "$option"(__fish_complete_directories "$path")
        case words
            printf '%s\n' $lines[2..-1]
    end
end

complete -c gitlembic -f -k -a '(__gitlembic_complete)'
