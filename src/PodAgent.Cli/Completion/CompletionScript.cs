namespace PodAgent.Cli.Completion;

/// <summary>What a shell has to know: to ask podctl itself.</summary>
internal static class CompletionScript
{
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };

    // Names of files come from the shell where podctl has no candidate (-o default). A word that holds = or : is broken up by readline, so the
    // candidates lose what stands before.
    private const string Bash =
        """
        _podctl() {
            local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}" current="${COMP_WORDS[COMP_CWORD]}" whole
            local -a words
            IFS=' ' read -r -a words <<< "$line"
            [[ "$line" == *' ' ]] && words+=('')
            whole="${words[${#words[@]}-1]}"
            mapfile -t COMPREPLY < <(podctl __complete -- "${words[@]:1}" 2>/dev/null)
            if [[ "$whole" != "$current" ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${whole%"$current"}"}")
            fi
        }
        complete -o default -F _podctl podctl

        """;

    private const string Zsh =
        """
        #compdef podctl
        _podctl() {
            local -a candidates
            candidates=("${(@f)$(podctl __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            if (( ${#candidates} )) && [[ -n "${candidates[1]}" ]]; then
                compadd -- "${candidates[@]}"
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_podctl" ]; then
            _podctl "$@"
        else
            compdef _podctl podctl
        fi

        """;

    private const string Fish =
        """
        function __podctl_complete
            set -l words (commandline -opc)
            podctl __complete -- $words[2..] (commandline -ct) 2>/dev/null
        end
        complete -c podctl -a '(__podctl_complete)'

        """;
}
