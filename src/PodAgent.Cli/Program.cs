using System.Text;
using PodAgent.Cli.Commands;

// The framework's own writers switch a terminal into application mode at their first use and leave it there: what follows in it, a shell in
// a container for example, would get other arrow keys than its user's terminal sends.
Console.SetOut(Writer(Console.OpenStandardOutput()));
Console.SetError(Writer(Console.OpenStandardError()));
return await PodctlCommand.Create().Parse(args).InvokeAsync();

static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
