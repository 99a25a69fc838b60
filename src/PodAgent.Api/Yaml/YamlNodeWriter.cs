using System.Globalization;
using System.Text;
using PodAgent.Api.Documents;

namespace PodAgent.Api.Yaml;

/// <summary>Writes nodes in block style: two spaces per level, lists level with the key that holds them.</summary>
internal sealed class YamlNodeWriter(StringBuilder output)
{
    public void WriteDocument(DocumentNode root)
    {
        if (root is MappingNode { Entries.Count: > 0 } mapping)
        {
            WriteEntries(mapping, 0, indentFirst: true);
        }
        else if (root is SequenceNode { Items.Count: > 0 } sequence)
        {
            WriteItems(sequence, 0, indentFirst: true);
        }
        else
        {
            WriteInline(root, 0);
        }
    }

    private void WriteEntries(MappingNode mapping, int indent, bool indentFirst)
    {
        foreach (MappingEntry entry in mapping.Entries)
        {
            Indent(indentFirst ? indent : 0);
            indentFirst = true;
            output.Append(YamlText.Key(entry.Key)).Append(':');
            switch (entry.Value)
            {
                case MappingNode { Entries.Count: > 0 } inner:
                    output.Append('\n');
                    WriteEntries(inner, indent + 2, indentFirst: true);
                    break;
                case SequenceNode { Items.Count: > 0 } items:
                    output.Append('\n');
                    WriteItems(items, indent, indentFirst: true);
                    break;
                default:
                    output.Append(' ');
                    WriteInline(entry.Value, indent);
                    break;
            }
        }
    }

    private void WriteItems(SequenceNode sequence, int indent, bool indentFirst)
    {
        foreach (DocumentNode item in sequence.Items)
        {
            Indent(indentFirst ? indent : 0);
            indentFirst = true;
            output.Append("- ");
            switch (item)
            {
                case MappingNode { Entries.Count: > 0 } inner:
                    WriteEntries(inner, indent + 2, indentFirst: false);
                    break;
                case SequenceNode { Items.Count: > 0 } items:
                    WriteItems(items, indent + 2, indentFirst: false);
                    break;
                default:
                    WriteInline(item, indent);
                    break;
            }
        }
    }

    private void WriteInline(DocumentNode node, int indent)
    {
        switch (node)
        {
            case MappingNode:
                output.Append("{}");
                break;
            case SequenceNode:
                output.Append("[]");
                break;
            case ScalarNode { Kind: ScalarKind.String } text:
                YamlText.Write(output, text.Text, indent);
                break;
            case ScalarNode { Kind: ScalarKind.Integer } integer:
                output.Append(integer.Integer.ToString(CultureInfo.InvariantCulture));
                break;
            case ScalarNode scalar:
                output.Append(scalar.Text);
                break;
        }

        output.Append('\n');
    }

    private void Indent(int spaces) => output.Append(' ', spaces);
}
