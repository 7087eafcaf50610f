# Completions of wechatpay for fish: source this file, or put it into ~/.config/fish/completions.
function __wechatpay_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates ($words[1] complete --shell fish -- $words "$current" 2>/dev/null)
    if set -q candidates[1]
        printf '%s\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete --command wechatpay --no-files --keep-order --arguments '(__wechatpay_complete)'
