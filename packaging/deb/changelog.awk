# SPDX-License-Identifier: Apache-2.0
# CHANGELOG.md as Debian's changelog (package=NAME) or that of an .rpm (form=rpm): -v contact="NAME <ADDRESS>".

function date(form,    command, text) {
    command = "LC_ALL=C date -u -d " day " '+" form "'"
    command | getline text
    close(command)
    return text
}
function finish() {
    if (open && form != "rpm") printf "\n -- %s  %s\n\n", contact, date("%a, %d %b %Y 00:00:00 +0000")
    open = 0
}
# Lines of at most 78 characters, the first with the item's sign.
function item(text,    sign, words, n, i, line) {
    gsub(/\*\*|`/, "", text)
    text = plain(text)
    sign = form == "rpm" ? "- " : "  * "
    n = split(text, words, " ")
    line = sign words[1]
    for (i = 2; i <= n; i++) {
        if (length(line) + 1 + length(words[i]) > 78) {
            print line
            line = form == "rpm" ? " " : "   "
        }
        line = line " " words[i]
    }
    print line
}
# [text](link) is text.
function plain(text,    from) {
    while (match(text, /\]\([^)]*\)/)) {
        from = substr(text, 1, RSTART - 1)
        text = substr(text, RSTART + RLENGTH)
        sub(/\[/, "", from)
        text = from text
    }
    return text
}
function flush() {
    if (pending != "") item(pending)
    pending = ""
}
/^## \[/ {
    flush()
    finish()
    version = substr($2, 2, length($2) - 2)
    day = $4
    if (form == "rpm") printf "%s* %s %s - %s-1\n", seen++ ? "\n" : "", date("%a %b %d %Y"), contact, version
    else printf "%s (%s) unstable; urgency=medium\n\n", package, version
    open = 1
    next
}
!open { next }
/^### / { flush(); group = $2; next }
/^- / { flush(); pending = group ": " substr($0, 3); next }
/^  [^ ]/ { pending = pending " " substr($0, 3); next }
END { flush(); finish() }
