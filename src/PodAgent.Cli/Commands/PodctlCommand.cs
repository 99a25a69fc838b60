using System.CommandLine;
using PodAgent.Cli.Help;

namespace PodAgent.Cli.Commands;

/// <summary>The root command.</summary>
internal static class PodctlCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("See, run and debug the pods of this node.")
        {
            SharedOptions.Socket,
            ApplyCommand.Create(),
            DeleteCommand.Create(),
            GetCommand.Create(),
            DescribeCommand.Create(),
            LogsCommand.Create(),
            ExecCommand.Create(),
            AttachCommand.Create(),
            PortForwardCommand.Create(),
            CopyCommand.Create(),
            RunCommand.Create(),
            EventsCommand.Create(),
            PsCommand.Create(),
            StatsCommand.Create(),
            TopCommand.Create(),
            InspectCommand.Create(),
            WaitCommand.Create(),
            ImagesCommand.Create(),
            ImageCommand.Create(),
            TransferCommand.CreatePull(),
            TransferCommand.CreatePush(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            VersionCommand.Create(),
        };
        root.Subcommands.Add(CompletionCommand.CreateCandidates(root));
        UnknownFlags.Refuse(root);
        HelpWithExamples.Install(root);
        return root;
    }
}
