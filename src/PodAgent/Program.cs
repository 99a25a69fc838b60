using PodAgent;
using PodAgent.Linux.Processes;

NativeHeap.ShareOneArena();
return await AgentUsage.RunAsync(AgentCommand.Create(), args);
