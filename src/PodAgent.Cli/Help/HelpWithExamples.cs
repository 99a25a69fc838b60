using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PodAgent.Cli.Help;

/// <summary>The library's help, and below it how the command is used.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int status = help.Invoke(parseResult);
        if (CommandExamples.Of(parseResult.CommandResult.Command) is { } examples)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in examples.Split('\n'))
            {
                output.WriteLine(line.Length > 0 ? "  " + line : "");
            }

            output.WriteLine();
        }

        return status;
    }

    /// <summary>Puts it in the place of the library's help.</summary>
    public static void Install(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }
}
