using System.Runtime.InteropServices;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Netlink;

/// <summary>Takes datagrams from the kernel apart: acknowledgements, errors with their text, the end of a dump, and everything else.</summary>
internal static class NetlinkAnswers
{
    /// <summary>Reads one datagram and returns how many of the requests it concludes. Refusals are added to
    /// <paramref name="failures"/>.</summary>
    public static int Read(
        ReadOnlySpan<byte> datagram,
        IReadOnlyList<NetlinkRequest> requests,
        List<NetlinkMessage> replies,
        List<LinuxException> failures,
        out bool interrupted)
    {
        int headerSize = NetlinkBatch.Size<NlMsgHdr>();
        int concluded = 0;
        interrupted = false;
        while (datagram.Length >= headerSize)
        {
            NlMsgHdr header = MemoryMarshal.Read<NlMsgHdr>(datagram);
            if (header.nlmsg_len < headerSize || header.nlmsg_len > datagram.Length)
            {
                break;
            }

            ReadOnlySpan<byte> payload = datagram[headerSize..(int)header.nlmsg_len];
            datagram = datagram[Math.Min(NetlinkBatch.Align((int)header.nlmsg_len), datagram.Length)..];
            // An answer to nobody here is left over from a conversation that failed half way.
            if (!TryFind(requests, header.nlmsg_seq, out NetlinkRequest request))
            {
                continue;
            }

            interrupted |= (header.nlmsg_flags & NetlinkConstants.NLM_F_DUMP_INTR) != 0;
            switch (header.nlmsg_type)
            {
                case NetlinkConstants.NLMSG_NOOP:
                    break;
                case NetlinkConstants.NLMSG_ERROR or NetlinkConstants.NLMSG_DONE:
                    concluded++;
                    if (Failure(header, payload, request) is { } failure)
                    {
                        failures.Add(failure);
                    }

                    break;
                default:
                    replies.Add(new NetlinkMessage(header.nlmsg_type, payload.ToArray()));
                    break;
            }
        }

        return concluded;
    }

    private static bool TryFind(IReadOnlyList<NetlinkRequest> requests, uint sequence, out NetlinkRequest found)
    {
        foreach (NetlinkRequest request in requests)
        {
            if (request.Sequence == sequence)
            {
                found = request;
                return true;
            }
        }

        found = default;
        return false;
    }

    private static LinuxException? Failure(NlMsgHdr header, ReadOnlySpan<byte> payload, NetlinkRequest request)
    {
        int code = payload.Length >= sizeof(int) ? MemoryMarshal.Read<int>(payload) : 0;
        if (code >= 0)
        {
            return null;
        }

        string? text = header.nlmsg_type == NetlinkConstants.NLMSG_ERROR ? ErrorText(header, payload) : null;
        string subject = text is null ? request.Subject : $"{request.Subject}: {text}";
        return new LinuxException(request.Operation, subject, (Errno)(-code));
    }

    // The text follows the error number and the request's header, or the whole request where the kernel did not cap it.
    private static string? ErrorText(NlMsgHdr header, ReadOnlySpan<byte> payload)
    {
        if ((header.nlmsg_flags & NetlinkConstants.NLM_F_ACK_TLVS) == 0)
        {
            return null;
        }

        int headerSize = NetlinkBatch.Size<NlMsgHdr>();
        int offset = sizeof(int) + headerSize;
        if (payload.Length < offset)
        {
            return null;
        }

        if ((header.nlmsg_flags & NetlinkConstants.NLM_F_CAPPED) == 0)
        {
            NlMsgHdr echoed = MemoryMarshal.Read<NlMsgHdr>(payload[sizeof(int)..]);
            offset = sizeof(int) + NetlinkBatch.Align((int)Math.Min(echoed.nlmsg_len, (uint)payload.Length));
        }

        var attributes = new NetlinkAttributeReader(payload[Math.Min(offset, payload.Length)..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NetlinkConstants.NLMSGERR_ATTR_MSG)
            {
                return attributes.Text();
            }
        }

        return null;
    }
}
