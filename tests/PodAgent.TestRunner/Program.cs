using System.Reflection;
using System.Runtime.Loader;
using PodAgent.TestRunner;

// The tests' own dependencies lie beside them.
if (RunnerOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(RunnerOptions.Usage);
    return 2;
}

var resolver = new AssemblyDependencyResolver(options.Assembly);
AssemblyLoadContext.Default.Resolving += (context, name) => resolver.ResolveAssemblyToPath(name) is { } path ? context.LoadFromAssemblyPath(path) : null;
Assembly tests = AssemblyLoadContext.Default.LoadFromAssemblyPath(options.Assembly);
int status = new TestRun(tests, options, Console.Out).Execute();
// A test that does not end must not keep the process.
Environment.Exit(status);
return status;
