using System.Diagnostics;

namespace PodAgent.RootTests.Security;

/// <summary>
/// A small C program, compiled by the test, that loads a filter from a file as a container's process would and then tries system calls.
/// </summary>
public sealed class SeccompProbe : IDisposable
{
    private const string Source =
        """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sched.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>

        static void try_call(const char *name, long result) { printf("%s %d\n", name, result < 0 ? errno : 0); }

        int main(int argc, char **argv)
        {
            static struct sock_filter code[8192];
            int fd = open(argv[1], O_RDONLY);
            long size = read(fd, code, sizeof code);
            struct sock_fprog program = { .len = size / 8, .filter = code };
            char *directory = argv[2];
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
                printf("load %d\n", errno);
                return 1;
            }
            try_call("mkdir", syscall(SYS_mkdir, directory, 0700));
            try_call("rmdir", syscall(SYS_rmdir, directory));
            try_call("unshare", syscall(SYS_unshare, CLONE_NEWUTS));
            try_call("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
            try_call("mount", syscall(SYS_mount, 0, 0, 0, 0, 0));
            try_call("clone3", syscall(SYS_clone3, 0, 0));
            try_call("vsock", syscall(SYS_socket, 40L, 1, 0));
            try_call("vsock64", syscall(SYS_socket, 0x100000028L, 1, 0));
            try_call("unix", syscall(SYS_socket, 1, 1, 0));
            try_call("unknown", syscall(1000));
            fflush(stdout);
            pid_t child = fork();
            if (child == 0) _exit(7);
            int status = 0;
            waitpid(child, &status, 0);
            printf("fork %d\n", WEXITSTATUS(status));
            fflush(stdout);
            /* int 0x80: mkdir of the 32-bit table, with a null pointer */
            long result;
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(39), "b"(0), "c"(0) : "memory");
            printf("mkdir32 %ld\n", -result);
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(310), "b"(0x04000000) : "memory");
            printf("unshare32 %ld\n", -result);
            return 0;
        }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("seccomp-probe-").FullName;

    public SeccompProbe()
    {
        File.WriteAllText(_directory + "/probe.c", Source);
        using Process compiler = Process.Start("gcc", ["-O1", "-o", _directory + "/probe", _directory + "/probe.c"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>The error number of each call, 0 when it succeeded.</summary>
    public IReadOnlyDictionary<string, int> Run(byte[] program)
    {
        File.WriteAllBytes(_directory + "/filter", program);
        using Process probe = Process.Start(new ProcessStartInfo(_directory + "/probe", [_directory + "/filter", _directory + "/made"]) { RedirectStandardOutput = true })!;
        string output = probe.StandardOutput.ReadToEnd();
        probe.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))
            .ToDictionary(l => l[0], l => int.Parse(l[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
