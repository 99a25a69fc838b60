using System.Runtime.InteropServices;
using PodAgent.Linux.Native;
using PodAgent.Linux.Netlink;

namespace PodAgent.Linux.Nftables;

/// <summary>
/// A libnftables context: runs commands in the nft(8) language against the network namespace of the thread that opened it. A context is
/// not thread-safe; the owner serialises. All commands of one call are one transaction: all of them happen or none.
/// </summary>
public sealed class NftContext : SafeHandle
{
    private NftContext(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Opens a context in the calling thread's network namespace.</summary>
    /// <exception cref="AgentException">FailedPrecondition: the library or the kernel's nf_tables is missing.</exception>
    public static NftContext Open()
    {
        try
        {
            // The library ends the process when it cannot open its socket: find out first.
            NetlinkSocket.OpenNetfilter().Dispose();
            nint context = LibNftables.nft_ctx_new(0);
            if (context == 0)
            {
                throw new AgentException(ErrorKind.ResourceExhausted, "cannot make an nftables context: out of memory");
            }

            var result = new NftContext(context);
            if (LibNftables.nft_ctx_buffer_error(context) != 0 || LibNftables.nft_ctx_buffer_output(context) != 0)
            {
                result.Dispose();
                throw new AgentException(ErrorKind.ResourceExhausted, "cannot make an nftables context: out of memory");
            }

            return result;
        }
        catch (DllNotFoundException e)
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition,
                "cannot program nftables: libnftables.so.1 is not on this host (Debian package libnftables1)",
                e);
        }
        catch (LinuxException e)
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition, $"cannot program nftables: the kernel does not offer netfilter over netlink: {e.Message}", e);
        }
    }

    /// <summary>Runs commands as one transaction and returns what they print.</summary>
    /// <param name="commands">Text in the nft(8) language. Build it from typed values only: there is no quoting in that language.</param>
    /// <exception cref="AgentException">Internal: the commands were refused; the message carries the library's first line.</exception>
    public string Run(string commands)
    {
        int result = LibNftables.nft_run_cmd_from_buffer(handle, commands);
        // Both buffers restart with the next command only after they have been read.
        string output = Marshal.PtrToStringUTF8(LibNftables.nft_ctx_get_output_buffer(handle)) ?? "";
        string error = Marshal.PtrToStringUTF8(LibNftables.nft_ctx_get_error_buffer(handle)) ?? "";
        if (result == 0)
        {
            return output;
        }

        string first = error.Split('\n', 2)[0].Trim();
        throw new AgentException(ErrorKind.Internal, $"nftables refused a change: {(first.Length > 0 ? first : "no reason given")}");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibNftables.nft_ctx_free(handle);
        return true;
    }
}
