
# The members of an archive after FILE::, and else what the function above knows.
_npio_with_members() {
    local line="${COMP_LINE:0:COMP_POINT}" word file address
    word="${line##*[[:space:]]}"
    word="${word#[\"\']}"
    file="${word%::*}"
    if [[ "$word" != *::* || ! -f "$file" ]]; then
        _npio "$@"
        return
    fi
    COMPREPLY=()
    # Bash completes what follows the last colon, if colons separate words.
    local begin="" IFS=$'\n'
    if [[ "$COMP_WORDBREAKS" == *:* ]]; then
        begin="${word%"${word##*:}"}"
    fi
    while IFS=$'\t' read -r address _; do
        if [[ "$address" == "$word"* && "$address" == *::* ]]; then
            COMPREPLY+=("${address#"$begin"}")
        fi
    done < <(npio ls "$file" 2>/dev/null)
}

complete -F _npio_with_members -o nosort -o bashdefault -o default npio
