using System.Globalization;
using System.Text;

namespace PodAgent.Network;

/// <summary>Reads and writes /etc/resolv.conf (resolv.conf(5)), within the limits that Kubernetes gives a pod.</summary>
public static class ResolvConf
{
    /// <summary>The resolver of the C library uses three name servers at most.</summary>
    public const int MaxNameservers = 3;

    /// <summary>Search domains of a pod at most.</summary>
    public const int MaxSearches = 32;

    /// <summary>Characters of all search domains, with the spaces between them, at most.</summary>
    public const int MaxSearchLength = 2048;

    /// <summary>Characters of one search domain at most.</summary>
    public const int MaxDomainLength = 255;

    /// <summary>Reads a file. As for the resolver, the last <c>search</c> or <c>domain</c> line counts, and unknown lines do not.</summary>
    public static ResolverConfiguration Parse(string text)
    {
        List<string> nameservers = [];
        List<string> searches = [];
        List<string> options = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
            {
                continue;
            }

            switch (words[0])
            {
                case "nameserver":
                    nameservers.Add(words[1]);
                    break;
                case "search" or "domain":
                    // A lone dot means the root, which completes nothing.
                    searches = [.. words.Skip(1).Where(domain => domain != ".").Select(domain => domain.TrimEnd('.'))];
                    break;
                case "options":
                    options.AddRange(words.Skip(1).Where(option => !options.Contains(option)));
                    break;
            }
        }

        return new ResolverConfiguration(nameservers, searches, options);
    }

    /// <summary>Cuts a configuration to what a pod may have, keeping the front of each list.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="omitted">What was cut, in words for an event; empty when nothing was.</param>
    public static ResolverConfiguration Limit(ResolverConfiguration configuration, out IReadOnlyList<string> omitted)
    {
        List<string> cut = [];
        List<string> searches = [];
        int length = 0;
        bool full = false;
        foreach (string domain in configuration.Searches)
        {
            int needed = domain.Length + (searches.Count == 0 ? 0 : 1);
            if (domain.Length > MaxDomainLength)
            {
                cut.Add($"search domain \"{domain[..32]}...\": longer than {MaxDomainLength} characters");
            }
            else if (full || searches.Count == MaxSearches || length + needed > MaxSearchLength)
            {
                // Order is meaning: nothing behind the first that does not fit is taken.
                full = true;
                cut.Add($"search domain \"{domain}\": limits of {MaxSearches} domains and {MaxSearchLength} characters exceeded");
            }
            else
            {
                searches.Add(domain);
                length += needed;
            }
        }

        cut.AddRange(configuration.Nameservers.Skip(MaxNameservers)
            .Select(server => $"nameserver {server}: limit of {MaxNameservers} exceeded"));
        omitted = cut;
        return configuration with { Nameservers = [.. configuration.Nameservers.Take(MaxNameservers)], Searches = searches };
    }

    /// <summary>Writes a file, in the order name servers, search domains, options.</summary>
    public static string Render(ResolverConfiguration configuration)
    {
        var text = new StringBuilder();
        foreach (string server in configuration.Nameservers)
        {
            text.Append(CultureInfo.InvariantCulture, $"nameserver {server}\n");
        }

        if (configuration.Searches.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"search {string.Join(' ', configuration.Searches)}\n");
        }

        if (configuration.Options.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"options {string.Join(' ', configuration.Options)}\n");
        }

        return text.ToString();
    }
}
