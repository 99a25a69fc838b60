using System.Text;
using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>posix_spawn(3): starts a program from a multi-threaded process without running any code of ours in between.</summary>
public static unsafe class ProcessSpawning
{
    /// <summary>
    /// Starts a program in a new session with / as working directory, default signal dispositions and /dev/null as standard streams.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">With argument zero.</param>
    /// <param name="environment">NAME=value.</param>
    /// <param name="blockedSignals">The signal mask it starts with (<see cref="SignalMask.Of"/>).</param>
    /// <param name="inherited">Become descriptors 3, 4, ... of the program.</param>
    /// <returns>Its process ID. It is a child of the caller, to be reaped.</returns>
    /// <exception cref="LinuxException">The program could not be started.</exception>
    public static int Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ulong blockedSignals, params ReadOnlySpan<Fd> inherited)
    {
        using Fd none = FileTree.Open("/dev/null", OpenFlags.ReadWrite);
        using var argv = new StringVector(arguments);
        using var envp = new StringVector(environment);

        // A source below 3 + count would be overwritten before its turn: lift all of them above.
        var lifted = new Fd[inherited.Length];
        posix_spawn_file_actions actions;
        posix_spawnattr attributes;
        Check(Libc.posix_spawn_file_actions_init(&actions), path);
        Check(Libc.posix_spawnattr_init(&attributes), path);
        try
        {
            for (int stream = 0; stream < 3; stream++)
            {
                Check(Libc.posix_spawn_file_actions_adddup2(&actions, none.Number, stream), path);
            }

            for (int i = 0; i < lifted.Length; i++)
            {
                lifted[i] = FileTree.Duplicate(inherited[i], 3 + lifted.Length);
                Check(Libc.posix_spawn_file_actions_adddup2(&actions, lifted[i].Number, 3 + i), path);
            }

            fixed (byte* root = "/\0"u8)
            {
                Check(Libc.posix_spawn_file_actions_addchdir_np(&actions, root), path);
            }

            // sigset_t is 1024 bits here, of which the kernel knows 64.
            ulong* set = stackalloc ulong[16];
            new Span<ulong>(set, 16).Clear();
            set[0] = blockedSignals;
            Check(Libc.posix_spawnattr_setsigmask(&attributes, set), path);
            new Span<ulong>(set, 16).Fill(ulong.MaxValue);
            Check(Libc.posix_spawnattr_setsigdefault(&attributes, set), path);
            Check(Libc.posix_spawnattr_setflags(&attributes, SpawnConstants.POSIX_SPAWN_SETSID | SpawnConstants.POSIX_SPAWN_SETSIGMASK | SpawnConstants.POSIX_SPAWN_SETSIGDEF), path);

            int pid;
            fixed (byte* program = Encoding.UTF8.GetBytes(path + '\0'))
            {
                Check(Libc.posix_spawn(&pid, program, &actions, &attributes, argv.Pointer, envp.Pointer), path);
            }

            return pid;
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(&attributes);
            _ = Libc.posix_spawn_file_actions_destroy(&actions);
            foreach (Fd fd in lifted)
            {
                fd?.Dispose();
            }
        }
    }

    private static void Check(int error, string path)
    {
        if (error != 0)
        {
            Libc.Throw("posix_spawn(3)", path, (Errno)error);
        }
    }
}
