using System.CommandLine;

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
            RunCommand.Create(),
            EventsCommand.Create(),
            WaitCommand.Create(),
            ImagesCommand.Create(),
            ImageCommand.Create(),
            TransferCommand.CreatePull(),
            TransferCommand.CreatePush(),
            VersionCommand.Create(),
        };
        UnknownFlags.Refuse(root);
        return root;
    }
}
