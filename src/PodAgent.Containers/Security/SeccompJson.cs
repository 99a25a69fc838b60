using System.Globalization;
using System.Text.Json;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>
/// Reads seccomp profiles in JSON, as Docker (<c>archMap</c>, <c>includes</c>, <c>excludes</c>) and the OCI runtime specification write them.
/// Strict: a member, action or operator that is not known is an error, and all problems are reported at once. Names of system calls are
/// not checked here: a newer profile may name newer calls.
/// </summary>
public static class SeccompJson
{
    /// <summary>Reads a profile.</summary>
    /// <exception cref="AgentException">InvalidArgument: lists every problem with its path in the document.</exception>
    public static SeccompProfile Parse(string json, SeccompMachine? machine = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            var reader = new Reader(machine ?? SeccompMachine.Current);
            SeccompProfile? profile = reader.ReadProfile(document.RootElement);
            if (profile is null || reader.Problems.Count > 0)
            {
                throw Invalid(string.Join("; ", reader.Problems));
            }

            return profile;
        }
        catch (JsonException e)
        {
            throw Invalid(string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not JSON"), e);
        }
    }

    private static AgentException Invalid(string problems, Exception? inner = null) =>
        new(ErrorKind.InvalidArgument, $"invalid seccomp profile: {problems}", inner);

    private sealed class Reader(SeccompMachine machine)
    {
        private const string DefaultErrno = "defaultErrnoRet";

        public List<string> Problems { get; } = [];

