using System.CommandLine;
using PodAgent;
using PodAgent.Linux.Processes;

NativeHeap.ShareOneArena();

// By default the library ends the process two seconds after a signal, in the middle of telling clients why their calls end.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await AgentCommand.Create().Parse(args).InvokeAsync(invocation);
