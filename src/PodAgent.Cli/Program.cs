using PodAgent.Cli.Commands;

return await PodctlCommand.Create().Parse(args).InvokeAsync();
