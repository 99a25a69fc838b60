using System.Buffers.Text;
using System.Security.Cryptography;
using Google.Protobuf;
using PodAgent.Linux;

namespace PodAgent.Cri.Streams;

/// <summary>
/// Requests that wait for their client to come to the streaming server: each behind a token that nobody can guess, good for one use within
/// a minute.
/// </summary>
internal sealed class StreamTickets(TimeProvider time)
{
    /// <summary>Requests that may wait at once, as many as containerd lets wait.</summary>
    public const int MaxWaiting = 1000;

    private const int TokenBytes = 6;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, IMessage> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<(string Token, long IssuedAt)> _byAge = [];

    /// <summary>Keeps a request and names it.</summary>
    /// <exception cref="AgentException">ResourceExhausted: too many wait.</exception>
    public string Issue(IMessage request)
    {
        lock (_gate)
        {
            Expire();
            if (_waiting.Count >= MaxWaiting)
            {
                throw new AgentException(
                    ErrorKind.ResourceExhausted, $"{MaxWaiting} streaming requests wait for their clients; connect to them or wait a minute");
            }

            string token;
            do
            {
                token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
            }
            while (!_waiting.TryAdd(token, request));
            _byAge.Enqueue((token, time.GetTimestamp()));
            return token;
        }
    }

    /// <summary>Hands a request out, once; null: never issued, used, or too old.</summary>
    public IMessage? Take(string token)
    {
        lock (_gate)
        {
            Expire();
            return _waiting.Remove(token, out IMessage? request) ? request : null;
        }
    }

    private void Expire()
    {
        while (_byAge.TryPeek(out (string Token, long IssuedAt) oldest)
            && (time.GetElapsedTime(oldest.IssuedAt) >= s_lifetime || !_waiting.ContainsKey(oldest.Token)))
        {
            _byAge.Dequeue();
            _waiting.Remove(oldest.Token);
        }
    }
}
