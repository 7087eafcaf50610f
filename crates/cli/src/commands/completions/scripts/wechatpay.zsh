#compdef wechatpay
# Completions of wechatpay for zsh: source this file, or put it as _wechatpay into a folder of $fpath.
_wechatpay() {
    local line value about
    local -a ended shown_ended going shown_going
    for line in "${(@f)$("${words[1]}" complete --shell zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        [[ -z $line ]] && continue
        value=${line%%$'\t'*}
        about=${line#*$'\t'}
        about=$value${about:+  -- $about}
        # What goes on gets no space.
        if [[ $value == *[=/.\[] ]]; then
            going+=("$value")
            shown_going+=("$about")
        else
            ended+=("$value")
            shown_ended+=("$about")
        fi
    done
    if (( ! $#ended && ! $#going )); then
        _files
        return
    fi
    # In the order in which they come: what is required first.
    (( $#going )) && compadd -V going -l -S '' -d shown_going -a going
    (( $#ended )) && compadd -V ended -l -d shown_ended -a ended
}
if [[ ${funcstack[1]} == _wechatpay ]]; then
    _wechatpay "$@"
else
    compdef _wechatpay wechatpay
fi
