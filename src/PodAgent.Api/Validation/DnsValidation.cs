using PodAgent.Api.Core;

namespace PodAgent.Api.Validation;

/// <summary>The rules for <c>dnsConfig</c>; the limits are those of the resolver in the C library.</summary>
internal static class DnsValidation
{
    private const int MaxNameservers = 3;
    private const int MaxSearchPaths = 32;
    private const int MaxSearchCharacters = 2048;

    public static void Validate(PodSpec spec, FieldErrors errors)
    {
        PodDNSConfig? config = spec.DnsConfig;
        if (spec.DnsPolicy == "None" && config is not { Nameservers.Count: > 0 })
        {
            errors.Required(config is null ? "spec.dnsConfig" : "spec.dnsConfig.nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }

        if (config is null)
        {
            return;
        }

        if (config.Nameservers.Count > MaxNameservers)
        {
            errors.TooMany("spec.dnsConfig.nameservers", config.Nameservers.Count, MaxNameservers);
        }

        for (int index = 0; index < config.Nameservers.Count; index++)
        {
            errors.Invalid($"spec.dnsConfig.nameservers[{index}]", config.Nameservers[index], NameRules.IpAddress(config.Nameservers[index]));
        }

        ValidateSearches(config, errors);
        for (int index = 0; index < config.Options.Count; index++)
        {
            if (config.Options[index].Name.Length == 0)
            {
                errors.Required($"spec.dnsConfig.options[{index}].name");
            }
        }
    }

    private static void ValidateSearches(PodDNSConfig config, FieldErrors errors)
    {
        if (config.Searches.Count > MaxSearchPaths)
        {
            errors.TooMany("spec.dnsConfig.searches", config.Searches.Count, MaxSearchPaths);
        }

        int length = config.Searches.Sum(search => search.Length) + Math.Max(config.Searches.Count - 1, 0);
        if (length > MaxSearchCharacters)
        {
            errors.Invalid("spec.dnsConfig.searches", string.Join(' ', config.Searches),
                $"must not have more than {MaxSearchCharacters} characters (including spaces) in the search list");
        }

        for (int index = 0; index < config.Searches.Count; index++)
        {
            // The root alone and a closing dot are both meaningful; underscores occur in service names.
            string search = config.Searches[index];
            string name = search.EndsWith('.') ? search[..^1] : search;
            if (search != ".")
            {
                errors.Invalid($"spec.dnsConfig.searches[{index}]", search, NameRules.Subdomain(name.Replace('_', 'x')));
            }
        }
    }
}
