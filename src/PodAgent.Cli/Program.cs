using PodAgent.Cli.Commands;
using PodAgent.Cli.Terminal;

Console.SetOut(new StreamWriter(StandardOutput.Open()) { AutoFlush = true });
return await Usage.RunAsync(PodctlCommand.Create(), args);
