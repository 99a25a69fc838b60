using System.CommandLine;

namespace PodAgent.Cli.Help;

/// <summary>What <c>--help</c> shows of each command in use.</summary>
internal static class CommandExamples
{
    /// <summary>The lines for a command; null when there are none.</summary>
    public static string? Of(Command command) => s_examples.GetValueOrDefault(Path(command));

    /// <summary>The words after <c>podctl</c>.</summary>
    public static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}".TrimStart() : "";

    private static readonly Dictionary<string, string> s_examples = new()
    {
        [""] =
            """
            podctl doctor                                  # can pods run on this machine?
            podctl run hello --image podagent.local/busybox --restart Never -- echo hello
            podctl apply -f pod.yaml
            podctl get pods -A -o wide
            podctl logs -f pod/web
            podctl exec -it web -- sh
            """,
        ["apply"] =
            """
            podctl apply -f pod.yaml
            podctl apply -f manifests/ --dry-run          # say what would happen
            generate-pod | podctl apply -f -
            """,
        ["delete"] =
            """
            podctl delete pod web
            podctl delete pods -l app=web --now
            podctl delete -f pod.yaml --wait=false
            """,
        ["get"] =
            """
            podctl get pods -A -o wide
            podctl get pods -l app=web,tier!=db -w        # go on with each change
            podctl get pod web -o yaml
            podctl get pods --sort-by=.status.startTime --show-labels
            podctl get pod web -o jsonpath='{.status.podIP}'
            podctl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{.status.phase}{"\n"}{end}'
            podctl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image
            podctl get events
            """,
        ["describe"] =
            """
            podctl describe pod web
            podctl describe pods -l app=web
            """,
        ["logs"] =
            """
            podctl logs web                               # the only, or the first container
            podctl logs -f web -c proxy --tail=20
            podctl logs web --previous                    # of the attempt before
            podctl logs web --all-containers --prefix --since=10m
            """,
        ["exec"] =
            """
            podctl exec -it web -- sh
            podctl exec web -c proxy -- cat /etc/hosts
            tar c . | podctl exec -i web -- tar x -C /srv
            """,
        ["attach"] =
            """
            podctl attach -it shell
            """,
        ["cp"] =
            """
            podctl cp web:/var/log/app.log .
            podctl cp site/ web:/srv -c proxy
            """,
        ["port-forward"] =
            """
            podctl port-forward web 8080:80
            podctl port-forward pod/web :80                # any free local port
            podctl port-forward web 8080:80 --address 0.0.0.0
            """,
        ["pull"] =
            """
            podctl pull registry.example/app:1
            podctl pull --creds user registry.example/team/app:1
            """,
        ["push"] =
            """
            podctl push app:1 registry.example/team/app:1
            """,
        ["run"] =
            """
            podctl run hello --image podagent.local/busybox --restart Never -- echo hello
            podctl run shell --image podagent.local/busybox -it --rm -- sh
            podctl run web --image podagent.local/busybox --port 8080 --hostport 18080 -- httpd -f -p 8080
            """,
        ["events"] =
            """
            podctl events -A
            podctl events --for pod/web -w
            """,
        ["wait"] =
            """
            podctl wait --for=condition=Ready pod/web --timeout=60s
            podctl wait --for=phase=Succeeded pod/job
            podctl wait --for=delete pod/web
            """,
        ["ps"] =
            """
            podctl ps                                     # running containers of all pods
            podctl ps -a web                              # all of one pod
            podctl ps -q -l app=web
            """,
        ["stats"] =
            """
            podctl stats                                  # redraws itself each second
            podctl stats web --containers
            podctl stats -A --no-stream
            """,
        ["top"] =
            """
            podctl top web
            podctl top web -c proxy
            """,
        ["inspect"] =
            """
            podctl inspect web                            # the pod, its sandbox and its containers
            podctl inspect web -c proxy -o yaml
            podctl inspect 3f2a                           # by the beginning of an ID
            """,
        ["images"] =
            """
            podctl images
            podctl images -q --no-trunc
            """,
        ["image import"] =
            """
            podctl image import app.tar
            podctl image import layout.tar --tag app:1
            """,
        ["image rm"] =
            """
            podctl image rm app:1                         # this name; the image with its last one
            podctl image rm --force app:1                 # also when containers use it
            """,
        ["image ls"] =
            """
            podctl image ls
            podctl image ls -q --no-trunc
            """,
        ["image save"] =
            """
            podctl image save app:1 -o app.tar
            podctl image save app:1 | gzip > app.tar.gz
            """,
        ["image pull"] =
            """
            podctl image pull registry.example/app:1
            """,
        ["image push"] =
            """
            podctl image push app:1 registry.example/team/app:1
            """,
        ["image prune"] =
            """
            podctl image prune
            podctl image prune --all                      # also images with names
            """,
        ["image tag"] =
            """
            podctl image tag app:1 registry.example/team/app:1
            """,
        ["image inspect"] =
            """
            podctl image inspect app:1
            """,
        ["image history"] =
            """
            podctl image history app:1 --no-trunc
            """,
        ["doctor"] =
            """
            podctl doctor
            podctl doctor --quiet                         # only what is wrong
            podctl doctor --strict >/dev/null || echo "not all is well"
            podctl doctor -o json
            """,
        ["completion"] =
            """
            podctl completion bash > /etc/bash_completion.d/podctl
            source <(podctl completion bash)
            podctl completion zsh > "${fpath[1]}/_podctl"
            podctl completion fish > ~/.config/fish/completions/podctl.fish
            """,
        ["version"] =
            """
            podctl version
            podctl version --client
            """,
    };
}
