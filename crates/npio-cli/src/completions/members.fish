
# The members of an archive after FILE::.
function __npio_members
    set -l word (commandline -ct)
    set -l file (string replace -r '::[^:]*$' '' -- $word)
    test -f "$file"; and npio ls "$file" 2>/dev/null | string replace -r '\t.*' ''
end

complete -c npio -n 'string match -q "*::*" -- (commandline -ct)' -a '(__npio_members)'
