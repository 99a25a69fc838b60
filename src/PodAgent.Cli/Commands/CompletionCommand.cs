using System.CommandLine;
using PodAgent.Cli.Completion;

namespace PodAgent.Cli.Commands;

/// <summary><c>podctl completion bash|zsh|fish</c>, and the hidden command that the scripts call for candidates.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> s_shell = new("SHELL") { Description = "bash, zsh or fish" };
    private static readonly Argument<string[]> s_words = new("ARGS") { Description = "after --: the words so far, the last one unfinished", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        s_shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that lets a shell complete commands, flags and names") { s_shell };
        command.SetAction(arguments =>
        {
            Console.Out.Write(CompletionScript.For(arguments.GetValue(s_shell)!));
            return 0;
        });
        return command;
    }

    public static Command CreateCandidates(RootCommand root)
    {
        var command = new Command("__complete", "Print candidates for the last word") { s_words };
        command.Hidden = true;
        CommandContext.Bind(command, async (context, cancel) =>
        {
            foreach (string candidate in await new Candidates(root, context.Agent).ForAsync(context.Arguments.GetValue(s_words)!, cancel))
            {
                Console.Out.WriteLine(candidate);
            }

            return 0;
        });
        return command;
    }
}
