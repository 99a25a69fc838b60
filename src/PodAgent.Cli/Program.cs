using System.Text;
using PodAgent.Cli.Commands;
using PodAgent.Cli.Terminal;

Console.SetOut(Writer(StandardStream.Output));
Console.SetError(Writer(StandardStream.Error));
return await Usage.RunAsync(PodctlCommand.Create(), args);

static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
