# Sourced by ./run, ./test and ./bench: installs what is missing, or says exactly what to install.
# Debian 12 with a Swift 6.3 toolchain is all that is expected to be there.

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Installs the Debian packages that are missing. Arguments: package names.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -eq 0 ]; then
        printf 'Installing %s\n' "${missing[*]}"
        { DEBIAN_FRONTEND=noninteractive apt-get -qq update && DEBIAN_FRONTEND=noninteractive "${install[@]}"; } \
            >"${TMPDIR:-/tmp}/fixative-apt.log" 2>&1 ||
            { tail -n 5 "${TMPDIR:-/tmp}/fixative-apt.log" >&2; fail "apt could not install: ${missing[*]}"; }
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        printf 'Installing %s\n' "${missing[*]}"
        sudo -n apt-get -qq update && sudo -n DEBIAN_FRONTEND=noninteractive "${install[@]}" >/dev/null ||
            fail "apt could not install: ${missing[*]}"
    else
        fail "These packages are missing. Install them and try again:
    sudo apt-get update && sudo ${install[*]}"
    fi
}

BUILD_PACKAGES=(libncurses-dev libsqlite3-dev libcurl4-openssl-dev libpng-dev libjpeg62-turbo-dev libwebp-dev
    liblcms2-dev libchafa-dev libglib2.0-dev pkg-config ca-certificates)

need_toolchain() {
    command -v swift >/dev/null || fail "There is no Swift here. Install Swift 6.3 from swift.org and put it into PATH."
    swift --version 2>/dev/null | grep -Eq 'Swift version (6\.([3-9]|[1-9][0-9])|[7-9])' ||
        fail "Swift 6.3 or later is needed; this is $(swift --version 2>/dev/null | head -n 1)."
}
