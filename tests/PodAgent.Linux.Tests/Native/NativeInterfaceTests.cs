using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Tests.Native;

/// <summary>
/// Compares every constant and structure that is declared here with what the C compiler makes of the system's headers: each becomes a
/// _Static_assert whose message is its name. One file per set of headers, because some headers exclude each other.
/// </summary>
public sealed class NativeInterfaceTests
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags Constants = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void ConstantsAndStructures_Always_EqualTheirNativeCounterparts()
    {
        var files = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (Type type in typeof(LinuxException).Assembly.GetTypes())
        {
            if (type.GetCustomAttribute<NativeConstantsAttribute>() is { } constants)
            {
                AssertConstants(type, constants, FileFor(files, constants.Headers));
            }

            if (type.GetCustomAttribute<NativeTypeAttribute>() is { } native)
            {
                AssertLayout(type, native, FileFor(files, native.Headers));
            }
        }

        Assert.True(files.Count > 5);
        Assert.Equal("", string.Concat(files.Select(static file => Compile(file.Value.ToString()))));
    }

    [Fact]
    public void Errno_EveryMember_HasTheNumberOfItsName()
    {
        var file = new StringBuilder("#include <errno.h>\n");
        foreach (Errno errno in Enum.GetValues<Errno>().Where(static errno => errno != Errno.None))
        {
            _ = file.AppendLine($"_Static_assert({errno} == {(int)errno}, \"{errno}\");");
        }

        Assert.Equal("", Compile(file.ToString()));
    }

    [Fact]
    public void NativeDeclarations_WithoutAttribute_DoNotExist()
    {
        IEnumerable<Type> native = typeof(LinuxException).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(NativeTypeAttribute).Namespace && !type.Name.Contains('<', StringComparison.Ordinal));

        Assert.Empty(native.Where(IsUnchecked).Select(static type => type.Name));
    }

    [Theory]
    [InlineData(typeof(UncheckedConstants), true)]
    [InlineData(typeof(UncheckedStruct), true)]
    [InlineData(typeof(Libc), false)]
    [InlineData(typeof(EventConstants), false)]
    public void IsUnchecked_OfDeclarations_FindsThoseThatNobodyCompares(Type type, bool expected) => Assert.Equal(expected, IsUnchecked(type));

    [Fact]
    public void Compile_WrongValue_NamesTheConstant() =>
        Assert.Contains("EPOLLIN", Compile("#include <sys/epoll.h>\n_Static_assert(EPOLLIN == 2, \"EPOLLIN\");\n"), StringComparison.Ordinal);

    // A name of a library is the only literal that has no counterpart in C.
    private static IEnumerable<FieldInfo> Literals(Type type) =>
        type.GetFields(Constants).Where(static field => field.IsLiteral && field.FieldType != typeof(string));

    private static bool IsUnchecked(Type type) => type.IsEnum ? false
        : type.IsValueType ? type.GetCustomAttribute<NativeTypeAttribute>() is null
        : type.GetCustomAttribute<NativeConstantsAttribute>() is null && Literals(type).Any();

    private static void AssertConstants(Type type, NativeConstantsAttribute attribute, StringBuilder file)
    {
        foreach (FieldInfo field in Literals(type))
        {
            // A macro that these headers do not have yet is compared wherever they do.
            bool newer = attribute.NewerThanHeaders.Contains(field.Name);
            long value = unchecked((long)ToUnsigned(field.GetRawConstantValue()!));
            string compare = $"_Static_assert((unsigned long long)(long long)({field.Name}) == {unchecked((ulong)value)}ULL || (unsigned int)({field.Name}) == {unchecked((ulong)value)}ULL, \"{type.Name}.{field.Name}\");";
            _ = file.AppendLine(newer ? $"#ifdef {field.Name}\n{compare}\n#endif" : compare);
        }
    }

    private static void AssertLayout(Type type, NativeTypeAttribute attribute, StringBuilder file)
    {
        int size = (int)typeof(System.Runtime.CompilerServices.Unsafe).GetMethod(nameof(System.Runtime.CompilerServices.Unsafe.SizeOf))!
            .MakeGenericMethod(type).Invoke(null, null)!;
        string comparison = attribute.Whole ? "==" : ">=";
        _ = file.AppendLine($"_Static_assert(sizeof({attribute.Type}) {comparison} {size}, \"sizeof {type.Name}\");");
        foreach (FieldInfo field in type.GetFields(Fields))
        {
            string? name = field.GetCustomAttribute<NativeFieldAttribute>() is { } renamed ? renamed.Name : field.Name;
            if (name is not null)
            {
                long offset = (long)Marshal.OffsetOf(type, field.Name);
                _ = file.AppendLine($"_Static_assert(offsetof({attribute.Type}, {name}) == {offset}, \"{type.Name}.{field.Name}\");");
            }
        }
    }

    private static ulong ToUnsigned(object value) => value switch
    {
        sbyte or short or int or long => unchecked((ulong)Convert.ToInt64(value)),
        char character => character,
        _ => Convert.ToUInt64(value),
    };

    private static StringBuilder FileFor(SortedDictionary<string, StringBuilder> files, string[] headers)
    {
        string includes = string.Concat(headers.Select(static header => $"#include <{header}>\n"));
        if (!files.TryGetValue(includes, out StringBuilder? file))
        {
            file = new StringBuilder("#define _GNU_SOURCE\n#include <stddef.h>\n").Append(includes);
            files.Add(includes, file);
        }

        return file;
    }

    private static string Compile(string source)
    {
        var start = new ProcessStartInfo("gcc", ["-std=gnu11", "-fsyntax-only", "-fmax-errors=100", "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process compiler = Process.Start(start)!;
        compiler.StandardInput.Write(source);
        compiler.StandardInput.Close();
        string said = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? "" : said + source[..Math.Min(400, source.Length)];
    }

    private static class UncheckedConstants
    {
        public const int EPOLLIN = 1;
    }

    private struct UncheckedStruct;
}
