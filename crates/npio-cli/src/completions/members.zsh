# The members of an archive after FILE::, and else the names of files.
_npio_addresses() {
    local file="${PREFIX%::*}"
    if [[ "$PREFIX" != *::* || ! -f "${(Q)file}" ]]; then
        _files
        return
    fi
    local -a addresses
    addresses=("${(@)${(@f)$(npio ls "${(Q)file}" 2>/dev/null)}%%$'\t'*}")
    compadd -a addresses
}

