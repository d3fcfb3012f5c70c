#!/usr/bin/env bash
# Installs what building (`build`) and testing (`test`) need beyond Rust, Node and make. Where it may not install, it says exactly what to install.
set -eu -o pipefail

missing=()
need() { # need PACKAGE TEST...: the Debian package that is missing when the test fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
one_of() { # one of these paths exists
    local path
    for path in "$@"; do [ -e "$path" ] && return 0; done
    return 1
}
postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; }
postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
cjk_font() { compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || fc-list :lang=zh 2>/dev/null | grep -q .; }

for purpose in "$@"; do
    case $purpose in
    build)
        for tool in cargo:Rust npm:Node.js; do
            command -v "${tool%%:*}" >/dev/null || { echo "zaiti needs ${tool##*:} (the command ${tool%%:*} is not there): install it first" >&2; exit 1; }
        done
        need build-essential command -v cc
        ;;
    test)
        need postgresql-15 postgres
        need postgresql-15-postgis-3 postgis
        need chromium one_of /usr/bin/chromium /usr/bin/chromium-browser
        need fonts-noto-cjk cjk_font
        need gdal-bin command -v ogrinfo
        need p7zip-full command -v 7z
        ;;
    *) echo "setup.sh: unknown purpose '$purpose', expected build or test" >&2; exit 2 ;;
    esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" = 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    echo "zaiti needs packages that are not there, and this user may not install them. As root, run:" >&2
    echo "    apt-get update && $install" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
# shellcheck disable=SC2086
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $install >/dev/null