        public SeccompProfile? ReadProfile(JsonElement root)
        {
            Dictionary<string, JsonElement>? members = Members(
                root, "", "defaultAction", DefaultErrno, "defaultErrno", "architectures", "archMap", "flags", "syscalls", "listenerPath", "listenerMetadata", "comment");
            if (members is null)
            {
                return null;
            }

            if (members.ContainsKey("listenerPath"))
            {
                Problems.Add("listenerPath: user notification is not supported");
            }

            // The flags tune how a filter is loaded (thread synchronisation, logging, speculation), not what it decides.
            foreach (string flag in Strings(members, "flags", ""))
            {
                if (flag is not ("SECCOMP_FILTER_FLAG_TSYNC" or "SECCOMP_FILTER_FLAG_LOG" or "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
                {
                    Problems.Add($"flags: unknown flag \"{flag}\"");
                }
            }

            SeccompAction action = Action(members, "defaultAction", DefaultErrno, "", SeccompAction.Error(Errno.EPERM));
            IReadOnlyList<SeccompArchitecture>? architectures = Architectures(members);
            var rules = new List<SeccompRule>();
            foreach ((JsonElement element, string path) in Elements(members, "syscalls", ""))
            {
                if (ReadRule(element, path) is { } rule)
                {
                    rules.Add(rule);
                }
            }

            return new SeccompProfile { DefaultAction = action, Rules = rules, Architectures = architectures };
        }

        private SeccompRule? ReadRule(JsonElement element, string path)
        {
            Dictionary<string, JsonElement>? members = Members(
                element, path, "names", "name", "action", "args", "errnoRet", "errno", "comment", "includes", "excludes");
            if (members is null)
            {
                return null;
            }

            List<string> names = [.. Strings(members, "names", path)];
            if (members.TryGetValue("name", out JsonElement single) && single.ValueKind == JsonValueKind.String && single.GetString() is { Length: > 0 } name)
            {
                names.Add(name);
            }

            if (names.Count == 0 || names.Contains(""))
            {
                Problems.Add($"{path}.names: no name of a system call");
            }

            var rule = new SeccompRule { Syscalls = names, Action = Action(members, "action", "errnoRet", path, SeccompAction.Error(Errno.EPERM)), Arguments = [.. Arguments(members, path)] };
            (CapabilitySet included, IReadOnlyList<string> onArchitectures, Version? from) = Condition(members, "includes", path);
            (CapabilitySet excluded, IReadOnlyList<string> notOn, Version? until) = Condition(members, "excludes", path);
            return rule with
            {
                IncludedCapabilities = included,
                IncludedArchitectures = onArchitectures,
                MinimumKernel = from,
                ExcludedCapabilities = excluded,
                ExcludedArchitectures = notOn,
                ExcludedFromKernel = until,
            };
        }

        private IEnumerable<SeccompComparison> Arguments(Dictionary<string, JsonElement> rule, string path)
        {
            foreach ((JsonElement element, string at) in Elements(rule, "args", path))
            {
                if (Members(element, at, "index", "value", "valueTwo", "op") is not { } members)
                {
                    continue;
                }

                ulong index = Number(members, "index", at);
                if (index > 5)
                {
                    Problems.Add($"{at}.index: {index} is not in 0..5");
                }

                string op = members.TryGetValue("op", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
                SeccompOperator? comparison = op switch
                {
                    "SCMP_CMP_NE" => SeccompOperator.NotEqual,
                    "SCMP_CMP_LT" => SeccompOperator.Less,
                    "SCMP_CMP_LE" => SeccompOperator.LessOrEqual,
                    "SCMP_CMP_EQ" => SeccompOperator.Equal,
                    "SCMP_CMP_GE" => SeccompOperator.GreaterOrEqual,
                    "SCMP_CMP_GT" => SeccompOperator.Greater,
                    "SCMP_CMP_MASKED_EQ" => SeccompOperator.MaskedEqual,
                    _ => null,
                };
                if (comparison is null)
                {
                    Problems.Add($"{at}.op: unknown operator \"{op}\"");
                    continue;
                }

                yield return new SeccompComparison((uint)Math.Min(index, 5), comparison.Value, Number(members, "value", at), Number(members, "valueTwo", at));
            }
        }

        private (CapabilitySet Capabilities, IReadOnlyList<string> Architectures, Version? Kernel) Condition(
            Dictionary<string, JsonElement> rule, string name, string path)
        {
            if (!rule.TryGetValue(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null
                || Members(element, $"{path}.{name}", "caps", "arches", "minKernel") is not { } members)
            {
                return (CapabilitySet.None, [], null);
            }

            ulong bits = 0;
            foreach (string capability in Strings(members, "caps", $"{path}.{name}"))
            {
                if (CapabilityNames.TryParse(capability, out int number))
                {
                    bits |= 1UL << number;
                }
                else
                {
                    Problems.Add($"{path}.{name}.caps: unknown capability \"{capability}\"");
                }
            }

            Version? kernel = null;
            if (members.TryGetValue("minKernel", out JsonElement version)
                && !(version.ValueKind == JsonValueKind.String && Version.TryParse(version.GetString(), out kernel)))
            {
                Problems.Add($"{path}.{name}.minKernel: not a version");
            }

            return (new CapabilitySet(bits), [.. Strings(members, "arches", $"{path}.{name}")], kernel);
        }

        private IReadOnlyList<SeccompArchitecture>? Architectures(Dictionary<string, JsonElement> profile)
        {
            List<string> names = [.. Strings(profile, "architectures", "")];
            bool mapped = false;
            foreach ((JsonElement element, string path) in Elements(profile, "archMap", ""))
            {
                mapped = true;
                if (Members(element, path, "architecture", "subArchitectures") is not { } members)
                {
                    continue;
                }

                string architecture = members.TryGetValue("architecture", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
                IEnumerable<string> below = Strings(members, "subArchitectures", path);
                if (Architecture(architecture, path) == machine.Architectures[0])
                {
                    names.Add(architecture);
                    names.AddRange(below);
                }
            }

            if (mapped && profile.TryGetValue("architectures", out JsonElement listed) && listed.ValueKind == JsonValueKind.Array && listed.GetArrayLength() > 0)
            {
                Problems.Add("architectures: not together with archMap");
            }

            if (names.Count == 0)
            {
                // An archMap without this machine leaves the native architecture, as the specification does for an absent list.
                return [machine.Architectures[0]];
            }

            return [.. names.Select(n => Architecture(n, "architectures")).OfType<SeccompArchitecture>().Distinct()];
        }

        private SeccompArchitecture? Architecture(string name, string path)
        {
            switch (name)
            {
                case "SCMP_ARCH_X86":
                    return SeccompArchitecture.X86;
                case "SCMP_ARCH_X86_64":
                    return SeccompArchitecture.X86_64;
                case "SCMP_ARCH_X32":
                    return SeccompArchitecture.X32;
                case "SCMP_ARCH_ARM":
                    return SeccompArchitecture.Arm;
                case "SCMP_ARCH_AARCH64":
                    return SeccompArchitecture.Aarch64;
                case "SCMP_ARCH_RISCV64":
                    return SeccompArchitecture.RiscV64;
                case "SCMP_ARCH_PPC64LE":
                    return SeccompArchitecture.Ppc64Le;
                case "SCMP_ARCH_S390X":
                    return SeccompArchitecture.S390X;
                case "SCMP_ARCH_S390":
                    return SeccompArchitecture.S390;
                case "SCMP_ARCH_MIPSEL64":
                    return SeccompArchitecture.MipsEl64;
                case "SCMP_ARCH_LOONGARCH64":
                    return SeccompArchitecture.LoongArch64;

                // Known words of the specification for machines that this program does not run on.
                case "SCMP_ARCH_MIPS" or "SCMP_ARCH_MIPS64" or "SCMP_ARCH_MIPS64N32" or "SCMP_ARCH_MIPSEL" or "SCMP_ARCH_MIPSEL64N32"
                    or "SCMP_ARCH_PPC" or "SCMP_ARCH_PPC64" or "SCMP_ARCH_PARISC" or "SCMP_ARCH_PARISC64" or "SCMP_ARCH_M68K" or "SCMP_ARCH_SH" or "SCMP_ARCH_SHEB":
                    return null;
                default:
                    Problems.Add($"{path}: unknown architecture \"{name}\"");
                    return null;
            }
        }

        private SeccompAction Action(Dictionary<string, JsonElement> members, string name, string errnoName, string path, SeccompAction fallback)
        {
            string at = path.Length == 0 ? name : $"{path}.{name}";
            string action = members.TryGetValue(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
            ulong errno = members.TryGetValue(errnoName, out JsonElement number) && number.ValueKind != JsonValueKind.Null ? Number(members, errnoName, path) : (ulong)Errno.EPERM;
            if (errno > 4095)
            {
                Problems.Add($"{(path.Length == 0 ? errnoName : $"{path}.{errnoName}")}: {errno} is not an error number");
                errno = (ulong)Errno.EPERM;
            }

            switch (action)
            {
                case "SCMP_ACT_ALLOW":
                    return SeccompAction.Allow;
                case "SCMP_ACT_ERRNO":
                    return SeccompAction.Error((Errno)errno);
                case "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD":
                    return SeccompAction.KillThread;
                case "SCMP_ACT_KILL_PROCESS":
                    return SeccompAction.KillProcess;
                case "SCMP_ACT_TRAP":
                    return SeccompAction.Trap;
                case "SCMP_ACT_TRACE":
                    return SeccompAction.Trace((ushort)errno);
                case "SCMP_ACT_LOG":
                    return SeccompAction.Log;
                case "SCMP_ACT_NOTIFY":
                    Problems.Add($"{at}: user notification is not supported");
                    return fallback;
                default:
                    Problems.Add($"{at}: unknown action \"{action}\"");
                    return fallback;
            }
        }

        private ulong Number(Dictionary<string, JsonElement> members, string name, string path)
        {
            if (!members.TryGetValue(name, out JsonElement element))
            {
                return 0;
            }

            if (element.ValueKind == JsonValueKind.Number && element.TryGetUInt64(out ulong value))
            {
                return value;
            }

            Problems.Add($"{(path.Length == 0 ? name : $"{path}.{name}")}: not an unsigned number");
            return 0;
        }

        private IEnumerable<string> Strings(Dictionary<string, JsonElement> members, string name, string path)
        {
            foreach ((JsonElement element, string at) in Elements(members, name, path))
            {
                if (element.ValueKind == JsonValueKind.String)
                {
                    yield return element.GetString()!;
                }
                else
                {
                    Problems.Add($"{at}: not a string");
                }
            }
        }

        private IEnumerable<(JsonElement Element, string Path)> Elements(Dictionary<string, JsonElement> members, string name, string path)
        {
            string at = path.Length == 0 ? name : $"{path}.{name}";
            if (!members.TryGetValue(name, out JsonElement list) || list.ValueKind == JsonValueKind.Null)
            {
                yield break;
            }

            if (list.ValueKind != JsonValueKind.Array)
            {
                Problems.Add($"{at}: not a list");
                yield break;
            }

            int i = 0;
            foreach (JsonElement element in list.EnumerateArray())
            {
                yield return (element, $"{at}[{i++}]");
            }
        }

        private Dictionary<string, JsonElement>? Members(JsonElement element, string path, params string[] known)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                Problems.Add(path.Length == 0 ? "not an object" : $"{path}: not an object");
                return null;
            }

            var members = new Dictionary<string, JsonElement>();
            foreach (JsonProperty property in element.EnumerateObject())
            {
                string at = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                if (!known.Contains(property.Name))
                {
                    Problems.Add($"{at}: unknown member");
                }
                else if (!members.TryAdd(property.Name, property.Value))
                {
                    Problems.Add($"{at}: given twice");
                }
            }

            return members;
        }
    }
}
