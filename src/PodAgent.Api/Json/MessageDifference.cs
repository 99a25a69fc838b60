using System.Globalization;
using Google.Protobuf;
using PodAgent.Api.Documents;

namespace PodAgent.Api.Json;

/// <summary>
/// Compares messages by what they mean in JSON: a zero that was sent and one that was left out are the same where the published types do not
/// tell them apart.
/// </summary>
public static class MessageDifference
{
    /// <summary>The paths at which two messages of the same type differ.</summary>
    /// <param name="left">One message.</param>
    /// <param name="right">Another one of the same type.</param>
    /// <param name="path">The path of the messages themselves, in front of every path returned; may be empty.</param>
    /// <returns>Field paths in alphabetical order, empty when the messages mean the same.</returns>
    public static IReadOnlyList<string> Find(IMessage left, IMessage right, string path = "")
    {
        List<string> paths = [];
        Compare(MessageWriter.WriteRoot(left), MessageWriter.WriteRoot(right), path, paths);
        return paths;
    }

    private static void Compare(DocumentNode? left, DocumentNode? right, string path, List<string> paths)
    {
        // An empty object and none at all differ: `emptyDir: {}` is a volume, nothing is not.
        if (left is MappingNode leftObject && right is MappingNode rightObject)
        {
            CompareObjects(leftObject, rightObject, path, paths);
        }
        else if (left is SequenceNode leftList && right is SequenceNode rightList && leftList.Items.Count == rightList.Items.Count)
        {
            for (int index = 0; index < leftList.Items.Count; index++)
            {
                Compare(leftList.Items[index], rightList.Items[index], string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), paths);
            }
        }
        else if (left is not ScalarNode leftScalar || right is not ScalarNode rightScalar
            || leftScalar.Kind != rightScalar.Kind || leftScalar.Text != rightScalar.Text)
        {
            paths.Add(path);
        }
    }

    private static void CompareObjects(MappingNode left, MappingNode right, string path, List<string> paths)
    {
        IEnumerable<string> keys = left.Entries.Concat(right.Entries).Select(entry => entry.Key).Distinct().Order(StringComparer.Ordinal);
        foreach (string key in keys)
        {
            Compare(left.Find(key), right.Find(key), path.Length == 0 ? key : $"{path}.{key}", paths);
        }
    }
}
