function __threads_file
    if test -n "$THREADS_CONFIG"
        echo $THREADS_CONFIG
        return
    end
    set -l folder $PWD
    while not test -f "$folder/threads.yml"
        test -n "$folder"; or return
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    echo "$folder/threads.yml"
end

function __threads_values
    switch $argv[1]
        case environments services
            awk -v wanted=$argv[1] @NAMES_AWK@ (__threads_file; or echo /dev/null) </dev/null
        case releases
            __threads_values environments
            git for-each-ref --count=30 --format="%(refname:short)" refs/heads refs/tags
            git log --max-count=30 --format=%h
        case gates
            printf '%s\n' @GATES@
        case codes
            printf '%s\n' @CODES@
    end 2>/dev/null | string match -r '^[A-Za-z0-9][A-Za-z0-9._/@+-]*$'
end

# Words that lead to a command, how many follow that are its own arguments, and whether -- was among them; once a line.
function __threads_look
    set -l line (commandline -opc)
    if test "$line" = "$__threads_line"
        return
    end
    set -g __threads_line "$line"
    set -g __threads_path ''
    set -g __threads_place 0
    set -l own yes
    set -l pending ''
    for word in $line[2..-1]
        set -l longer (string trim -- "$__threads_path $word")
        if test -n "$pending"
            set pending ''
        else if test "$own" = yes; and test "$word" = --
            set own no
        else if test "$own" = yes; and string match -q -- '-*' $word
            if contains -- $word @TAKING@
                set pending yes
            end
        else if test "$own$__threads_place" = yes0; and contains -- $longer @PLACES@
            set -g __threads_path $longer
        else
            set -g __threads_place (math $__threads_place + 1)
        end
    end
end

# PATH: a command of these words is being typed. PATH PLACE: and its argument of that place.
function __threads_at
    __threads_look
    test "$__threads_path" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test "$__threads_place" = "$argv[2]"
end

complete -c threads -e
complete -c threads -f
@LINES@
