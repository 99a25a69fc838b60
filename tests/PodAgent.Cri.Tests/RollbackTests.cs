namespace PodAgent.Cri.Tests;

public sealed class RollbackTests
{
    [Fact]
    public async Task UndoAsync_Steps_AreUndoneInReverseWhateverFails()
    {
        var undone = new List<string>();
        var rollback = new Rollback(TimeSpan.FromSeconds(10), TimeProvider.System);
        rollback.Push("first", () => undone.Add("first"));
        rollback.Push("second", () => throw new IOException("stuck"));
        rollback.Push("third", () => undone.Add("third"));
        IReadOnlyList<string> failures = await rollback.UndoAsync();
        Assert.Equal(["third", "first"], undone);
        Assert.Equal(["second: stuck"], failures);
    }

    [Fact]
    public async Task UndoAsync_AfterCommit_DoesNothing()
    {
        var rollback = new Rollback(TimeSpan.FromSeconds(10), TimeProvider.System);
        rollback.Push("first", () => throw new IOException("must not run"));
        rollback.Commit();
        Assert.Empty(await rollback.UndoAsync());
    }
}
