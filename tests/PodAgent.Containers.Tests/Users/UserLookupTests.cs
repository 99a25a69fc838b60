using PodAgent.Containers.Users;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Users;

public sealed class UserLookupTests : IDisposable
{
    private const string Passwd =
        """
        # comment
        root:x:0:0:root:/root:/bin/sh
        www:x:33:34:web:/var/www:/bin/false
        nohome:x:40:41
        broken:x:abc:1::/:
        1000:x:7:7:a name of digits:/seven:/bin/sh
        negative:x:-1:0::/:
        huge:x:4294967296:0::/:
        """;

    private const string Group =
        """
        root:x:0:
        web:x:34:www
        audio:x:29:www,other
        video:x:44:other,www,
        self:x:34:www
        broken
        bad:x:99999999999:www
        """;

    private readonly RootfsFixture _rootfs = new RootfsFixture().Passwd(Passwd).Group(Group);

    public void Dispose() => _rootfs.Dispose();

    [Theory]
    [InlineData("", 0, 0, "root", "/root")]
    [InlineData("0", 0, 0, "root", "/root")]
    [InlineData("root", 0, 0, "root", "/root")]
    [InlineData("www", 33, 34, "www", "/var/www")]
    [InlineData("33", 33, 34, "www", "/var/www")]
    [InlineData("www:audio", 33, 29, "www", "/var/www")]
    [InlineData("www:0", 33, 0, "www", "/var/www")]
    [InlineData(":audio", 0, 29, "root", "/root")]
    [InlineData("1234", 1234, 0, null, "/")]
    [InlineData("1234:5678", 1234, 5678, null, "/")]
    [InlineData("0033:0034", 33, 34, "www", "/var/www")]
    [InlineData("1000", 1000, 0, null, "/")] // digits are a number, not the entry with that name
    [InlineData("nohome", 40, 41, "nohome", "/")]
    [InlineData("2147483647", 2147483647, 0, null, "/")]
    public void Resolve_KnownForm_GivesUserGroupAndHome(string user, uint uid, uint gid, string? name, string home)
    {
        ResolvedUser resolved = UserLookup.Resolve(_rootfs.Root, user);

        Assert.Equal((uid, gid, name, home), (resolved.Uid, resolved.Gid, resolved.Name, resolved.Home));
    }

    [Fact]
    public void Resolve_NamedUser_HasTheGroupsThatListIt()
    {
        Assert.Equal([29U, 44U], UserLookup.Resolve(_rootfs.Root, "www").AdditionalGroups);
        Assert.Equal([34U, 44U], UserLookup.Resolve(_rootfs.Root, "33:audio").AdditionalGroups);
        Assert.Empty(UserLookup.Resolve(_rootfs.Root, "1234").AdditionalGroups);
    }

    [Fact]
    public void SupplementaryGroups_NameOrNumber_AreTheSame()
    {
        Assert.Equal([34U, 29U, 44U], UserLookup.SupplementaryGroups(_rootfs.Root, "www"));
        Assert.Equal([34U, 29U, 44U], UserLookup.SupplementaryGroups(_rootfs.Root, "33"));
        Assert.Empty(UserLookup.SupplementaryGroups(_rootfs.Root, "77"));
        Assert.Equal([29U, 44U], UserLookup.SupplementaryGroups(_rootfs.Root, "other"));
    }

