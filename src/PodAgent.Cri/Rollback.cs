namespace PodAgent.Cri;

/// <summary>
/// What an operation has done so far, to be undone in reverse order unless it commits. Undoing has a time limit of its own, because
/// the caller's token may be the very reason for it.
/// </summary>
internal sealed class Rollback(TimeSpan timeout, TimeProvider time)
{
    private readonly Stack<(string What, Func<CancellationToken, Task> Undo)> _steps = new();

    public void Push(string what, Func<CancellationToken, Task> undo) => _steps.Push((what, undo));

    public void Push(string what, Action undo) => Push(what, _ =>
    {
        undo();
        return Task.CompletedTask;
    });

    public void Commit() => _steps.Clear();

    /// <summary>Undoes every step, whatever fails, and returns what failed, in words.</summary>
    public async Task<IReadOnlyList<string>> UndoAsync()
    {
        var failures = new List<string>();
        using var limit = new CancellationTokenSource(timeout, time);
        while (_steps.TryPop(out var step))
        {
            try
            {
                await step.Undo(limit.Token).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                failures.Add($"{step.What}: {failure.Message}");
            }
        }

        return failures;
    }
}
