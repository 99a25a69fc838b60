using PodAgent;

return await AgentCommand.Create().Parse(args).InvokeAsync();
