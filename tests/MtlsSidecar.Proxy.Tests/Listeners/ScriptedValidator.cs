using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Listeners;

/// <summary>A validator that says what a test wants, and lets something happen right after its first verdict.</summary>
internal sealed class ScriptedValidator : ICertificateValidator
{
    private long _generation;

    public bool Rejects { get; set; }

    public DateTimeOffset ValidUntil { get; set; } = DateTimeOffset.MaxValue;

    public bool WaitsForever { get; set; }

    /// <summary>Runs once, after the first verdict and before it is acted on.</summary>
    public Action? OnJudged { get; set; }

    public int Judged { get; private set; }

    public string Name => "Scripted";

    public long Generation => _generation;

    public void Change(bool rejects)
    {
        Rejects = rejects;
        _generation++;
    }

    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        Judged++;
        if (WaitsForever)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        CertificateVerdict verdict = Rejects
            ? new CertificateVerdict.Rejected(new PeerRejection(RejectionReason.Revoked, "revoked"))
            : new CertificateVerdict.Accepted(ValidUntil);
        var onJudged = OnJudged;
        OnJudged = null;
        onJudged?.Invoke();
        return verdict;
    }
}
