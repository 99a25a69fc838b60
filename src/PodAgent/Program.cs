using PodAgent;

return await AgentUsage.RunAsync(AgentCommand.Create(), args);
