# Completions of wechatpay for bash, 3.2 and later: source this file.
_wechatpay() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <("$1" complete --shell bash -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    # What goes on gets no space.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/.[] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
# Where there is nothing to offer, files are.
complete -o default -F _wechatpay wechatpay