    [Theory]
    [InlineData("nobody", "user \"nobody\" not found in /etc/passwd of the image")]
    [InlineData("broken", "user \"broken\" not found in /etc/passwd of the image")]
    [InlineData("negative", "user \"negative\" not found in /etc/passwd of the image")]
    [InlineData("huge", "user \"huge\" not found in /etc/passwd of the image")]
    [InlineData("www:nogroup", "group \"nogroup\" not found in /etc/group of the image")]
    [InlineData("4294967296", "invalid user \"4294967296\": it is not in 0..2147483647")]
    [InlineData("4294967295", "invalid user \"4294967295\": it is not in 0..2147483647")]
    [InlineData("2147483648", "invalid user \"2147483648\": it is not in 0..2147483647")]
    [InlineData("0:2147483648", "invalid group \"2147483648\": it is not in 0..2147483647")]
    [InlineData("18446744073709551616", "invalid user \"18446744073709551616\": it is not in 0..2147483647")]
    [InlineData("-1", "user \"-1\" not found in /etc/passwd of the image")]
    [InlineData("+0", "user \"+0\" not found in /etc/passwd of the image")]
    [InlineData(" 0", "user \" 0\" not found in /etc/passwd of the image")]
    [InlineData("0x0", "user \"0x0\" not found in /etc/passwd of the image")]
    [InlineData("www:", "invalid user \"www:\": expected \"user\" or \"user:group\"")]
    [InlineData(":", "invalid user \":\": expected \"user\" or \"user:group\"")]
    [InlineData("a:b:c", "invalid user \"a:b:c\": expected \"user\" or \"user:group\"")]
    [InlineData("0\n", "invalid user \"0?\": a name has no line break")]
    public void Resolve_NotAUser_SaysWhy(string user, string message)
    {
        AgentException e = Assert.Throws<AgentException>(() => UserLookup.Resolve(_rootfs.Root, user));

        Assert.Equal(ErrorKind.InvalidArgument, e.Kind);
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Resolve_NoAccountFiles_NumbersStillWork()
    {
        using var empty = new RootfsFixture();

        Assert.Equal(new ResolvedUser(0, 0, null, "/", []).ToString(), UserLookup.Resolve(empty.Root, "").ToString());
        Assert.Equal(5U, UserLookup.Resolve(empty.Root, "5:6").Uid);
        Assert.Throws<AgentException>(() => UserLookup.Resolve(empty.Root, "root"));
    }

    [Fact]
    public void Resolve_LinkOutOfTheRoot_StaysInside()
    {
        using var rootfs = new RootfsFixture();
        File.CreateSymbolicLink(rootfs.Path + "/etc/passwd", "/etc/passwd.real");
        File.CreateSymbolicLink(rootfs.Path + "/etc/group", "../../../../etc/group.real");
        File.WriteAllText(rootfs.Path + "/etc/passwd.real", "inside:x:12:13::/in:/\n");
        File.WriteAllText(rootfs.Path + "/etc/group.real", "inner:x:14:inside\n");

        Assert.Equal([14U], UserLookup.Resolve(rootfs.Root, "inside").AdditionalGroups);
    }

    [Fact]
    public void Resolve_PasswdLinksToHostFile_IsNotTheHosts()
    {
        using var rootfs = new RootfsFixture();
        string outside = Path.GetTempFileName();
        try
        {
            File.WriteAllText(outside, "outside:x:1:1::/:/\n");
            File.CreateSymbolicLink(rootfs.Path + "/etc/passwd", outside);

            Assert.Throws<AgentException>(() => UserLookup.Resolve(rootfs.Root, "outside"));
        }
        finally
        {
            File.Delete(outside);
        }
    }

    [Fact]
    public void Resolve_PasswdIsADirectory_IsRefused()
    {
        using var rootfs = new RootfsFixture();
        Directory.CreateDirectory(rootfs.Path + "/etc/passwd");

        AgentException e = Assert.Throws<AgentException>(() => UserLookup.Resolve(rootfs.Root, "0"));

        Assert.Equal("cannot read /etc/passwd of the image: it is not a regular file", e.Message);
    }

    [Fact]
    public void Resolve_HugePasswd_IsRefusedWithoutReadingIt()
    {
        using var rootfs = new RootfsFixture();
        using (FileStream file = File.Create(rootfs.Path + "/etc/passwd"))
        {
            file.SetLength((10L << 20) + 1);
        }

        AgentException e = Assert.Throws<AgentException>(() => UserLookup.Resolve(rootfs.Root, "0"));

        Assert.Equal("cannot read /etc/passwd of the image: it is larger than 10 MiB", e.Message);
    }
}
