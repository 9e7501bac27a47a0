namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Answers from OCSP responders: out of memory when the certificate was asked for before, else by a request that a handshake waits for.</summary>
public sealed class OcspRevocationSource(OcspStore store) : IRevocationSource
{
    /// <inheritdoc/>
    public long Generation => store.Generation;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (store.Find(question, out var refusal) is not { } certificate)
        {
            return new(refusal!);
        }

        if (certificate.Recall() is { } known)
        {
            return new(known);
        }

        return certificate.Obtain() is { } request ? WaitAsync(certificate, request, question.At, cancellationToken) : new(certificate.Explain(question.At));
    }

    private async ValueTask<RevocationAnswer> WaitAsync(OcspCertificate certificate, Task request, DateTimeOffset at, CancellationToken cancellationToken)
    {
        using var enough = store.StartWait();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await request.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Waited long enough, or the process ends; the request goes on for those who come later.
        }

        return certificate.Recall() ?? certificate.Explain(at);
    }
}
