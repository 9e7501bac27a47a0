using System.Threading.Channels;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Connections;

/// <summary>Answers when the test lets it, whatever the deadline.</summary>
internal sealed class HangingValidator : ICertificateValidator
{
    public Channel<PeerIdentity> Asked { get; } = Channel.CreateUnbounded<PeerIdentity>();

    public TaskCompletionSource Release { get; } = new();

    /// <summary>The deadline of the latest question.</summary>
    public CancellationToken Deadline { get; private set; }

    public string Name => "Hanging";

    public long Generation => 0;

    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        Deadline = cancellationToken;
        Asked.Writer.TryWrite(candidate.Identity);
        await Release.Task;
        return new CertificateVerdict.Accepted(DateTimeOffset.MaxValue);
    }
}
